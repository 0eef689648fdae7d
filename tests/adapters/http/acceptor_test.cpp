// Limits of connections, and a process without descriptors.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace penstock::http {
namespace {

TEST(Acceptor, TellsAConnectionTooManyToComeAgain) {
  const auto notes = std::make_shared<Notes>();
  Server server{{.connections_max = 2, .retry_after = "9"}, {scripted_route("/a", notes)}};
  server.start();
  Peer first{server.port()};
  auto second = std::make_unique<Peer>(server.port());
  first.send(post("/a", "1"));
  second->send(post("/a", "2"));
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second->answer().status, 200);
  Peer third{server.port()};
  const PeerAnswer answer = third.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("retry-after: 9\r\n"));
  EXPECT_TRUE(third.is_closed());
  second.reset();
  ASSERT_TRUE(comes_true([&] { return server.stats().connections == 1; }));
  Peer fourth{server.port()};
  fourth.send(post("/a", "4"));
  EXPECT_EQ(fourth.answer().status, 200);
}

TEST(Acceptor, ExemptsLoopbackFromTheLimitOfOneAddress) {
  const auto notes = std::make_shared<Notes>();
  Server server{{.connections_per_address_max = 1}, {scripted_route("/a", notes)}};
  server.start();
  Peer first{server.port()};
  Peer second{server.port()};
  first.send(post("/a", "1"));
  second.send(post("/a", "2"));
  EXPECT_EQ(first.answer().status, 200);
  EXPECT_EQ(second.answer().status, 200);
}

/// No descriptor is left while this lives: `last` is the lowest that was free.
class NoDescriptors {
 public:
  explicit NoDescriptors(int last) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(last) + 1;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

TEST(Acceptor, RestsWhenNoDescriptorIsLeftAndGoesOnAfterwards) {
  const auto notes = std::make_shared<Notes>();
  Server server{{}, {scripted_route("/a", notes)}};
  server.start();
  // An accept() that finds nobody holds a descriptor for a moment: one whole exchange, and the server is at rest.
  {
    Peer peer{server.port()};
    peer.send(post("/a", "first"));
    ASSERT_EQ(peer.answer().status, 200);
  }
  ASSERT_TRUE(comes_true([&] { return server.stats().connections == 0; }));
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  {
    const NoDescriptors shortage{socket};
    ASSERT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const double before = cpu_seconds();
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    // Five tries cost nearly nothing. A loop without rest takes what it can get, even on a busy machine.
    EXPECT_LT(cpu_seconds() - before, 0.05);
    EXPECT_EQ(server.stats().connections, 0U);
  }
  const std::string request = post("/a", "after the shortage");
  ::send(socket, request.data(), request.size(), MSG_NOSIGNAL);
  std::array<char, 4096> answer{};
  const ssize_t bytes = ::recv(socket, answer.data(), answer.size(), 0);
  ::close(socket);
  ASSERT_GT(bytes, 0);
  EXPECT_EQ(std::string(answer.data(), static_cast<std::size_t>(bytes)).substr(9, 3), "200");
}

}  // namespace
}  // namespace penstock::http
