// Answers on their way to the kernel: one piece being sent, and one that collects meanwhile.
//
//     append_answer(output.back(), answer, frame);
//     while (output.waiting() > 0) output.sent(socket.send(output.front()));
//
// All that was appended before a send leaves in one send. Memory is used again; shrink() gives it back. Not for several
// threads.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::http {

class OutputBuffer {
 public:
  /// Append here. Never moves what front() gave.
  [[nodiscard]] std::string& back() noexcept { return collecting_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return collecting_.size() + sending_.size() - sent_; }
  /// What to send next; stays in place until all of it is sent.
  [[nodiscard]] std::string_view front() noexcept;
  void sent(std::size_t bytes) noexcept;

  /// Gives back memory above `bytes` a piece, where nothing waits.
  void shrink(std::size_t bytes) noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return collecting_.capacity() + sending_.capacity(); }

 private:
  std::string collecting_;
  std::string sending_;
  std::size_t sent_ = 0;
};

}  // namespace penstock::http
