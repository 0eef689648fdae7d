#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <exception>
#include <string>
#include <utility>

namespace penstock {

namespace {

constexpr unsigned kTimesShift = 32;  // A tag: times taken, then the place.

std::uint64_t tag_of(std::uint32_t place, std::uint32_t times_taken) noexcept {
  return std::uint64_t{times_taken} << kTimesShift | place;
}

}  // namespace

ReceiptDesk::ReceiptDesk(std::function<void()> wake) : wake_{std::move(wake)} {}
ReceiptDesk::~ReceiptDesk() = default;

std::uint64_t ReceiptDesk::expect(ReceiptTaker& taker) {
  {
    // Room is made here, so that on_receipts() never needs memory.
    const std::lock_guard lock{mutex_};
    if (came_.capacity() < came_.size() + owed_ + 1) came_.reserve(2 * (came_.size() + owed_ + 1));
    if (first_free_ == places_.size()) {
      places_.push_back({.next_free = static_cast<std::uint32_t>(places_.size() + 1)});
    }
    ++owed_;
  }
  Place& place = places_[first_free_];
  const std::uint64_t tag = tag_of(first_free_, ++place.times_taken);
  place.taker = &taker;
  first_free_ = std::exchange(place.next_free, 0);
  return tag;
}

ReceiptDesk::Place* ReceiptDesk::place_of(std::uint64_t tag) noexcept {
  const auto index = static_cast<std::uint32_t>(tag);
  if (index >= places_.size()) return nullptr;
  Place& place = places_[index];
  return place.taker != nullptr && tag == tag_of(index, place.times_taken) ? &place : nullptr;
}

void ReceiptDesk::forget(std::uint64_t tag) noexcept {
  Place* const place = place_of(tag);
  if (place == nullptr) return;
  place->taker = nullptr;
  place->next_free = std::exchange(first_free_, static_cast<std::uint32_t>(tag));
}

void ReceiptDesk::withdraw(std::uint64_t tag) noexcept {
  forget(tag);
  const std::lock_guard lock{mutex_};
  --owed_;
}

void ReceiptDesk::on_receipts(std::span<const Receipt> receipts) noexcept {
  bool was_empty = false;
  {
    const std::lock_guard lock{mutex_};
    was_empty = came_.empty();
    came_.insert(came_.end(), receipts.begin(), receipts.end());
    owed_ -= receipts.size();
  }
  if (was_empty) wake_();
}

void ReceiptDesk::give_out() {
  {
    const std::lock_guard lock{mutex_};
    giving_out_.reserve(came_.capacity());  // The two take turns: what is owed must find room in either.
    giving_out_.swap(came_);
  }
  std::exception_ptr thrown;
  for (const Receipt& receipt : giving_out_) {
    Place* const place = place_of(receipt.tag);
    if (place == nullptr) continue;
    ReceiptTaker& taker = *place->taker;
    forget(receipt.tag);
    try {
      taker.on_receipt(receipt);
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  giving_out_.clear();
  if (thrown) std::rethrow_exception(thrown);
}

std::shared_ptr<ReceiptDesks> ReceiptDesks::make(Broker& broker, std::size_t threads) {
  if (!broker.has_journal()) return nullptr;
  std::shared_ptr<ReceiptDesks> desks{new ReceiptDesks};
  for (std::size_t thread = 0; thread < threads; ++thread) {
    ReceiptDesk& desk = desks->desks_.emplace_back([all = desks.get(), thread] {
      if (all->wake_) all->wake_(thread);
    });
    broker.keep(std::shared_ptr<ReceiptSink>{desks, &desk});
  }
  return desks;
}

void ReceiptDesks::require(const Broker& broker, const ReceiptDesks* desks, std::size_t threads) {
  if (!broker.has_journal() || (desks != nullptr && desks->desks_.size() >= threads)) return;
  throw SetupError("receipts: the broker keeps a journal, so answers wait for it; give ReceiptDesks::make(broker, " +
                   std::to_string(threads) + ")");
}

void ReceiptDesks::wake_with(std::function<void(std::size_t)> wake) { wake_ = std::move(wake); }

}  // namespace penstock
