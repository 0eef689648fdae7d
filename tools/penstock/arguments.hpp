// Single arguments of the command line, from text to values.
//
//     FieldLine field = field_line("X-GitHub-Event: push");
//
// Threads: pure functions. Errors: WrongUse, which quotes what was given.

#pragma once

#include "options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::command {

/// `name: value` of -H, the value without blanks around it (RFC 9110, 5.5).
[[nodiscard]] FieldLine field_line(const std::string& text);

/// The same, without the fields that frame a request: who sends decides those.
[[nodiscard]] FieldLine own_field_line(const std::string& text);

/// What may stand for a field's value: no line end, no other control byte.
[[nodiscard]] bool is_field_value(std::string_view text);

/// `100/s`, or a bare number a second. Empty: 0.
[[nodiscard]] double rate(const std::string& text);

/// A method (RFC 9110, 9.1): a token.
void require_method(const std::string& text);

/// A request target as it goes into the request line: no blank, no control byte.
void require_target(const std::string& text);

/// `URL=FILE` of --certificate.
void require_certificate(const std::string& text);

}  // namespace penstock::command
