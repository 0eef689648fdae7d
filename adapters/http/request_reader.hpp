// Reads the head of one HTTP/1.1 request strictly (RFC 9112, RFC 9110), as its bytes arrive. Knows no sockets.
//
//     RequestReader reader;
//     switch (reader.read(received)) {      // all bytes of the request so far
//       case ReadStatus::need_more: …       // the same bytes and more, next time
//       case ReadStatus::ready: handle(reader.head(), received.substr(reader.head_bytes()));
//       case ReadStatus::refused: answer(reader.refusal()); close();
//
// The verdict depends on the bytes only, never on where packets were cut: a line is judged when its end is there, and a
// limit when that many bytes are. Nothing is repaired; there is no lenient mode. A body is read by ChunkReader or by
// counting bytes. Views point into `received`; between two reads of one head the bytes must stay where they are, or
// restart() must be called. Each byte is looked at once. Allocates only while the list of fields grows to its largest.
// Why an own reader, and where each rule comes from: docs/adr/0005-own-strict-request-reader.md.

#pragma once

#include "http/field_rules.hpp"
#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace penstock::http {

enum class ReadStatus : std::uint8_t { need_more, ready, refused };

struct HeadLimits {
  std::size_t head_bytes_max = 16U << 10U;   ///< With empty lines before it: 431.
  std::size_t target_bytes_max = 8U << 10U;  ///< 414.
  std::size_t fields_max = 100;              ///< 431.
  std::size_t method_bytes_max = 32;         ///< 501.
  std::size_t empty_lines_before_max = 4;    ///< RFC 9112 2.2 wants at least one to be ignored: 400.
};

class RequestReader {
 public:
  explicit RequestReader(HeadLimits limits = {}) : limits_{limits} {}

  [[nodiscard]] ReadStatus read(std::string_view received);
  /// More has come than empty lines, which old clients send behind a body and which begin no request.
  [[nodiscard]] bool has_begun() const noexcept { return part_ != Part::before_line; }
  /// Forgets what was read: for the next request, or because the bytes have moved.
  void restart() noexcept;

  /// After `ready`, until restart().
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] std::size_t head_bytes() const noexcept { return line_; }
  [[nodiscard]] bool expects_continue() const noexcept { return rules_.expects_continue(); }
  /// After `refused`: the status to answer. The connection must be closed: where the next request begins is not known.
  [[nodiscard]] int refusal() const noexcept { return refusal_; }
  /// Bytes held by the list of fields.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return fields_.capacity() * sizeof(Field); }

 private:
  enum class Part : std::uint8_t { before_line, request_line, fields, done };

  [[nodiscard]] bool is_line_whole(std::string_view received, std::size_t end_max, int status);
  void read_before_line(std::string_view received);
  void read_request_line(std::string_view line);
  void read_version(std::string_view text);
  void read_field(std::string_view line);
  void finish();
  void refuse(int status) noexcept;

  HeadLimits limits_;
  RequestHead head_;
  std::vector<Field> fields_;
  FieldRules rules_;
  std::string_view target_host_;
  std::size_t line_ = 0;     // Where the line being read begins.
  std::size_t scanned_ = 0;  // No LF between line_ and here; behind a whole line: its LF.
  std::size_t empty_lines_ = 0;
  int refusal_ = 0;
  Part part_ = Part::before_line;
  bool waits_ = false;
};

}  // namespace penstock::http
