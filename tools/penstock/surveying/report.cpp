#include "surveying/report.hpp"

#include "output.hpp"
#include "streams/envelope.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace penstock::surveying {

namespace {

using command::json_string;
using Time = std::chrono::system_clock::time_point;

std::string time_text(Time time) {
  std::string text;
  streams::append_time(text, time);
  return text;
}

struct Total {
  std::uint64_t events = 0;
  std::uint64_t first_offset = 0;  // Of the first file.
  std::uint64_t bytes = 0;
  std::uint64_t file_bytes = 0;
  Time first_time = {};
  Time last_time = {};
};

Total total_of(const JournalSurvey& survey) {
  Total total{.first_offset = survey.segments.empty() ? survey.next_offset : survey.segments.front().first_offset};
  for (const JournalSegment& segment : survey.segments) {
    if (segment.events != 0) {
      if (total.events == 0) total.first_time = segment.first_time;
      total.last_time = segment.last_time;
    }
    total.events += segment.events;
    total.bytes += segment.bytes;
    total.file_bytes += segment.file_bytes;
  }
  return total;
}

constexpr std::size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;
constexpr std::array<bool, kColumns> kIsNumber{false, true, true, true, true, false, false};

Row row_of(const JournalSegment& segment) {
  const bool empty = segment.events == 0;
  return {segment.name,
          std::to_string(segment.first_offset),
          std::to_string(segment.events),
          std::to_string(segment.bytes),
          std::to_string(segment.file_bytes),
          empty ? "-" : time_text(segment.first_time),
          empty ? "-" : time_text(segment.last_time)};
}

/// Numbers to the right, names to the left, no blank at the end.
std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths.at(i) = std::max(widths.at(i), row.at(i).size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      const std::string fill(widths.at(i) - row.at(i).size(), ' ');
      text += kIsNumber.at(i) ? fill + row.at(i) : row.at(i) + fill;
      text += i + 1 == kColumns ? "" : "  ";
    }
    text.resize(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string json_number(std::string_view name, std::uint64_t value) {
  return ",\"" + std::string{name} + "\":" + std::to_string(value);
}

/// null, where there is no event.
std::string json_times(bool some, Time first, Time last) {
  if (!some) return R"(,"first_time":null,"last_time":null)";
  return R"(,"first_time":")" + time_text(first) + R"(","last_time":")" + time_text(last) + '"';
}

std::string json_segment(const JournalSegment& segment) {
  return R"({"name":)" + json_string(segment.name) + json_number("first_offset", segment.first_offset) +
         json_number("events", segment.events) + json_number("bytes", segment.bytes) +
         json_number("file_bytes", segment.file_bytes) +
         json_times(segment.events != 0, segment.first_time, segment.last_time) + '}';
}

std::string json_damage(const JournalDamage& damage) {
  return R"({"segment":)" + json_string(damage.segment) + json_number("offset", damage.offset) +
         json_number("last_offset", std::max(damage.offset, damage.last_offset)) + R"(,"why":)" +
         json_string(damage.why) + '}';
}

template <typename Each, typename Json>
std::string json_list(const std::vector<Each>& all, Json json) {
  std::string list;
  for (const Each& one : all) list += (list.empty() ? "" : ",") + json(one);
  return '[' + list + ']';
}

}  // namespace

std::string total_text(const JournalSurvey& survey) {
  const Total total = total_of(survey);
  const std::size_t files = survey.segments.size();
  std::string text = std::to_string(total.events) + (total.events == 1 ? " event" : " events");
  if (total.events != 0) {
    text += ", offsets " + std::to_string(total.first_offset) + " to " + std::to_string(survey.next_offset - 1);
  }
  return text + ", in " + std::to_string(files) + (files == 1 ? " file" : " files");
}

std::string table(const JournalSurvey& survey) {
  std::vector<Row> rows{{"SEGMENT", "FIRST OFFSET", "EVENTS", "BYTES", "FILE BYTES", "FIRST TIME", "LAST TIME"}};
  for (const JournalSegment& segment : survey.segments) rows.push_back(row_of(segment));
  const Total total = total_of(survey);
  return aligned(rows) + "total: " + total_text(survey) + ", " + std::to_string(total.bytes) + " bytes of " +
         std::to_string(total.file_bytes) + '\n';
}

std::string stat_json(const std::string& dir, const JournalSurvey& survey) {
  const Total total = total_of(survey);
  return R"({"dir":)" + json_string(dir) + R"(,"segments":)" + json_list(survey.segments, json_segment) +
         R"(,"total":{"events":)" + std::to_string(total.events) + json_number("first_offset", total.first_offset) +
         json_number("next_offset", survey.next_offset) + json_number("bytes", total.bytes) +
         json_number("file_bytes", total.file_bytes) +
         json_times(total.events != 0, total.first_time, total.last_time) + '}' +
         json_number("damaged", survey.damaged.size()) + R"(,"torn":)" + (survey.torn ? "true}" : "false}");
}

std::string verify_json(const std::string& dir, const JournalSurvey& survey) {
  return R"({"dir":)" + json_string(dir) + R"(,"ok":)" + (survey.damaged.empty() ? "true" : "false") +
         json_number("events", total_of(survey).events) + R"(,"damaged":)" + json_list(survey.damaged, json_damage) +
         R"(,"torn":)" + (survey.torn ? "true}" : "false}");
}

}  // namespace penstock::surveying
