// Charges the budget for what the connections of one I/O thread hold together. Private to the room.
//
//     if (!memory.has_room(bytes)) turn_away();          // before a connection is taken
//     if (!memory.hold(before, now)) close_soon();       // a connection holds `now` bytes, and held `before`
//
// In steps of kStepBytes for the whole thread, so the budget is asked seldom: most turns add and compare two numbers. A
// step more than needed is kept, so that a connection on the brink does not charge and give back in turns.
// On the loop's thread; never throws; no allocation of its own.

#pragma once

#include "http/server_state.hpp"

#include <cstddef>

namespace penstock::http {

class LoopMemory {
 public:
  static constexpr std::size_t kStepBytes = 64U << 10U;

  LoopMemory(const ServerOptions& options, LoopCounter& held) noexcept : options_{options}, held_{held} {}

  /// Charges for `bytes` more, ahead of holding them. False: the budget is spent.
  [[nodiscard]] bool has_room(std::size_t bytes) noexcept { return cover(held_.value() + bytes); }
  /// False: it holds more than before, and the budget is spent. It is counted as held all the same.
  [[nodiscard]] bool hold(std::size_t before, std::size_t now) noexcept;
  /// Gives back the whole charge, when nothing is held any more.
  void end() noexcept { give_back_to(0); }

 private:
  [[nodiscard]] bool cover(std::size_t bytes) noexcept;
  void give_back_to(std::size_t bytes) noexcept;

  const ServerOptions& options_;
  LoopCounter& held_;
  std::size_t charged_bytes_ = 0;
};

}  // namespace penstock::http
