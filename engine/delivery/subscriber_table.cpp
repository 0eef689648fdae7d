#include "delivery/subscriber_table.hpp"

#include "os/barrier.hpp"
#include <penstock/topic.hpp>

#include <algorithm>
#include <iterator>

namespace penstock::delivery {

SubscriberTable::SubscriberTable(std::vector<std::shared_ptr<Live>> wanted_by, std::uint64_t table_version)
    : lives{std::move(wanted_by)}, version{table_version} {
  for (std::uint32_t i = 0; i < lives.size(); ++i) {
    for (const std::string& pattern : lives[i]->patterns()) {
      if (pattern.find_first_of("*>") == std::string::npos) {
        exact_[pattern].push_back(i);
      } else {
        wildcards_.emplace_back(pattern, i);
      }
    }
  }
}

void SubscriberTable::add_matches(std::string_view topic, std::vector<std::uint32_t>& matched) const {
  if (const auto found = exact_.find(topic); found != exact_.end()) {
    matched.insert(matched.end(), found->second.begin(), found->second.end());
  }
  for (const auto& [pattern, index] : wildcards_) {
    if (matches(pattern, topic)) matched.push_back(index);
  }
}

void SubscriberTable::match(std::string_view base_topic, std::string_view topic,
                            std::vector<std::uint32_t>& matched) const {
  matched.clear();
  add_matches(topic, matched);
  if (topic.size() != base_topic.size()) add_matches(base_topic, matched);
  std::sort(matched.begin(), matched.end());
  matched.erase(std::unique(matched.begin(), matched.end()), matched.end());
}

SubscriberTables::SubscriberTables()
    : newest_{std::make_unique<SubscriberTable>(std::vector<std::shared_ptr<Live>>{}, 1)}, current_{newest_.get()} {}

SubscriberTables::~SubscriberTables() = default;

TableReader& SubscriberTables::add_reader() {
  const std::lock_guard lock{mutex_};
  return readers_.at(reader_count_.fetch_add(1, std::memory_order_seq_cst));
}

const SubscriberTable& SubscriberTables::pin(TableReader& reader) const noexcept {
  const SubscriberTable* table = current_.load(std::memory_order_seq_cst);
  if (reader.named.load(std::memory_order_relaxed) == table) return *table;  // Named since an earlier batch.
  for (;;) {
    reader.named.store(table, std::memory_order_seq_cst);
    const SubscriberTable* again = current_.load(std::memory_order_seq_cst);
    if (again == table) return *table;
    table = again;
  }
}

void SubscriberTables::unpin(TableReader& reader) noexcept {
  reader.named.store(nullptr, std::memory_order_seq_cst);
  if (!any_retired_.load(std::memory_order_seq_cst)) return;
  std::vector<std::unique_ptr<const SubscriberTable>> unnamed;  // Freed when the lock is open.
  const std::unique_lock lock{mutex_, std::try_to_lock};
  if (lock) unnamed = take_unnamed();
}

std::vector<std::unique_ptr<const SubscriberTable>> SubscriberTables::take_unnamed() {
  std::vector<std::unique_ptr<const SubscriberTable>> unnamed;
  const auto is_named = [this](const std::unique_ptr<const SubscriberTable>& table) {
    const auto* end = readers_.cbegin() + reader_count_.load(std::memory_order_seq_cst);
    return std::any_of(readers_.cbegin(), end, [&table](const TableReader& reader) {
      return reader.named.load(std::memory_order_seq_cst) == table.get();
    });
  };
  const auto first_unnamed = std::partition(retired_.begin(), retired_.end(), is_named);
  std::move(first_unnamed, retired_.end(), std::back_inserter(unnamed));
  retired_.erase(first_unnamed, retired_.end());
  any_retired_.store(!retired_.empty(), std::memory_order_seq_cst);
  return unnamed;
}

void SubscriberTables::replace(std::vector<std::shared_ptr<Live>> lives) {
  auto next = std::make_unique<const SubscriberTable>(std::move(lives), newest_->version + 1);
  current_.store(next.get(), std::memory_order_seq_cst);
  retired_.push_back(std::exchange(newest_, std::move(next)));
  any_retired_.store(true, std::memory_order_seq_cst);
}

void SubscriberTables::add(const std::shared_ptr<Live>& live) {
  std::vector<std::unique_ptr<const SubscriberTable>> unnamed;
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Live>> lives = newest_->lives;
  lives.push_back(live);
  replace(std::move(lives));
  unnamed = take_unnamed();
}

void SubscriberTables::remove(const Live& live) {
  std::vector<std::unique_ptr<const SubscriberTable>> unnamed;
  const std::lock_guard lock{mutex_};
  std::vector<std::shared_ptr<Live>> lives = newest_->lives;
  std::erase_if(lives, [&live](const std::shared_ptr<Live>& one) { return one.get() == &live; });
  replace(std::move(lives));
  unnamed = take_unnamed();
}

std::vector<std::shared_ptr<Live>> SubscriberTables::lives() const {
  const std::lock_guard lock{mutex_};
  return newest_->lives;
}

bool SubscriberTables::in_call(const Live& live) const noexcept {
  const auto* end = readers_.begin() + reader_count_.load(std::memory_order_seq_cst);
  return std::any_of(readers_.begin(), end, [&live](const TableReader& reader) {
    return reader.current.load(std::memory_order_acquire) == &live;
  });
}

void SubscriberTables::destroy_if_left(Live& live) const noexcept {
  if (!live.deferred()) return;
  os::heavy_barrier();  // Of two claims that leave their calls at the same time one sees that the other has.
  if (in_call(live) || !live.mailbox().close(false)) return;
  live.destroy_callbacks();
}

bool SubscriberTables::refused(std::string_view base_topic, std::string_view topic) const {
  const std::lock_guard lock{mutex_};
  return std::any_of(newest_->lives.begin(), newest_->lives.end(), [&](const std::shared_ptr<Live>& live) {
    return live->mailbox().refusing() && live->wants(base_topic, topic);
  });
}

std::size_t SubscriberTables::tables_alive() const {
  const std::lock_guard lock{mutex_};
  return retired_.size() + 1;
}

}  // namespace penstock::delivery
