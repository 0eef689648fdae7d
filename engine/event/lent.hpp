// How the engine shows an event to a handler: without counting, for as long as the call lasts.
//
//     handler(event::Lent{block}.event());    // a copy the handler makes is counted, and may be kept

#pragma once

#include <penstock/event.hpp>

namespace penstock::event {

class Lent {
 public:
  explicit Lent(Block* block) noexcept : event_{block} {}
  [[nodiscard]] const Event& event() const noexcept { return event_; }

 private:
  Event event_;
};

/// ASCII without case, as metadata names compare (RFC 9110, 5.1).
[[nodiscard]] bool equal_without_case(std::string_view a, std::string_view b) noexcept;

}  // namespace penstock::event
