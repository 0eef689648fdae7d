// How a new table takes the place of the old one without a lock for readers, and when the old one is freed.
//
//     const Table& table = tables.pin(reader);                              // the holder of a claim, once per batch
//     tables.unpin(reader);                                                 // when the claim is released
//     tables.replace([](const Table& newest) { return std::make_unique<const Table>(…); });
//
// Protocol. Readers are claims, not threads: whoever holds a claim names in its Reader the table it reads. Claims come
// and go with lone events, tables with subscriptions: so the readers' side pays for no fence (os/barrier.hpp).
//   pin       named := t (release)      | light barrier | look again: still t? else name the new one
//   replace   current := new (release)  | heavy barrier | for each retired table: does a claim name it? else free it
// So either pin's second look finds the new table, or replace's look finds the name. A name that gives way to another
// or to none is a release, the look at it an acquire: what the reader did is before the free. A table named at replace
// is freed by the next replace or by an unpin that finds it retired:
//   unpin     named := none (release)   | light barrier | anything retired? then free what no claim names
// Its look needs no heavy barrier of its own: it is under the lock, after that of the table's replace, and from then on
// no claim can come to name the table. So never more than claims + 1 exist, however long a handler blocks.
// Model: tests/models/table_retirement_model.cpp.
//
// Threads: pin and unpin by the holder of the reader's claim; the rest by any. Blocking: pin never, unpin only tries
// the lock. Cost: pin of the table already named: two loads.

#pragma once

#include "os/atomics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace penstock::delivery {

template <class Table, class Live, std::size_t kReadersMax, class Atomics = os::StdAtomics>
class TableRetirement {
 public:
  struct alignas(64) Reader {
    typename Atomics::template Atomic<const Table*> named{nullptr};
    typename Atomics::template Atomic<const Live*> current{nullptr};  ///< Whom the claim calls: call_gate.hpp.
  };

  explicit TableRetirement(std::unique_ptr<const Table> first) : newest_{std::move(first)}, current_{newest_.get()} {}

  /// At most kReadersMax; then it throws. It lives as long as this.
  [[nodiscard]] Reader& add_reader() {
    const typename Atomics::Guard lock{mutex_};
    return readers_.at(reader_count_.fetch_add(1, std::memory_order_seq_cst));
  }

  [[nodiscard]] const Table& pin(Reader& reader) const noexcept {
    const Table* table = current_.load(std::memory_order_acquire);
    if (reader.named.load(std::memory_order_relaxed) == table) return *table;  // Named since an earlier batch.
    for (;;) {
      reader.named.store(table, std::memory_order_release);
      Atomics::light_barrier();
      const Table* again = current_.load(std::memory_order_acquire);
      if (again == table) return *table;
      table = again;
    }
  }

  void unpin(Reader& reader) noexcept {
    reader.named.store(nullptr, std::memory_order_release);
    Atomics::light_barrier();
    if (!any_retired_.load(std::memory_order_relaxed)) return;
    Tables unnamed;  // Freed when the lock is open.
    const typename Atomics::Lock lock{mutex_, std::try_to_lock};
    if (lock) unnamed = take_unnamed();
  }

  /// Puts make(newest) in the newest one's place. May throw what `make` throws, and std::bad_alloc.
  template <class Make>
  void replace(Make make) {
    Tables unnamed;
    const typename Atomics::Guard lock{mutex_};
    std::unique_ptr<const Table> next = make(*newest_);
    retired_.reserve(retired_.size() + 1);  // So that nothing throws between the two owners.
    current_.store(next.get(), std::memory_order_release);
    retired_.push_back(std::exchange(newest_, std::move(next)));
    any_retired_.store(true, std::memory_order_relaxed);
    Atomics::heavy_barrier();
    unnamed = take_unnamed();
  }

  /// look(newest), under the lock.
  template <class Look>
  auto look_at_newest(Look look) const {
    const typename Atomics::Guard lock{mutex_};
    return look(*newest_);
  }

  /// Some claim's `current`.
  [[nodiscard]] bool in_call(const Live& live) const noexcept {
    const std::size_t count = reader_count_.load(std::memory_order_seq_cst);
    for (std::size_t i = 0; i < count; ++i) {
      if (readers_[i].current.load(std::memory_order_acquire) == &live) return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t alive() const {
    const typename Atomics::Guard lock{mutex_};
    return retired_.size() + 1;
  }

 private:
  using Tables = std::vector<std::unique_ptr<const Table>>;

  using Names = std::array<const Table*, kReadersMax>;

  // One look at each reader, whatever is retired: looked at anew for each table, a reader that moves on in between
  // would be found at two, and both would stay.
  [[nodiscard]] std::size_t read_names(Names& names) const noexcept {
    const std::size_t count = reader_count_.load(std::memory_order_seq_cst);
    for (std::size_t i = 0; i < count; ++i) names[i] = readers_[i].named.load(std::memory_order_acquire);
    return count;
  }

  [[nodiscard]] Tables take_unnamed() {  // Under the lock.
    Names names{};
    const auto* const end = names.cbegin() + read_names(names);
    Tables unnamed;
    const auto first_unnamed = std::partition(retired_.begin(), retired_.end(), [&](const auto& table) {
      return std::find(names.cbegin(), end, table.get()) != end;
    });
    std::move(first_unnamed, retired_.end(), std::back_inserter(unnamed));
    retired_.erase(first_unnamed, retired_.end());
    any_retired_.store(!retired_.empty(), std::memory_order_relaxed);
    return unnamed;
  }

  mutable typename Atomics::Mutex mutex_;
  std::unique_ptr<const Table> newest_;
  Tables retired_;
  std::array<Reader, kReadersMax> readers_;
  typename Atomics::template Atomic<std::size_t> reader_count_{0};
  alignas(64) typename Atomics::template Atomic<const Table*> current_;
  typename Atomics::template Atomic<bool> any_retired_{false};
};

}  // namespace penstock::delivery
