// Short words for what nearly every test of the engine does.

#pragma once

#include <penstock/broker.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::test {

/// Publishes `payload` under `topic` with the given metadata.
inline Verdict publish(Publisher& publisher, std::string_view topic, std::string_view payload,
                       const std::vector<std::pair<std::string, std::string>>& metadata = {}) {
  EventBuilder event = publisher.event(topic, payload.size());
  const std::span<char> room = event.payload(payload.size());
  if (!payload.empty() && room.empty()) return publisher.publish(std::move(event));
  std::copy(payload.begin(), payload.end(), room.begin());
  for (const auto& [name, value] : metadata) event.metadata(name, value);
  return publisher.publish(std::move(event));
}

/// The same, again and again while the broker is full.
inline void publish_surely(Publisher& publisher, std::string_view topic, std::string_view payload) {
  while (publish(publisher, topic, payload) != Verdict::accepted) std::this_thread::yield();
}

/// Waits until `condition` holds. False: it did not within `limit`, which only a broken program needs.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds limit = std::chrono::seconds{30}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

/// A gate that handlers wait at until the test opens it.
class Gate {
 public:
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  /// Until so many wait at it.
  void await_waiting(int count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return waiting_ >= count || open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

/// Texts that a handler collects from several threads.
class Collected {
 public:
  void add(std::string_view text) {
    const std::lock_guard lock{mutex_};
    texts_.emplace_back(text);
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    const std::lock_guard lock{mutex_};
    return texts_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return texts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> texts_;
};

}  // namespace penstock::test
