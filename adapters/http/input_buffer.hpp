// The bytes a connection has received and not yet given away: the head of the request being read, and what came behind.
//
//     buffer.received(socket.read(buffer.space()));
//     reader.read(buffer.request());        // from the first byte of the request on
//     buffer.begin_body(head_bytes);        // the head stays where it is: views of it live until next_request()
//     take(buffer.unread()); buffer.consume(n);
//     buffer.next_request();
//
// One piece of memory, made at the first use and given back by release(). Not for several threads.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace penstock::http {

class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity) : capacity_{capacity} {}

  /// The present request with all that came after it.
  [[nodiscard]] std::string_view request() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }
  /// What is behind the head, or the whole request while the head is not known, and has not been consumed.
  [[nodiscard]] std::string_view unread() const noexcept { return {memory_.get() + read_, end_ - read_}; }
  [[nodiscard]] bool empty() const noexcept { return read_ == end_; }
  /// Where the next received bytes go. Empty when there is no room.
  [[nodiscard]] std::span<char> space();
  void received(std::size_t bytes) noexcept { end_ += bytes; }

  void begin_body(std::size_t head_bytes) noexcept { read_ = head_end_ = begin_ + head_bytes; }
  void consume(std::size_t bytes) noexcept { read_ += bytes; }
  /// When everything behind the head was consumed, uses its place again. Not while a receive into space() is pending.
  void reuse_body_space() noexcept;
  void next_request() noexcept;

  [[nodiscard]] bool at_front() const noexcept { return begin_ == 0; }
  /// Makes all the room there is behind the request. Views into it end here.
  void move_to_front() noexcept;

  /// Remembers what has come so far, to tell it from what comes later.
  void mark() noexcept { mark_ = end_; }
  /// Some of what had come when mark() was called has not been consumed.
  [[nodiscard]] bool has_marked() const noexcept { return read_ < mark_; }

  void release() noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return memory_ ? capacity_ : 0; }

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_;
  std::size_t begin_ = 0;
  std::size_t head_end_ = 0;
  std::size_t read_ = 0;
  std::size_t end_ = 0;
  std::size_t mark_ = 0;
};

}  // namespace penstock::http
