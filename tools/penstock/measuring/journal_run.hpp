// Publishes to a broker with a journal and takes the time until each receipt.
//
//     JournalRun run{"/var/lib/scratch/journal", 1'024};
//     Figures closed = run.in_flight(64, {.events = 100'000, .time_max = 10s});  // 64 wait for receipts at any time
//     Figures open = run.at_rate(20'000, {.events = 100'000, .time_max = 10s});  // whether receipts come or not
//
// An event's time begins when it is due: in flight, when its place became free; at a rate, when its turn by the clock
// came, however late it was then published (so a stall is counted for everyone who would have waited in it).
// Before each measurement some events are published that do not count. A run whose receipts are wrong (refused, or with
// another offset than the next) gives no figures.
// Threads: one; the broker's own besides. Blocking: until done. Memory: 8 bytes an event. Errors: SetupError,
// JournalError, WrongAnswer.

#pragma once

#include "measuring/bare_disk.hpp"
#include "measuring/figures.hpp"
#include <penstock/broker.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace penstock::measuring {

/// What was measured did not do what it should: there is no figure.
struct WrongAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class JournalRun {
 public:
  JournalRun(const std::string& dir, std::size_t payload_bytes);

  [[nodiscard]] Figures in_flight(std::size_t events, const Extent& extent);
  [[nodiscard]] Figures at_rate(double events_per_s, const Extent& extent);

  /// Ends the broker and reads all of the journal that is kept. Throws WrongAnswer if an event of it is not whole.
  void verify();

 private:
  class Receipts;

  Figures measured(std::size_t in_flight_max, double events_per_s, const Extent& extent);
  Figures publish(std::size_t in_flight_max, double events_per_s, const Extent& extent);

  const std::string dir_;
  const std::size_t payload_bytes_;
  Broker broker_;
  Publisher publisher_;
  std::uint64_t next_offset_ = 1;
};

}  // namespace penstock::measuring
