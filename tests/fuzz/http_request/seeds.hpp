// Where fuzzing of the request reader starts: the raw requests of tests/integration/http_cases, and some that touch
// every rule of the reader.

#pragma once

#include <string>
#include <vector>

namespace penstock::http::fuzz {

/// Throws std::runtime_error if the case file cannot be read. Cases that only wait or drip are left out.
[[nodiscard]] std::vector<std::string> seeds(const std::string& case_file);

}  // namespace penstock::http::fuzz
