// Server::waker(): other threads have something run on an I/O thread.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::http {
namespace {

class WokenServer : public testing::Test {
 protected:
  void start(std::size_t threads) {
    ServerOptions options;
    options.threads = threads;
    options.woken = [this](std::size_t io_thread) {
      ++calls_;
      if (throws_.exchange(false)) throw std::runtime_error{"fault on purpose"};
      const std::lock_guard lock{mutex_};
      on_.emplace(io_thread, std::this_thread::get_id());
    };
    server_.emplace(std::move(options), std::vector{scripted_route("/a", std::make_shared<Notes>())});
    wake_ = server_->waker();  // Before it starts: what it wakes comes later.
    server_->start();
  }
  [[nodiscard]] std::set<std::pair<std::size_t, std::thread::id>> on() {
    const std::lock_guard lock{mutex_};
    return on_;
  }

  std::atomic<int> calls_{0};
  std::atomic<bool> throws_{false};
  std::mutex mutex_;
  std::set<std::pair<std::size_t, std::thread::id>> on_;  // Which I/O thread, and which it really was.
  std::function<void(std::size_t)> wake_;
  std::optional<Server> server_;
};

TEST_F(WokenServer, RunsItOnTheThreadThatWasMeant) {
  start(2);
  for (int i = 0; i < 10; ++i) {
    wake_(0);
    wake_(1);
  }
  EXPECT_TRUE(comes_true([this] { return calls_ == 20; }));
  const auto on = this->on();
  ASSERT_EQ(on.size(), 2U) << "each I/O thread is one thread";
  EXPECT_NE(on.begin()->second, on.rbegin()->second);
  EXPECT_EQ(on.count({0, std::this_thread::get_id()}), 0U);
}

TEST_F(WokenServer, DoesNothingWhenItIsGone) {
  start(1);
  server_.reset();
  wake_(0);
  EXPECT_EQ(calls_, 0);
}

TEST_F(WokenServer, IsNotKeptAliveByTheOneWhoWakesIt) {
  auto held = std::make_shared<int>(0);  // As the desks of receipts, which `woken` holds and which hold the waker.
  const std::weak_ptr<int> left = held;
  ServerOptions options;
  options.woken = [held = std::move(held)](std::size_t) {};
  server_.emplace(std::move(options), std::vector{scripted_route("/a", std::make_shared<Notes>())});
  wake_ = server_->waker();
  server_->start();
  server_.reset();
  EXPECT_TRUE(left.expired());
}

TEST_F(WokenServer, TriesAgainWithTheNextSweepWhatThrew) {
  start(1);
  const Peer connection{server_->port()};  // Sweeps go on while there is one.
  throws_ = true;
  wake_(0);
  EXPECT_TRUE(comes_true([this] { return calls_ == 2; }));
}

}  // namespace
}  // namespace penstock::http
