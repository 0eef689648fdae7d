// What a drain waits for: the connections on which something was begun before it. Private to the room.
//
//     awaited.add();   …   awaited.over();            // I/O threads
//     if (!awaited.wait_until_none(limit)) cut_them();  // the thread that drains
//
// Any thread; takes a lock, and only while a server drains.

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace penstock::http {

class Awaited {
 public:
  void add(std::size_t count = 1);
  void over();
  /// Blocks until there is none, or `limit` is over: false.
  [[nodiscard]] bool wait_until_none(std::chrono::milliseconds limit) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable none_left_;
  std::size_t count_ = 0;
};

}  // namespace penstock::http
