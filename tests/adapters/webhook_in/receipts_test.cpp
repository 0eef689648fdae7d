// With a journal: requests wait for their receipts, and their answers say how safe the event is.

#include "adapters/webhook_in/desk.hpp"
#include "http/server.hpp"
#include "support/broker_maker.hpp"
#include "support/http_client.hpp"
#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace penstock::webhook_in {
namespace {

using support::HttpClient;
using support::Response;

class Receipts : public testing::Test {
 protected:
  Receipts() {
    http::ServerOptions options;
    options.woken = [desks = desks_](std::size_t io_thread) { desks->at(io_thread).give_out(); };
    server_.emplace(std::move(options), hooks_.routes());
    desks_->wake_with(server_->waker());
    server_->start();
  }
  ~Receipts() override { broker_.close(); }

  static Response post(HttpClient& client, const Post& post) {
    return client.ask("POST", post.path, {post.fields.begin(), post.fields.end()}, post.body);
  }
  [[nodiscard]] Post webhook(const std::string& body, const std::string& delivery) const {
    return signed_post(hook_, body, {{"X-GitHub-Delivery", delivery}});
  }

  const test::TemporaryFolder folder_;
  Broker broker_{{.workers = 1, .dedup_bytes_max = 1U << 20U, .journal = JournalOptions{.dir = folder_.text()}}};
  std::shared_ptr<ReceiptDesks> desks_ = ReceiptDesks::make(broker_, 1);
  const Hook hook_ = hook_of("github", "github");
  Hooks hooks_{broker_, {hook_}, {.receipts = desks_}};
  std::optional<http::Server> server_;
};

TEST_F(Receipts, SayTheOffsetOnceTheEventIsOnTheDisk) {
  HttpClient client{server_->port()};
  for (const char* offset : {"1", "2", "3"}) {
    const Response answer = post(client, webhook("{}", offset));
    EXPECT_EQ(answer.status, 200);
    EXPECT_NE(answer.head.find(std::string{"Penstock-Receipt: durable; offset="} + offset + "\r\n"), std::string::npos)
        << answer.head;
    EXPECT_TRUE(answer.body.starts_with(R"({"status":"accepted","id":")")) << answer.body;
    EXPECT_EQ(std::to_string(broker_.stats().journal.next_offset - 1), offset) << "answered before it was there";
  }
}

TEST_F(Receipts, OfARepeatAreThoseOfTheFirst) {
  HttpClient client{server_->port()};
  const Response first = post(client, webhook("{}", "one"));
  post(client, webhook("{}", "two"));
  const Response again = post(client, webhook("{}", "one"));
  EXPECT_EQ(again.status, 200);
  EXPECT_NE(again.head.find("Penstock-Receipt: durable; offset=1\r\n"), std::string::npos) << again.head;
  const std::string id = first.body.substr(first.body.find("\"id\""));
  EXPECT_EQ(again.body, R"({"status":"duplicate",)" + id);
  EXPECT_EQ(broker_.stats().journal.next_offset, 3U);
}

TEST_F(Receipts, OfPipelinedRequestsComeInTheirOrder) {
  HttpClient client{server_->port()};
  std::string both;
  for (const char* delivery : {"one", "two"}) {
    const Post post = webhook("{}", delivery);
    both += "POST " + post.path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
    for (const auto& [name, value] : post.fields) both.append(name).append(": ").append(value).append("\r\n");
    both += "\r\n{}";
  }
  client.send(both);
  EXPECT_NE(client.read_response().head.find("offset=1\r\n"), std::string::npos);
  EXPECT_NE(client.read_response().head.find("offset=2\r\n"), std::string::npos);
}

TEST_F(Receipts, OfSendersThatLeftAreNobodysAndTheirEventsAreKept) {
  const Post post = webhook("{}", "one");
  for (int i = 0; i < 20; ++i) {
    HttpClient leaves{server_->port()};
    std::string request = "POST " + post.path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
    for (const auto& [name, value] : post.fields) {
      const std::string mine = name == "X-GitHub-Delivery" ? std::to_string(i) : value;
      request.append(name).append(": ").append(mine).append("\r\n");
    }
    leaves.send(request + "\r\n{}");
  }
  EXPECT_TRUE(test::eventually([&] { return broker_.stats().journal.next_offset == 21; }));
  HttpClient stays{server_->port()};
  EXPECT_EQ(Receipts::post(stays, webhook("{}", "last")).status, 200);
}

TEST_F(Receipts, OfAForgedRequestThereAreNone) {
  HttpClient client{server_->port()};
  Post forged = webhook("{}", "one");
  forged.body = "[]";
  EXPECT_EQ(post(client, forged).status, 401);
  EXPECT_EQ(broker_.stats().journal.next_offset, 1U);
}

TEST_F(Receipts, AreRefusedWhereTheyCouldNotBeAwaited) {
  EXPECT_THROW((Hooks{broker_, {hook_of("gitlab", "gitlab")}, {}}), SetupError);
  EXPECT_THROW((Hooks{broker_, {hook_of("gitlab", "gitlab")}, {.io_threads = 2, .receipts = desks_}}), SetupError);
}

}  // namespace
}  // namespace penstock::webhook_in
