// Out of memory ends a connection, never an I/O thread, its listener or its deadlines. A program of its own: it
// replaces the allocation functions, the one that Asio takes its operations from among them.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>

namespace {

thread_local bool is_io_thread = false;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<long> good_left{0};          // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<long> bad_left{0};           // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<long> failed{0};             // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// The first `good` allocations of I/O threads from now on succeed, the next `bad` fail.
void fail_after(long good, long bad) {
  good_left = good;
  bad_left = bad;
}

bool fails_now() {
  if (!is_io_thread || bad_left.load() == 0) return false;
  if (good_left.load() > 0) {
    --good_left;
    return false;
  }
  --bad_left;
  ++failed;
  return true;
}

void* allocate(std::size_t bytes) {
  void* const memory = fails_now() ? nullptr : std::malloc(bytes);  // NOLINT(cppcoreguidelines-no-malloc)
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

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the library's names are reserved
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  void* memory = nullptr;
  if (fails_now() || ::posix_memalign(&memory, std::max(alignment, sizeof(void*)), bytes) != 0) return nullptr;
  return memory;
}

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

class OutOfMemory : public testing::Test {
 protected:
  OutOfMemory() {
    Script later;
    later.end = [](const std::string&, Responder& responder) {
      const auto kept = responder.later();
      kept->post([kept] { kept->answer({.body = "late"}); });
    };
    Script stream;
    stream.end = [](const std::string&, Responder& responder) {
      const auto opened = responder.stream({.body = "hello"});
      opened->write(std::string(100'000, 'x'));
      opened->end();
    };
    ServerOptions options{.on_thread_start = [](std::size_t) { is_io_thread = true; }};
    options.idle_time = milliseconds{300};
    server_.emplace(std::move(options),
                    std::vector<Route>{scripted_route("/now", notes_), scripted_route("/later", notes_, later),
                                       scripted_route("/stream", notes_, stream)});
    server_->start();
  }
  void TearDown() override {
    fail_after(0, 0);
    server_->stop();
  }

  /// Connects and asks in every way; each may fail.
  void ask_all() {
    for (const char* path : {"/now", "/later", "/stream"}) {
      Peer peer{server_->port()};
      peer.send(post(path, std::string(30'000, 'x')));
      static_cast<void>(peer.answer());
    }
  }

  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::optional<Server> server_;
};

TEST_F(OutOfMemory, LeavesTheListenerAndTheDeadlinesAtWork) {
  for (long good = 0; good < 24; ++good) {
    const long failed_before = failed;
    fail_after(good, good % 2 == 0 ? 1 : 8);
    ask_all();
    fail_after(0, 0);
    ASSERT_GT(failed, failed_before) << "nothing was tried";
    Peer peer{server_->port()};
    peer.send(post("/later", "after"));
    ASSERT_EQ(peer.answer().body, "late") << "after " << good << " good allocations";
    ASSERT_EQ(peer.receive(), "") << "it is closed when it was idle for too long";
  }
  ASSERT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
  EXPECT_EQ(server_->memory_bytes(), 0U);
}

}  // namespace
}  // namespace penstock::http
