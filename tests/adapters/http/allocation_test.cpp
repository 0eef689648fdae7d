// A keep-alive request costs no allocation once its connection is warm. A program of its own: it replaces operator new.

#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

thread_local bool counted_thread = false;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<long> allocations{0};          // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

void* allocate(std::size_t bytes) {
  if (counted_thread) allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc)
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }                 // NOLINT
void operator delete[](void* memory) noexcept { std::free(memory); }               // NOLINT
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }    // NOLINT
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }  // NOLINT

namespace penstock::http {
namespace {

/// Answers at once, or later through the same loop.
class Fixed : public RequestHandler {
 public:
  Begin begin(const RequestHead& head, Responder& /*responder*/) override {
    late_ = head.query == "late";
    return Begin::read_body;
  }
  std::span<char> room(std::size_t wanted) override { return std::span{room_}.first(std::min(wanted, room_.size())); }
  void commit(std::size_t /*bytes*/) override {}
  void end(Responder& responder) override {
    const Answer answer{.body = R"({"status":"accepted"})"};
    if (late_) {
      responder.later()->answer(answer);
    } else {
      responder.answer(answer);
    }
  }
  void cut(Cut /*why*/) override {}

 private:
  std::array<char, 65'536> room_{};
  bool late_ = false;
};

class Allocations : public testing::Test {
 protected:
  Allocations() {
    std::vector<Route> routes;
    routes.push_back({.method = "POST", .path = "/a", .make = [](std::size_t) { return std::make_unique<Fixed>(); }});
    server_ = std::make_unique<Server>(ServerOptions{.on_thread_start = [](std::size_t) { counted_thread = true; }},
                                       std::move(routes));
    server_->start();
  }

  long in_steady_state(const std::string& request) {
    Peer peer{server_->port()};
    const auto exchange = [&peer, &request](int times) {
      for (int i = 0; i < times; ++i) {
        peer.send(request);
        ASSERT_EQ(peer.answer().status, 200);
      }
    };
    exchange(50);
    const long before = allocations.load();
    exchange(200);
    return allocations.load() - before;
  }

  std::unique_ptr<Server> server_;
};

TEST_F(Allocations, AreNoneForAnEightKilobytePost) {
  EXPECT_EQ(in_steady_state(post("/a", std::string(7'700, 'x'), "X-GitHub-Event: push\r\nX-Other: 1\r\n")), 0);
}

TEST_F(Allocations, AreNoneForALargePost) { EXPECT_EQ(in_steady_state(post("/a", std::string(200'000, 'x'))), 0); }

TEST_F(Allocations, AreNoneForAChunkedPost) {
  EXPECT_EQ(in_steady_state("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            0);
}

TEST_F(Allocations, AreNoneForAnAnswerGivenLater) { EXPECT_EQ(in_steady_state(post("/a?late", "x")), 0); }

TEST_F(Allocations, AreSeenByTheCounterAtAll) {
  const long before = allocations.load();
  Peer peer{server_->port()};
  peer.send(post("/a", "x"));
  ASSERT_EQ(peer.answer().status, 200);
  EXPECT_GT(allocations.load(), before);
}

}  // namespace
}  // namespace penstock::http
