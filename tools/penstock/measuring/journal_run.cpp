#include "measuring/journal_run.hpp"

#include <penstock/journal_survey.hpp>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::measuring {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kInFlightAtRateMax = 65'536;
constexpr std::uint64_t kRetainBytes = std::uint64_t{1} << 30U;
constexpr std::uint64_t kWarmUpMax = 5'000;

BrokerOptions options(const std::string& dir) {
  return {.workers = 1, .journal = JournalOptions{.dir = dir, .retain_bytes = kRetainBytes}};
}

}  // namespace

/// Takes receipts on the commit thread, and lets who publishes wait for them.
class JournalRun::Receipts final : public ReceiptSink {
 public:
  Receipts(std::size_t in_flight_max, std::uint64_t events, std::uint64_t first_offset)
      : due_(in_flight_max), next_offset_{first_offset} {
    samples_ns_.reserve(events);  // So that on_receipts() needs no memory.
  }

  /// Of event `number`, before it is published. Its receipt reads it: the broker orders the two.
  void due(std::uint64_t number, Clock::time_point time) { due_[number % due_.size()] = time; }

  /// How many came by now; waits until more than `before` have. False: none came for a long time.
  [[nodiscard]] bool await(std::uint64_t before, std::uint64_t& came) {
    constexpr std::chrono::seconds patience{30};
    std::unique_lock lock{mutex_};
    const bool more = came_more_.wait_for(lock, patience, [&] { return samples_ns_.size() > before; });
    came = samples_ns_.size();
    return more;
  }

  void on_receipts(std::span<const Receipt> receipts) noexcept override {
    const auto now = Clock::now();
    const std::lock_guard lock{mutex_};
    for (const Receipt& receipt : receipts) {
      right_ = right_ && receipt.verdict == Verdict::accepted && receipt.offset == next_offset_++;
      const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now - due_[receipt.tag % due_.size()]);
      samples_ns_.push_back(static_cast<std::uint64_t>(ns.count()));
    }
    came_more_.notify_one();
  }

  [[nodiscard]] bool right() {
    const std::lock_guard lock{mutex_};
    return right_;
  }

  /// Only when every receipt has come.
  [[nodiscard]] std::vector<std::uint64_t>& samples_ns() noexcept { return samples_ns_; }

 private:
  std::vector<Clock::time_point> due_;
  std::mutex mutex_;
  std::condition_variable came_more_;
  std::vector<std::uint64_t> samples_ns_;  // Of those that came.
  std::uint64_t next_offset_;
  bool right_ = true;
};

JournalRun::JournalRun(const std::string& dir, std::size_t payload_bytes)
    : dir_{dir}, payload_bytes_{payload_bytes}, broker_{options(dir)}, publisher_{broker_.publisher()} {}

Figures JournalRun::in_flight(std::size_t events, const Extent& extent) {
  Figures found = measured(events, 0, extent);
  found.name = "journal/in_flight:" + std::to_string(events) + "/payload:" + std::to_string(payload_bytes_);
  return found;
}

Figures JournalRun::at_rate(double events_per_s, const Extent& extent) {
  Figures found = measured(kInFlightAtRateMax, events_per_s, extent);
  found.name = "journal/rate:" + std::to_string(static_cast<std::uint64_t>(events_per_s)) +
               "/payload:" + std::to_string(payload_bytes_);
  return found;
}

Figures JournalRun::measured(std::size_t in_flight_max, double events_per_s, const Extent& extent) {
  Extent warm_up = extent;
  warm_up.events = std::clamp<std::uint64_t>(extent.events / 20, 1, kWarmUpMax);
  warm_up.time_max = extent.time_max / 10;
  (void)publish(in_flight_max, events_per_s, warm_up);
  return publish(in_flight_max, events_per_s, extent);
}

Figures JournalRun::publish(std::size_t in_flight_max, double events_per_s, const Extent& extent) {
  const auto receipts = std::make_shared<Receipts>(in_flight_max, extent.events, next_offset_);
  broker_.keep(receipts);  // Should this give up while some are owed.
  const std::clock_t cpu_begin = std::clock();
  const auto begin = Clock::now();
  std::uint64_t sent = 0;
  std::uint64_t came = 0;
  const auto await = [&](std::uint64_t before) {
    if (!receipts->await(before, came)) throw WrongAnswer{"no receipt came for 30 s"};
  };
  for (; sent < extent.events; ++sent) {
    auto due = Clock::now();
    if (events_per_s > 0) {
      due = begin + std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(sent) * 1e9 / events_per_s)};
      std::this_thread::sleep_until(due);
    }
    if (due - begin >= extent.time_max || (extent.stop && extent.stop())) break;
    if (sent - came >= in_flight_max) {
      await(sent - in_flight_max);
      if (events_per_s <= 0) due = Clock::now();
    }
    receipts->due(sent, due);
    EventBuilder event = publisher_.event("bench", payload_bytes_);
    const std::span<char> payload = event.payload(payload_bytes_);
    std::fill(payload.begin(), payload.end(), 'x');
    const Verdict verdict = publisher_.publish(std::move(event), *receipts, sent);
    if (verdict != Verdict::accepted) {
      throw WrongAnswer{"an event was refused: " + std::string{to_string(verdict)} + " (disk full, failed or slow)"};
    }
  }
  while (came < sent) await(came);
  Figures found{.events = sent,
                .seconds = std::chrono::duration<double>(Clock::now() - begin).count(),
                .cpu_seconds = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC};
  if (!receipts->right()) throw WrongAnswer{"a receipt was not that of the next event"};
  next_offset_ += sent;
  found.latency = latencies(receipts->samples_ns());
  return found;
}

void JournalRun::verify() {
  broker_.close();
  const JournalSurvey found = survey_journal(dir_);
  if (!found.damaged.empty()) throw WrongAnswer{"the journal is damaged: " + found.damaged.front().text()};
  if (found.torn || found.next_offset != next_offset_) {
    throw WrongAnswer{"the journal ends before offset " + std::to_string(next_offset_)};
  }
}

}  // namespace penstock::measuring
