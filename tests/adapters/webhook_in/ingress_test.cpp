// The whole way in over TCP: the HTTP server, the hooks, the broker, one subscriber.

#include "adapters/webhook_in/desk.hpp"
#include "http/server.hpp"
#include "support/payloads/payload.hpp"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::webhook_in {
namespace {

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      ADD_FAILURE() << "connect";
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void stop_sending() const { ::shutdown(socket_, SHUT_WR); }

  /// All that the server says until it closes.
  [[nodiscard]] std::string read_all() const {
    std::string all;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; got > 0;) {
      got = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (got > 0) all.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int socket_;
};

std::string head_of(const Post& post, const std::string& framing) {
  std::string head = "POST " + post.path + " HTTP/1.1\r\nHost: hooks.example\r\n";
  for (const auto& [name, value] : post.fields) head.append(name).append(": ").append(value).append("\r\n");
  return head + framing + "\r\n";
}

std::string with_length(const Post& post) {
  return head_of(post, "Content-Length: " + std::to_string(post.body.size()) + "\r\n") + post.body;
}

std::string in_chunks(const Post& post) {
  std::string request = head_of(post, "Transfer-Encoding: chunked\r\n");
  for (const char byte : post.body) request.append("1\r\n").append(1, byte).append("\r\n");
  return request + "0\r\n\r\n";
}

// A body may say HTTP/1.1 too, but no number behind it.
std::vector<int> statuses_in(std::string_view answers) {
  std::vector<int> statuses;
  constexpr std::string_view start = "HTTP/1.1 ";
  for (std::size_t at = answers.find(start); at != std::string_view::npos; at = answers.find(start, at + 1)) {
    const char digit = answers.substr(at + start.size())[0];
    if (digit < '1' || digit > '9') continue;
    statuses.push_back(std::stoi(std::string{answers.substr(at + start.size(), 3)}));
  }
  return statuses;
}

class Ingress : public testing::Test {
 protected:
  /// Sends on a connection of its own, ends sending, and gives all that comes back.
  std::string exchange(const std::string& bytes) {
    const Connection connection{server.port()};
    connection.send(bytes);
    connection.stop_sending();
    return connection.read_all();
  }
  int status_of(const std::string& bytes) {
    const std::vector<int> statuses = statuses_in(exchange(bytes));
    EXPECT_EQ(statuses.size(), 1U);
    return statuses.empty() ? 0 : statuses.front();
  }
  /// Nothing is in flight any more.
  void finish() {
    server.drain(std::chrono::seconds{5});
    desk.broker.close();
  }
  void expect_sums(std::string_view source) {
    const SourceStats stats = desk.stats(source);
    EXPECT_EQ(stats.received, stats.accepted + stats.duplicate + stats.refused_total());
  }

  void SetUp() override { server.start(); }

  static Hook small_hook() {
    Hook hook = hook_of("github", "github");
    hook.payload_bytes_max = 100'000;
    return hook;
  }

  const Hook github = small_hook();
  const Hook gerrit = hook_of("gerrit", "gerrit", "t0ken");
  Desk desk{{github, gerrit}, {.io_threads = 2}, {.workers = 1}};
  http::Server server{{.name = "ingress", .threads = 2, .body_time = std::chrono::milliseconds{300}},
                      desk.hooks.routes()};
};

TEST_F(Ingress, TakesRealBodiesByLengthAndInChunks) {
  const support::Payload push = support::read_payload("github/push");
  const support::Payload merged = support::read_payload("gerrit/change-merged");
  EXPECT_EQ(status_of(with_length(signed_post(github, push.body, push.fields))), 200);
  Lines other_delivery = push.fields;
  for (auto& [name, value] : other_delivery) value = name == "X-GitHub-Delivery" ? "another" : value;
  EXPECT_EQ(status_of(in_chunks(signed_post(github, push.body, other_delivery))), 200);
  EXPECT_EQ(status_of(with_length(signed_post(gerrit, merged.body, merged.fields))), 200);
  finish();
  ASSERT_EQ(desk.events().size(), 3U);
  for (const Seen& seen : desk.events()) {
    EXPECT_EQ(seen.topic, seen.source == "github" ? "github.push" : "gerrit.change-merged");
    EXPECT_TRUE(seen.payload == (seen.source == "github" ? push.body : merged.body));
    EXPECT_EQ(seen.metadata.front(), (std::pair<std::string, std::string>{"host", "hooks.example"}));
  }
}

TEST_F(Ingress, AnswersAsSendersExpect) {
  const std::string answer = exchange(with_length(signed_post(github, "{\"a\":5.0}", {{"X-GitHub-Event", "push"}})));
  finish();
  ASSERT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.events()[0].payload, "{\"a\":5.0}");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nPenstock-Receipt: memory\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n{\"status\":\"accepted\",\"id\":\"" + desk.events()[0].id + "\"}")) << answer;
}

TEST_F(Ingress, TellsSourcesAndTokensApart) {
  EXPECT_EQ(status_of(with_length({.path = "/hooks/gerrit/t0ken", .body = "{}"})), 200);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/gerrit/wrong", .body = "{}"})), 401);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/gerrit", .body = "{}"})), 401);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/gerrit/", .body = "{}"})), 401);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/unknown", .body = "{}"})), 404);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/github/", .body = "{}"})), 404);
  EXPECT_EQ(status_of(with_length({.path = "/hooks/github", .body = "{}"})), 401);
  EXPECT_EQ(status_of("GET /hooks/github HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  finish();
  EXPECT_EQ(desk.events().size(), 1U);
  EXPECT_EQ(desk.stats("gerrit").received, 4U);
  EXPECT_EQ(desk.stats("github").received, 1U);
  expect_sums("gerrit");
  expect_sums("github");
}

TEST_F(Ingress, TakesPipelinedRequestsInOrder) {
  std::string requests;
  for (const char* body : {"1", "2", "3", "4"}) requests += with_length(signed_post(github, body));
  const std::string forged = with_length({.path = "/hooks/github", .body = "{}"});
  EXPECT_EQ(statuses_in(exchange(requests + forged + requests)),
            (std::vector<int>{200, 200, 200, 200, 401, 200, 200, 200, 200}));
  finish();
  std::string order;
  for (const Seen& seen : desk.events()) order += seen.payload;
  EXPECT_EQ(order, "12341234");
  expect_sums("github");
}

TEST_F(Ingress, CountsWhatNeverBecameAnEvent) {
  const Post large = signed_post(github, std::string(100'001, ' '));
  EXPECT_EQ(status_of(with_length(large)), 413);
  EXPECT_EQ(desk.refused("github", Refusal::too_large), 1U);
  EXPECT_EQ(status_of(in_chunks(large)), 413);
  EXPECT_EQ(desk.refused("github", Refusal::too_large), 2U);
  EXPECT_EQ(status_of(head_of(large, "")), 411);
  EXPECT_EQ(desk.refused("github", Refusal::no_length), 1U);
  EXPECT_EQ(status_of(head_of(large, "Content-Length: 10\r\nContent-Encoding: gzip\r\n")), 415);
  EXPECT_EQ(desk.refused("github", Refusal::bad_encoding), 1U);
  EXPECT_EQ(status_of(head_of(large, "Transfer-Encoding: chunked\r\n") + "zz\r\n"), 400);
  EXPECT_EQ(desk.refused("github", Refusal::malformed), 1U);
  exchange(head_of(large, "Content-Length: 10\r\n") + "12345");
  EXPECT_EQ(desk.refused("github", Refusal::cut_short), 1U);
  finish();
  EXPECT_EQ(desk.events().size(), 0U);
  EXPECT_EQ(desk.stats("github").received, 6U);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  expect_sums("github");
}

/// Passes everything on, but has no memory for an answer.
class Speechless : public http::RequestHandler {
 public:
  explicit Speechless(std::unique_ptr<http::RequestHandler> inner) : inner_{std::move(inner)} {}
  http::Begin begin(const http::RequestHead& head, http::Responder& /*responder*/) override {
    return inner_->begin(head, no_memory_);
  }
  std::span<char> room(std::size_t wanted) override { return inner_->room(wanted); }
  void commit(std::size_t bytes) override { inner_->commit(bytes); }
  void end(http::Responder& /*responder*/) override { inner_->end(no_memory_); }
  void cut(http::Cut why) override { inner_->cut(why); }

 private:
  struct NoMemory : Answered {
    void answer(const http::Answer& /*answer*/) override { throw std::bad_alloc{}; }
  };
  std::unique_ptr<http::RequestHandler> inner_;
  NoMemory no_memory_;
};

TEST(SpeechlessIngress, CountsEachEventOnce) {
  const Hook github = hook_of("github", "github");
  Desk desk{{github}};
  std::vector<http::Route> routes = desk.hooks.routes();
  for (http::Route& route : routes) {
    route.make = [make = route.make](std::size_t io_thread) { return std::make_unique<Speechless>(make(io_thread)); };
  }
  http::Server server{{.name = "ingress"}, std::move(routes)};
  server.start();
  Post forged = signed_post(github, "{}");
  forged.body = "{ }";
  const std::array<Post, 3> posts{signed_post(github, "{}"), forged,
                                  signed_post(github, "{}", {{"Content-Encoding", "gzip"}})};
  for (const Post& post : posts) {
    const Connection connection{server.port()};
    connection.send(with_length(post));
    connection.stop_sending();
    EXPECT_EQ(statuses_in(connection.read_all()), std::vector{500});
  }
  server.drain(std::chrono::seconds{5});
  EXPECT_EQ(desk.events().size(), 1U);
  const SourceStats stats = desk.stats("github");
  EXPECT_EQ(stats.received, 3U);
  EXPECT_EQ(stats.accepted, 1U);
  EXPECT_EQ(stats.refused_total(), 2U);
  EXPECT_EQ(desk.refused("github", Refusal::unauthorized), 1U);
}

TEST_F(Ingress, CutsWhoeverIsTooSlow) {
  const Connection slow{server.port()};
  slow.send(head_of({.path = "/hooks/github"}, "Content-Length: 10\r\n") + "12345");
  EXPECT_EQ(statuses_in(slow.read_all()), (std::vector<int>{408}));
  finish();
  EXPECT_EQ(desk.refused("github", Refusal::too_slow), 1U);
  EXPECT_EQ(desk.hooks.unverified_bytes(), 0U);
  expect_sums("github");
}

TEST_F(Ingress, KeepsItsCountsUnderManyConnections) {
  constexpr std::size_t threads = 4;
  constexpr std::size_t rounds = 50;
  const std::string good = with_length(signed_post(github, "{}", {{"X-GitHub-Event", "push"}}));
  const std::string forged = with_length({.path = "/hooks/github", .body = "{}"});
  const std::string all = good + forged + good;
  std::vector<std::thread> senders;
  senders.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    senders.emplace_back([this, &all] {
      for (std::size_t k = 0; k < rounds; ++k) {
        EXPECT_EQ(statuses_in(exchange(all)), (std::vector<int>{200, 401, 200}));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
  finish();
  EXPECT_EQ(desk.events().size(), threads * rounds * 2);
  EXPECT_EQ(desk.stats("github").accepted, threads * rounds * 2);
  EXPECT_EQ(desk.refused("github", Refusal::unauthorized), threads * rounds);
  expect_sums("github");
}

}  // namespace
}  // namespace penstock::webhook_in
