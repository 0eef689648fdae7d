// The bytes of an answer, and what the server itself says when it turns a request away.
//
//     append_answer(out, {.status = 202, .body = "{}"}, {.close = true});
//
// Appends to a buffer that is used again and again: no allocation once it has grown. Any thread.

#pragma once

#include "http/handler.hpp"

#include <string>
#include <string_view>

namespace penstock::http {

/// How the connection wants an answer framed.
struct AnswerFrame {
  std::string_view date = {};  ///< A whole `date` line with its CR LF, or nothing.
  bool close = false;          ///< Says `connection: close`.
  bool keep_alive = false;     ///< Says `connection: keep-alive`: HTTP/1.0 clients want to hear it.
  bool without_body = false;   ///< HEAD: the fields only.
  bool chunked = false;        ///< A stream: `transfer-encoding: chunked` and no length.
  bool until_close = false;    ///< A stream to HTTP/1.0: neither length nor chunks.
};

/// Field lines of `answer` with a name that is no token, or a control byte in the value, are left out (and asserted).
void append_answer(std::string& out, const Answer& answer, const AnswerFrame& frame);
/// Size line, bytes, CR LF. Nothing for no bytes: an empty chunk would be the end.
void append_chunk(std::string& out, std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// RFC 9110 15; "Unknown" for others.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;
/// `{"error":…,"message":…}` for a request that the server turns away itself. Never quotes the request.
[[nodiscard]] std::string_view refusal_body(int status) noexcept;

}  // namespace penstock::http
