#include "streams/live_stream.hpp"

#include "adapters/streams/journaled.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::streams {
namespace {

using namespace std::chrono_literals;

/// A peer that takes bytes when it is told to.
class SlowPeer : public http::Stream {
 public:
  void write(std::string_view bytes) override {
    if (fail_writes) throw std::bad_alloc{};
    if (on_write) on_write();
    text.append(bytes);
    unsent_bytes += bytes.size();
    unsent_bytes_most = std::max(unsent_bytes_most, unsent_bytes);
  }
  [[nodiscard]] std::size_t unsent() const noexcept override { return unsent_bytes; }
  void end() override { ended = true; }
  void on_event(std::function<void(bool)> callback) override { callback_ = std::move(callback); }

  void take_all() {
    unsent_bytes = 0;
    const auto callback = callback_;
    if (callback) callback(false);
  }

  std::string text;
  std::size_t unsent_bytes = 0;
  std::size_t unsent_bytes_most = 0;
  bool ended = false;
  bool fail_writes = false;
  std::function<void()> on_write;

 private:
  std::function<void(bool)> callback_;
};

/// An I/O thread that runs when the test says so, and may have no memory for what is posted.
class Loop : public http::Responder {
 public:
  explicit Loop(std::shared_ptr<SlowPeer> peer) : peer_{std::move(peer)} {}

  void answer(const http::Answer& /*answer*/) override {}
  std::shared_ptr<http::Stream> stream(const http::Answer& /*head*/) override { return peer_; }
  std::shared_ptr<http::Responder> later() override { return nullptr; }
  void post(std::function<void()> work) override {
    const std::lock_guard lock{mutex_};
    ++asked_;
    if (failing_) throw std::bad_alloc{};
    works_.push_back(std::move(work));
  }

  void fail(bool failing) {
    const std::lock_guard lock{mutex_};
    failing_ = failing;
  }
  /// Waits until something was posted, or tried to.
  bool wait_asked(std::size_t times) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < limit) {
      {
        const std::lock_guard lock{mutex_};
        if (asked_ >= times) return true;
      }
      std::this_thread::sleep_for(1ms);
    }
    return false;
  }
  /// Runs what was posted, and what that posts. How much it was.
  std::size_t run() {
    std::size_t ran = 0;
    for (;;) {
      std::vector<std::function<void()>> works;
      {
        const std::lock_guard lock{mutex_};
        works.swap(works_);
      }
      if (works.empty()) return ran;
      for (const auto& work : works) work();
      ran += works.size();
    }
  }

 private:
  std::shared_ptr<SlowPeer> peer_;
  std::mutex mutex_;
  std::vector<std::function<void()>> works_;
  std::size_t asked_ = 0;
  bool failing_ = false;
};

class LiveStreamTest : public testing::Test {
 protected:
  void SetUp() override { open({.patterns = {"a"}, .queue_bytes = 64U << 20U}); }

  void open(StreamQuery query) {
    stream_ = std::make_shared<LiveStream>(std::move(query), StreamsOptions{}, loop_, std::make_shared<JsonVerdicts>(),
                                           [this](const LiveStream*) { ++ends_; });
    ASSERT_TRUE(stream_->start(broker_));
  }

  Verdict publish(std::string_view payload) {
    EventBuilder event = publisher_.event("a", payload.size());
    const auto bytes = event.payload(payload.size());
    if (!bytes.empty()) std::copy(payload.begin(), payload.end(), bytes.begin());
    return publisher_.publish(std::move(event));
  }

  std::size_t memory() { return broker_.stats().memory_used_bytes; }

  Broker broker_{{.workers = 1, .memory_bytes_max = 256U << 20U}};
  Publisher publisher_ = broker_.publisher();
  std::shared_ptr<SlowPeer> peer_ = std::make_shared<SlowPeer>();
  std::shared_ptr<Loop> loop_ = std::make_shared<Loop>(peer_);
  std::shared_ptr<LiveStream> stream_;
  int ends_ = 0;
};

constexpr std::size_t kLarge = 25U << 20U;
constexpr std::size_t kUnsentMax = (256U + 64U) << 10U;  // And one piece.

TEST_F(LiveStreamTest, GivesALargeEventInPiecesAsThePeerTakesThem) {
  const std::string payload = "\"" + std::string(kLarge - 2, 'y') + "\"";
  ASSERT_EQ(publish(payload), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  loop_->run();
  EXPECT_FALSE(peer_->text.empty());
  EXPECT_LE(peer_->unsent_bytes, kUnsentMax);
  const std::size_t stuck = peer_->text.size();
  loop_->run();
  EXPECT_EQ(peer_->text.size(), stuck) << "nothing more while the peer takes nothing";
  for (int i = 0; i < 1000 && !peer_->text.ends_with("\n\n"); ++i) {
    peer_->take_all();
    loop_->run();
  }
  EXPECT_LE(peer_->unsent_bytes_most, kUnsentMax);
  EXPECT_TRUE(peer_->text.ends_with("\"payload\":" + payload + "}\n\n"));
}

TEST_F(LiveStreamTest, GivesALargeEventInBase64InPiecesToo) {
  const std::string payload(4U << 20U, 'y');
  ASSERT_EQ(publish(payload), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  loop_->run();
  for (int i = 0; i < 1000 && !peer_->text.ends_with("\n\n"); ++i) {
    peer_->take_all();
    loop_->run();
  }
  EXPECT_LE(peer_->unsent_bytes_most, kUnsentMax);
  std::string wanted;
  append_base64(wanted, payload);
  EXPECT_TRUE(peer_->text.ends_with("\"payload_base64\":\"" + wanted + "\"}\n\n"));
}

TEST_F(LiveStreamTest, ChargesTheBudgetForTextInTheMakingAndGivesItBack) {
  ASSERT_EQ(publish("\"" + std::string(1U << 20U, 'y') + "\""), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  const std::size_t before = memory();
  std::size_t while_writing = 0;
  peer_->on_write = [&] { while_writing = std::max(while_writing, memory()); };
  loop_->run();
  EXPECT_GE(while_writing, before + (64U << 10U));
  EXPECT_LE(memory(), before) << "nothing is in the making while the peer is slow";
  while (!peer_->text.ends_with("\n\n")) {
    peer_->take_all();
    loop_->run();
  }
  EXPECT_LE(memory(), before);
}

TEST_F(LiveStreamTest, EndsWithACommentWhenTheBudgetIsSpent) {
  ASSERT_EQ(publish("1"), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  std::size_t charged = 0;
  while (broker_.charge(1U << 10U)) charged += 1U << 10U;
  loop_->run();
  EXPECT_EQ(peer_->text, ": disconnected: the memory budget is used up\n\n");
  EXPECT_TRUE(peer_->ended);
  EXPECT_EQ(ends_, 1);
  broker_.uncharge(charged);
}

TEST_F(LiveStreamTest, IsServedLaterWhenAWakeUpFoundNoMemory) {
  loop_->fail(true);
  ASSERT_EQ(publish("1"), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  loop_->fail(false);
  for (int i = 0; i < 10'000 && loop_->run() == 0; ++i) {  // The note is made just behind the throw.
    stream_->post_again();
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(peer_->text.ends_with("\"payload\":1}\n\n")) << peer_->text;
}

TEST_F(LiveStreamTest, EndsLaterWhenItsEndFoundNoMemory) {
  loop_->fail(true);
  stream_->post_end();
  stream_->post_heartbeat(LiveStream::Clock::now() + 1h);
  EXPECT_EQ(loop_->run(), 0U);
  loop_->fail(false);
  stream_->post_again();
  loop_->run();
  EXPECT_EQ(peer_->text, ": closed: the broker stops\n\n");
  EXPECT_EQ(ends_, 1);
}

TEST_F(LiveStreamTest, EndsWhenItsTextFindsNoMemory) {
  ASSERT_EQ(publish("1"), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  peer_->fail_writes = true;
  loop_->run();
  EXPECT_TRUE(peer_->ended);
  EXPECT_EQ(ends_, 1);
}

TEST_F(LiveStreamTest, AddsNoLastWordInsideAFrame) {
  ASSERT_EQ(publish("\"" + std::string(1U << 20U, 'y') + "\""), Verdict::accepted);
  ASSERT_TRUE(loop_->wait_asked(1));
  loop_->run();
  stream_->post_heartbeat(LiveStream::Clock::now() + 1h);
  stream_->post_end();
  loop_->run();
  EXPECT_TRUE(peer_->text.ends_with("yyy")) << peer_->text.substr(peer_->text.size() - 80);
  EXPECT_TRUE(peer_->ended);
}

/// A stream of topic `a` of a broker with a journal.
class JournalStreamTest : public testing::Test {
 protected:
  void open(const Position& from) {
    stream_ = std::make_shared<LiveStream>(StreamQuery{.patterns = {"a"}, .queue_bytes = 64U << 20U, .from = from},
                                           StreamsOptions{}, loop_, std::make_shared<JsonVerdicts>(),
                                           [this](const LiveStream*) { ++ends_; });
    ASSERT_TRUE(stream_->start(*journaled_));
  }

  /// Runs the loop and takes what was written, until so many events came or nothing more does.
  void take_events(std::size_t count) {
    const auto limit = std::chrono::steady_clock::now() + 30s;
    while (ids().size() < count && std::chrono::steady_clock::now() < limit) {
      peer_->take_all();
      if (loop_->run() == 0) std::this_thread::sleep_for(1ms);
    }
  }

  [[nodiscard]] std::vector<std::uint64_t> ids() const {
    constexpr std::string_view before = "id: ";
    std::vector<std::uint64_t> ids;
    for (std::size_t at = 0; (at = peer_->text.find(before, at)) != std::string::npos; at += before.size()) {
      if (at == 0 || peer_->text[at - 1] == '\n')
        ids.push_back(std::stoull(peer_->text.substr(at + before.size(), 20)));
    }
    return ids;
  }

  static std::vector<std::uint64_t> all_of(std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> wanted;
    for (std::uint64_t offset = from; offset <= to; ++offset) wanted.push_back(offset);
    return wanted;
  }

  Journaled journaled_;
  std::shared_ptr<SlowPeer> peer_ = std::make_shared<SlowPeer>();
  std::shared_ptr<Loop> loop_ = std::make_shared<Loop>(peer_);
  std::shared_ptr<LiveStream> stream_;
  int ends_ = 0;
};

TEST_F(JournalStreamTest, GivesLiveEventsTheirOffsetAsId) {
  journaled_.publish("a", "1");
  journaled_.reopen();
  open(Now{});
  journaled_.publish("a", "2");
  take_events(1);
  EXPECT_TRUE(peer_->text.starts_with("id: 2\nevent: a\ndata: {\"offset\":2,")) << peer_->text;
}

TEST_F(JournalStreamTest, FollowsTheJournalAndThenWhatPassesWithoutGapOrRepeat) {
  constexpr std::uint64_t before = 500;
  constexpr std::uint64_t all = 5'000;
  for (std::uint64_t i = 0; i < before; ++i) journaled_.send("a", "1");
  open(Earliest{});
  std::thread publishing{[&] {
    for (std::uint64_t i = before; i < all; ++i) journaled_.send("a", "1");
  }};
  take_events(all);
  publishing.join();
  EXPECT_EQ(ids(), all_of(1, all));
}

TEST_F(JournalStreamTest, SkipsWhatTheJournalGaveAndTheWorkerStillHandsOver) {
  std::atomic<bool> entered{false};
  std::atomic<bool> released{false};
  const Subscription busy = journaled_->subscribe("b",
                                                  [&](const Event&) {
                                                    entered = true;
                                                    entered.notify_all();
                                                    released.wait(false);
                                                  },
                                                  {.execution = Execution::in_worker});
  journaled_.publish("b", "1");
  entered.wait(false);  // From here on nothing is handed over.
  for (int i = 0; i < 10; ++i) journaled_.publish("a", "1");
  open(Earliest{});
  loop_->run();
  EXPECT_EQ(ids(), all_of(2, 11));
  EXPECT_EQ(journaled_->stats().subscriptions.size(), 2U);
  released = true;
  released.notify_all();
  journaled_.publish("a", "1");
  take_events(11);
  EXPECT_EQ(ids(), all_of(2, 12));
}

TEST_F(JournalStreamTest, SubscribesOnlyAtTheEndOfTheJournal) {
  for (int i = 0; i < 1'000; ++i) journaled_.send("a", "\"" + std::string(1'000, 'x') + "\"");
  journaled_.wait_for(1'001);
  open(Earliest{});
  loop_->run();  // The peer takes nothing: a part is written, and there it stands.
  EXPECT_LT(ids().size(), 1'000U);
  EXPECT_LE(peer_->unsent_bytes, kUnsentMax);
  EXPECT_TRUE(journaled_->stats().subscriptions.empty()) << "whose queue would fill";
  take_events(1'000);
  EXPECT_EQ(ids(), all_of(1, 1'000));
  loop_->run();
  EXPECT_EQ(journaled_->stats().subscriptions.size(), 1U);
}

TEST_F(JournalStreamTest, GoesOnWhenTheBudgetHasRoomAgain) {
  journaled_.publish("a", "\"" + std::string(4U << 20U, 'x') + "\"");
  journaled_.reopen();
  open(Earliest{});
  std::size_t charged = 0;
  while (journaled_->charge(1U << 10U)) charged += 1U << 10U;
  loop_->run();
  EXPECT_EQ(peer_->text, "");
  EXPECT_EQ(loop_->run(), 0U) << "it must not spin meanwhile";
  journaled_->uncharge(charged);
  stream_->post_again();
  take_events(1);
  EXPECT_EQ(ids(), all_of(1, 1));
}

TEST_F(JournalStreamTest, EndsWhileItCatchesUpAndNotOnceItIsLive) {
  for (int i = 0; i < 1'000; ++i) journaled_.send("a", "\"" + std::string(1'000, 'x') + "\"");
  journaled_.wait_for(1'001);
  open(std::uint64_t{1});
  loop_->run();
  stream_->post_end_catching_up();
  loop_->run();
  EXPECT_TRUE(peer_->text.ends_with(": closed: the broker stops\n\n"));
  EXPECT_EQ(ends_, 1);
  *peer_ = SlowPeer{};
  open(Now{});
  stream_->post_end_catching_up();
  loop_->run();
  EXPECT_FALSE(peer_->ended);
}

TEST_F(JournalStreamTest, EndsBehindItsLastEventWhenTheBrokerClosed) {
  for (int i = 0; i < 10; ++i) journaled_.publish("a", "1");
  open(Earliest{});
  EXPECT_TRUE(journaled_->close());
  loop_->run();
  EXPECT_EQ(ids(), all_of(1, 10));
  EXPECT_TRUE(peer_->text.ends_with("\n\n: closed: the broker stops\n\n"));
  EXPECT_EQ(ends_, 1);
}

}  // namespace
}  // namespace penstock::streams
