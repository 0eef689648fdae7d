#include "http/input_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::http {

std::span<char> InputBuffer::space() {
  if (!memory_) memory_ = std::make_unique_for_overwrite<char[]>(capacity_);
  return {memory_.get() + end_, capacity_ - end_};
}

void InputBuffer::reuse_body_space() noexcept {
  if (!empty()) return;
  read_ = end_ = head_end_;
  mark_ = 0;
}

void InputBuffer::next_request() noexcept {
  if (empty()) read_ = end_ = mark_ = 0;
  begin_ = head_end_ = read_;
}

void InputBuffer::move_to_front() noexcept {
  if (begin_ == 0) return;
  std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
  head_end_ -= begin_;
  read_ -= begin_;
  end_ -= begin_;
  mark_ -= std::min(mark_, begin_);
  begin_ = 0;
}

void InputBuffer::release() noexcept {
  memory_.reset();
  begin_ = head_end_ = read_ = end_ = mark_ = 0;
}

}  // namespace penstock::http
