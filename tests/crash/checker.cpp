#include "crash/checker.hpp"

#include <cstdlib>

namespace penstock::test {

void History::answer(std::uint64_t first_number, const std::vector<journal::Stored>& stored) {
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (stored[i].outcome == journal::Outcome::stored) receipts[first_number + i] = stored[i].offset;
    if (stored[i].outcome == journal::Outcome::full) refused.insert(first_number + i);
  }
}

std::string check(const History& history, const std::vector<Found>& found, std::uint64_t first_kept) {
  std::uint64_t offset = first_kept;
  std::uint64_t last_number = 0;
  std::map<std::uint64_t, std::uint64_t> there;  // Number to offset.
  for (const Found& event : found) {
    const std::string at = "offset " + std::to_string(event.offset) + ": ";
    if (event.offset != offset) return at + "expected " + std::to_string(offset);
    ++offset;
    if (event.number == 0 || event.number > history.published_to) return at + "never published";
    if (event.number <= last_number) return at + "twice, or out of order";
    last_number = event.number;
    there[event.number] = event.offset;
    if (history.refused.contains(event.number)) return at + "its publisher was told that it is not stored";
  }
  for (const auto& [number, told] : history.receipts) {
    if (told < first_kept) continue;
    const auto event = there.find(number);
    if (event == there.end()) return "event " + std::to_string(number) + " has a receipt and is not there";
    if (event->second != told) return "event " + std::to_string(number) + " is not at the offset its receipt names";
  }
  return "";
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread begins.
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace penstock::test
