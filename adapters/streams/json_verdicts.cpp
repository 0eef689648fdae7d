#include "streams/json_verdicts.hpp"

#include <algorithm>

namespace penstock::streams {

bool JsonVerdicts::valid(const EventId& id, std::string_view payload, JsonChecker& checker) {
  if (payload.size() < kPayloadBytesMin) return checker.valid(payload);
  if (const auto known = find(id)) return *known;
  const bool valid = checker.valid(payload);
  keep(id, valid);
  return valid;
}

std::optional<bool> JsonVerdicts::find(const EventId& id) {
  const std::lock_guard lock{mutex_};
  const auto* const end = verdicts_.begin() + std::min(kept_, kRemembered);
  const auto* const found =
      std::find_if(verdicts_.cbegin(), end, [&](const Verdict& verdict) { return verdict.id == id; });
  return found == end ? std::nullopt : std::optional{found->valid};
}

void JsonVerdicts::keep(const EventId& id, bool valid) {
  const std::lock_guard lock{mutex_};
  verdicts_[kept_++ % kRemembered] = {.id = id, .valid = valid};
}

}  // namespace penstock::streams
