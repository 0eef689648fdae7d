// Reads the framing of a chunked body and its trailers (RFC 9112 7.1), as bytes arrive. Knows no sockets, copies
// nothing.
//
//     ChunkReader reader;
//     reader.start(body_bytes_max);
//     ChunkStep step = reader.next(input);   // input.substr(0, step.consumed) is framing and done with
//     if (step.status == ChunkStatus::data)  // input.substr(step.consumed, step.data_bytes) belongs to the body:
//       reader.took(step.data_bytes);        // take it, or less, and go on behind it
//
// One state per byte of framing, so a cut changes nothing and nothing is kept: no line is buffered. Extensions are
// checked and dropped. Trailers obey the grammar of fields, then are dropped unread: they never frame, never route.
// No allocation, never throws, linear.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::http {

enum class ChunkStatus : std::uint8_t { need_more, data, done, refused };

struct ChunkStep {
  ChunkStatus status = ChunkStatus::need_more;
  std::size_t consumed = 0;    ///< Bytes of framing at the front of the input.
  std::size_t data_bytes = 0;  ///< Of `data`: body bytes that follow them in the input; 0 if they have not come yet.
};

class ChunkReader {
 public:
  static constexpr std::size_t kLineBytesMax = 512;             ///< Size, extensions and CR LF of one chunk: 400.
  static constexpr std::size_t kExtensionBytesMax = 4U << 10U;  ///< Of all chunks together: 400.
  static constexpr std::size_t kTrailerBytesMax = 4U << 10U;    ///< 431.

  void start(std::uint64_t body_bytes_max) noexcept;
  [[nodiscard]] ChunkStep next(std::string_view input) noexcept;
  void took(std::size_t data_bytes) noexcept { data_left_ -= data_bytes; }

  /// Bytes of the present chunk that have not been taken.
  [[nodiscard]] std::uint64_t data_left() const noexcept { return data_left_; }
  /// After `refused`. 413 is said on the declared size, before any of that chunk's data.
  [[nodiscard]] int refusal() const noexcept { return refusal_; }

 private:
  enum class At : std::uint8_t {
    size_first,
    size,
    before_semicolon,
    before_name,
    name,
    value_first,
    value,
    quoted,
    quoted_pair,
    behind_quoted,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer_name,
    trailer_value,
    trailer_lf,
    end_lf,
    done,
    refused,
  };

  void read_line_byte(char c) noexcept;
  void read_size(char c) noexcept;
  void read_extension(char c) noexcept;
  void end_of_token(char c) noexcept;
  void read_trailer_byte(char c) noexcept;
  void begin_chunk() noexcept;
  void expect(bool holds, At then) noexcept;
  void refuse(int status) noexcept;

  std::uint64_t body_left_ = 0;
  std::uint64_t data_left_ = 0;
  std::size_t line_bytes_ = 0;
  std::size_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  int digits_ = 0;
  int refusal_ = 0;
  At at_ = At::size_first;
};

}  // namespace penstock::http
