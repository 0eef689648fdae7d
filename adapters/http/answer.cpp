#include "http/answer.hpp"

#include "http/grammar.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace penstock::http {

namespace {

struct Phrase {
  int status;
  std::string_view reason;
  std::string_view refusal = {};
};

constexpr std::array kPhrases{
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{304, "Not Modified"},
    Phrase{400, "Bad Request", R"({"error":"malformed","message":"not a well-formed HTTP/1.1 request"})"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found", R"({"error":"not_found","message":"nothing is served under this path"})"},
    Phrase{405, "Method Not Allowed", R"({"error":"method_not_allowed","message":"see the field Allow"})"},
    Phrase{408, "Request Timeout", R"({"error":"too_slow","message":"the request did not arrive in time"})"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required", R"({"error":"length_required","message":"send content-length or chunks"})"},
    Phrase{413, "Content Too Large", R"({"error":"too_large","message":"the body is over the limit"})"},
    Phrase{414, "URI Too Long", R"({"error":"target_too_long","message":"the request target is over the limit"})"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{417, "Expectation Failed", R"({"error":"expectation_failed","message":"only 100-continue is known"})"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large",
           R"({"error":"head_too_large","message":"the head is over a limit"})"},
    Phrase{500, "Internal Server Error", R"({"error":"internal","message":"the server failed on this request"})"},
    Phrase{501, "Not Implemented", R"({"error":"not_implemented","message":"unknown method or transfer coding"})"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable", R"({"error":"unavailable","message":"no room now; try again later"})"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported", R"({"error":"version","message":"HTTP/1.1 and HTTP/1.0 are spoken"})"},
};

const Phrase* find_phrase(int status) noexcept {
  const auto* const found =
      std::lower_bound(kPhrases.begin(), kPhrases.end(), status, [](const Phrase& p, int s) { return p.status < s; });
  return found != kPhrases.end() && found->status == status ? found : nullptr;
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 20> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

// A name or value that would end its line early could begin another field, or another answer.
void append_field(std::string& out, std::string_view name, std::string_view value) {
  const bool is_clean = grammar::is_token(name) && std::none_of(value.begin(), value.end(), grammar::is_control);
  assert(is_clean);
  if (is_clean) out.append(name).append(": ").append(value).append("\r\n");
}

void append_status_line(std::string& out, int status) {
  // Nearly every answer is this one.
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(status));
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

}  // namespace

std::string_view reason_phrase(int status) noexcept {
  const Phrase* const phrase = find_phrase(status);
  return phrase != nullptr ? phrase->reason : "Unknown";
}

std::string_view refusal_body(int status) noexcept {
  const Phrase* const phrase = find_phrase(status);
  return phrase != nullptr ? phrase->refusal : std::string_view{};
}

void append_answer(std::string& out, const Answer& answer, const AnswerFrame& frame) {
  assert(answer.status >= 200 && answer.status <= 599);
  append_status_line(out, answer.status);
  out.append(frame.date);
  // These two never carry content, nor a length (RFC 9110 8.6).
  const bool has_content = answer.status != 204 && answer.status != 304;
  if (has_content && !answer.content_type.empty()) append_field(out, "content-type", answer.content_type);
  if (frame.chunked) {
    out.append("transfer-encoding: chunked\r\n");
  } else if (has_content && !frame.until_close) {
    out.append("content-length: ");
    append_number(out, answer.body.size());
    out.append("\r\n");
  }
  for (const auto& [name, value] : answer.fields) append_field(out, name, value);
  if (frame.close) {
    out.append("connection: close\r\n");
  } else if (frame.keep_alive) {
    out.append("connection: keep-alive\r\n");
  }
  out.append("\r\n");
  if (has_content && !frame.without_body) out.append(answer.body);
}

void append_chunk(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  append_number(out, bytes.size(), 16);
  out.append("\r\n").append(bytes).append("\r\n");
}

}  // namespace penstock::http
