// zero-copy: a payload of known length is received into its block and never copied after; fan-out shares the block.

#include "support/broker_maker.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace penstock {
namespace {

class ZeroCopy : public testing::TestWithParam<std::size_t> {};

TEST_P(ZeroCopy, EverySubscriberReadsTheBytesThatThePublisherWrote) {
  Broker broker{{.workers = 2}};
  broker.route("github", Route::header("x-github-event"));
  std::mutex mutex;
  std::set<const char*> seen;
  const auto note = [&](const Event& event) {
    const std::lock_guard lock{mutex};
    seen.insert(event.payload().data());
    EXPECT_EQ(event.payload(), std::string(GetParam(), 'x'));
  };
  const Subscription inline_one = broker.subscribe("github.push", note, {.execution = Execution::in_worker});
  const Subscription queued = broker.subscribe("github", note);
  const Subscription other = broker.subscribe(">", note);

  Publisher publisher = broker.publisher();
  EventBuilder event = publisher.event("github", GetParam());
  const std::span<char> room = event.payload(GetParam());
  ASSERT_EQ(room.size(), GetParam());
  const char* written = room.data();
  std::fill(room.begin(), room.end(), 'x');
  event.metadata("x-github-event", "push");
  ASSERT_EQ(publisher.publish(std::move(event)), Verdict::accepted);

  ASSERT_TRUE(broker.close());
  EXPECT_EQ(seen, std::set<const char*>{written});
}

TEST_P(ZeroCopy, BytesThatArriveInPiecesOfAKnownLengthStayWhereTheyAre) {
  Broker broker{{.workers = 1}};
  const char* seen = nullptr;
  const Subscription subscription = broker.subscribe("t", [&](const Event& event) { seen = event.payload().data(); });
  Publisher publisher = broker.publisher();
  EventBuilder event = publisher.event("t", GetParam());
  const char* first = nullptr;
  for (std::size_t done = 0; done < GetParam();) {
    const std::span<char> room = event.room(GetParam() - done);
    ASSERT_FALSE(room.empty());
    if (first == nullptr) first = room.data();
    ASSERT_EQ(room.data(), first + done);
    const std::size_t piece = std::min<std::size_t>(room.size(), 1'460);
    std::fill_n(room.begin(), piece, 'x');
    event.commit(piece);
    done += piece;
  }
  ASSERT_EQ(publisher.publish(std::move(event)), Verdict::accepted);
  ASSERT_TRUE(broker.close());
  EXPECT_EQ(seen, first);
}

TEST_P(ZeroCopy, ABodyOfUnknownLengthIsMovedAtMostTwiceItsBytes) {
  Broker broker{{.workers = 1}};
  Publisher publisher = broker.publisher();
  EventBuilder event = publisher.event("t", 0);
  std::size_t moved = 0;
  const char* at = nullptr;
  for (std::size_t done = 0; done < GetParam();) {
    const std::span<char> room = event.room(GetParam() - done);
    ASSERT_FALSE(room.empty());
    if (at != nullptr && room.data() != at) moved += done;
    const std::size_t piece = std::min<std::size_t>(room.size(), 1'000);
    event.commit(piece);
    done += piece;
    at = room.data() + piece;
  }
  EXPECT_LE(moved, 2 * GetParam());
  EXPECT_EQ(event.payload().size(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Sizes, ZeroCopy, testing::Values(256, 7'678, 100'000, 131'072, 1'000'000, 20'000'000));

}  // namespace
}  // namespace penstock
