// What `penstock journal stat` and `verify` print of a survey, as text for people and as JSON for programs.
//
//     out << table(survey_journal(dir));
//
// Times are RFC 3339 in UTC, of acceptance; bytes are bytes. Pure; O(segments).

#pragma once

#include <penstock/journal_survey.hpp>

#include <string>

namespace penstock::surveying {

/// A line a segment, under a head, and a last one with the sums.
[[nodiscard]] std::string table(const JournalSurvey& survey);

/// `50 events, offsets 1 to 50, in 3 files`
[[nodiscard]] std::string total_text(const JournalSurvey& survey);

/// {"dir","segments":[{"name","first_offset","events","bytes","file_bytes","first_time","last_time"}],"total":{…},…}
[[nodiscard]] std::string stat_json(const std::string& dir, const JournalSurvey& survey);

/// {"dir","ok","events","damaged":[{"segment","offset","last_offset","why"}],"torn"}
[[nodiscard]] std::string verify_json(const std::string& dir, const JournalSurvey& survey);

}  // namespace penstock::surveying
