#include "watching/event_lines.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace penstock::watching {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "name|data" of each event, fed in pieces of `step` bytes.
std::vector<std::string> read(std::string_view text, std::size_t step) {
  std::vector<std::string> events;
  EventLines lines{[&](const ServerEvent& event) { events.push_back(event.name + '|' + event.data); }};
  for (std::size_t at = 0; at < text.size(); at += step) lines.feed(text.substr(at, step));
  return events;
}

TEST(EventLines, AreReadTheSameHoweverTheBytesAreCut) {
  constexpr std::string_view text =
      ": hello\n\nid: 1\nevent: github.push\ndata: {\"a\":\ndata: 1}\n\ndata:x\r\ndata:  y\r\n\r\nevent: "
      "n\ndata\n\nignored: 1\ndata: z\r\r";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    EXPECT_THAT(read(text, step), ElementsAre("github.push|{\"a\":\n1}", "|x\n y", "n|", "|z")) << step;
  }
}

TEST(EventLines, AnEventThatIsCutOffIsNone) {
  EXPECT_THAT(read("data: x\n", 3), IsEmpty());
  EXPECT_THAT(read("event: x\n\n", 3), IsEmpty()) << "nor is one without data";
}

}  // namespace
}  // namespace penstock::watching
