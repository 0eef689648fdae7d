// Reads one HTTP/1.1 answer as it arrives: head, then the body by content-length, in chunks, or until the end.
//
//     AnswerReader reader;
//     while (!reader.done()) reader.feed(bytes_of(socket), [&](std::string_view body) { use(body); });
//
// Threads: one. Errors: ClientError (broken) for what is no HTTP (RFC 9112) or a head above 64 KiB. Bytes behind the
// answer's end are an error too: this client never pipelines.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::client {

struct AnswerHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields = {};  ///< Names in lower case.
  bool keep_alive = true;

  [[nodiscard]] std::optional<std::string_view> field(std::string_view lower_case_name) const noexcept;
};

class AnswerReader {
 public:
  using OnBody = std::function<void(std::string_view)>;

  void feed(std::string_view bytes, const OnBody& on_body);
  /// The peer has ended: good for a body without a length, else broken.
  void end();

  [[nodiscard]] bool has_head() const noexcept { return state_ != State::head; }
  [[nodiscard]] bool done() const noexcept { return state_ == State::done; }
  [[nodiscard]] bool untouched() const noexcept { return untouched_; }
  [[nodiscard]] const AnswerHead& head() const noexcept { return head_; }

 private:
  enum class State : unsigned char { head, length, until_end, chunk_size, chunk, chunk_end, trailers, done };

  void take_head(std::string_view text);
  void begin_body();
  void feed_body(std::string_view& bytes, const OnBody& on_body);
  /// A whole line without its end, once it is there; takes it from `bytes`.
  [[nodiscard]] std::optional<std::string> take_line(std::string_view& bytes);
  void take_chunk_size(const std::string& line);

  State state_ = State::head;
  bool untouched_ = true;
  AnswerHead head_;
  std::string text_;        // The head, or a line, as far as it is there.
  std::uint64_t left_ = 0;  // Bytes of the body, or of the chunk.
};

}  // namespace penstock::client
