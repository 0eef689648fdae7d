// What any thread gives back and one takes: a chain that grows by CAS and is taken whole.
//
//     returned.push(first, last);                     // any thread; linked by `next` from first to last
//     for (Node* node = returned.take_all(); …)       // the taker: one at a time
//
// Protocol. push links its chain in front of the head it has read and swings the head by a CAS (release); take_all
// exchanges the head for nothing (acquire). The chain is never popped one by one, so it does not matter whether the
// head that the CAS finds is the one that was read or the same node come round again: there is no ABA. Givers only link
// to a node, they do not look into it; what they wrote to nodes is seen by the taker, also through several pushes,
// since every push is a read-modify-write of the same word (release sequence). Model:
// tests/models/returned_list_model.cpp.
//
// Threads: push by any; take_all by one at a time (the owner, or under the owner's lock). Cost: one locked instruction.

#pragma once

#include "os/atomics.hpp"

#include <atomic>

namespace penstock::event {

template <class Node, class Atomics = os::StdAtomics>
class ReturnedList {
 public:
  void push(Node* first, Node* last) noexcept {
    Node* head = head_.load(std::memory_order_relaxed);
    do {
      last->next = head;
    } while (!head_.compare_exchange_weak(head, first, std::memory_order_release, std::memory_order_relaxed));
  }

  [[nodiscard]] Node* take_all() noexcept { return head_.exchange(nullptr, std::memory_order_acquire); }

 private:
  typename Atomics::template Atomic<Node*> head_{nullptr};
};

}  // namespace penstock::event
