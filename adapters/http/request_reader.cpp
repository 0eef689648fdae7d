#include "http/request_reader.hpp"

#include "http/grammar.hpp"
#include "http/target.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::http {

namespace {

// What a request line holds beside its target: method, two spaces, `HTTP/1.1`, CR LF.
constexpr std::size_t line_bytes_beside_target(const HeadLimits& limits) { return limits.method_bytes_max + 12; }

}  // namespace

void RequestReader::restart() noexcept {
  head_ = {};
  fields_.clear();
  rules_.reset();
  target_host_ = {};
  line_ = scanned_ = empty_lines_ = 0;
  refusal_ = 0;
  part_ = Part::before_line;
}

void RequestReader::refuse(int status) noexcept {
  refusal_ = status;
  part_ = Part::done;
}

ReadStatus RequestReader::read(std::string_view received) {
  waits_ = false;
  while (part_ != Part::done && !waits_) {
    if (part_ == Part::before_line) {
      read_before_line(received);
      continue;
    }
    const bool is_first = part_ == Part::request_line;
    const std::size_t first_max = line_ + limits_.target_bytes_max + line_bytes_beside_target(limits_);
    const bool target_bounds = is_first && first_max < limits_.head_bytes_max;
    if (!is_line_whole(received, target_bounds ? first_max : limits_.head_bytes_max, target_bounds ? 414 : 431)) break;
    const std::string_view line = received.substr(line_, scanned_ - line_);
    line_ = ++scanned_;
    // A line ends in CR LF and nothing else; a CR anywhere else is found as a control byte.
    if (!line.ends_with('\r')) {
      refuse(400);
    } else if (is_first) {
      read_request_line(line.substr(0, line.size() - 1));
    } else if (line.size() > 1) {
      read_field(line.substr(0, line.size() - 1));
    } else {
      finish();
    }
  }
  if (waits_) return ReadStatus::need_more;
  return refusal_ == 0 ? ReadStatus::ready : ReadStatus::refused;
}

bool RequestReader::is_line_whole(std::string_view received, std::size_t end_max, int status) {
  const std::size_t end = std::min(received.size(), end_max);
  const void* found = end > scanned_ ? std::memchr(received.data() + scanned_, '\n', end - scanned_) : nullptr;
  if (found != nullptr) {
    scanned_ = static_cast<std::size_t>(static_cast<const char*>(found) - received.data());
    return true;
  }
  scanned_ = std::max(scanned_, end);
  if (received.size() >= end_max) {
    refuse(status);
  } else {
    waits_ = true;
  }
  return false;
}

void RequestReader::read_before_line(std::string_view received) {
  const std::string_view rest = received.substr(line_);
  if (!rest.empty() && grammar::is_token_byte(rest.front())) {
    part_ = Part::request_line;
  } else if (rest.starts_with("\r\n") && empty_lines_ < limits_.empty_lines_before_max) {
    line_ += 2;
    scanned_ = line_;
    ++empty_lines_;
  } else if (rest.empty() || (rest == "\r" && empty_lines_ < limits_.empty_lines_before_max)) {
    waits_ = true;
  } else {
    refuse(400);  // Whatever this is, it cannot become a request: no need to wait for the end of its line.
  }
}

void RequestReader::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return refuse(400);
  head_.method = line.substr(0, first);
  head_.target = line.substr(first + 1, last - first - 1);
  if (!grammar::is_token(head_.method)) return refuse(400);
  if (head_.method.size() > limits_.method_bytes_max) return refuse(501);
  if (head_.target.size() > limits_.target_bytes_max) return refuse(414);
  Target target;
  if (!read_target(head_.method, head_.target, target)) return refuse(400);
  head_.path = target.path;
  head_.query = target.query;
  target_host_ = target.host;
  part_ = Part::fields;
  read_version(line.substr(last + 1));
}

void RequestReader::read_version(std::string_view text) {
  const bool has_form = text.size() == 8 && text.starts_with("HTTP/") && grammar::is_digit(text[5]) && text[6] == '.' &&
                        grammar::is_digit(text[7]);
  if (!has_form) return refuse(400);
  if (text[5] != '1') return refuse(505);
  // A recipient of a higher minor version reads it as the highest it knows (RFC 9110 2.5).
  head_.minor_version = text[7] == '0' ? 0 : 1;
}

void RequestReader::read_field(std::string_view line) {
  const auto* const end = std::find_if_not(line.begin(), line.end(), grammar::is_token_byte);
  // No colon right behind the name: a fold, a space before the colon, an empty name, or no field at all.
  if (end == line.begin() || end == line.end() || *end != ':') return refuse(400);
  const std::string_view name = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  const std::string_view value = line.substr(name.size() + 1);
  if (grammar::has_control(value)) return refuse(400);
  if (fields_.size() == limits_.fields_max) return refuse(431);
  const Field& field = fields_.emplace_back(name, grammar::trim(value));
  if (const int status = rules_.take(field); status != 0) refuse(status);
}

void RequestReader::finish() {
  if (const int status = rules_.finish(head_.minor_version); status != 0) return refuse(status);
  head_.host = target_host_.empty() ? rules_.host() : target_host_;
  head_.fields = fields_;
  head_.content_length = rules_.content_length();
  head_.chunked = rules_.chunked();
  head_.keep_alive = rules_.keep_alive();
  part_ = Part::done;
}

}  // namespace penstock::http
