#include "http/output_buffer.hpp"

namespace penstock::http {

std::string_view OutputBuffer::front() noexcept {
  if (sending_.empty()) sending_.swap(collecting_);
  return std::string_view(sending_).substr(sent_);
}

void OutputBuffer::sent(std::size_t bytes) noexcept {
  sent_ += bytes;
  if (sent_ < sending_.size()) return;
  sending_.clear();
  sent_ = 0;
}

void OutputBuffer::shrink(std::size_t bytes) noexcept {
  if (waiting() > 0) return;
  for (std::string* const piece : {&collecting_, &sending_}) {
    if (piece->capacity() > bytes) std::string{}.swap(*piece);
  }
}

}  // namespace penstock::http
