// A queue in one array that doubles when it is full and never shrinks: after warm-up it allocates nothing.
//
//     ring.push_back(entry);  while (!ring.empty()) { use(ring.front()); ring.pop_front(); }
//
// Threads: none of its own; the owner's lock guards it. T is moved about, and default-made when it leaves.

#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace penstock::delivery {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& front() noexcept { return slots_[head_]; }
  [[nodiscard]] const T& front() const noexcept { return slots_[head_]; }

  void push_back(T value) {
    make_room();
    slots_[(head_ + size_++) % slots_.size()] = std::move(value);
  }

  void push_front(T value) {
    make_room();
    head_ = (head_ + slots_.size() - 1) % slots_.size();
    ++size_;
    front() = std::move(value);
  }

  T pop_front() {
    T value = std::exchange(front(), T{});
    head_ = (head_ + 1) % slots_.size();
    --size_;
    return value;
  }

 private:
  void make_room() {
    if (size_ < slots_.size()) return;
    std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(slots_[(head_ + i) % slots_.size()]);
    slots_.swap(larger);
    head_ = 0;
  }

  std::vector<T> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace penstock::delivery
