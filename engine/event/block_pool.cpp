#include "event/block_pool.hpp"

#include "os/pages.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace penstock::event {

namespace {

// Two classes to a doubling: the leading bit gives the pair, the one behind it the class.
constexpr std::size_t class_of(std::size_t bytes) noexcept {
  constexpr std::size_t first = kBlockClasses[0];
  if (bytes <= first) return 0;
  const std::size_t doublings = static_cast<std::size_t>(std::bit_width((bytes - 1) / first)) - 1;
  const bool upper_half = (((bytes - 1) >> doublings) & (first / 2)) != 0;
  return doublings * 2 + (upper_half ? 2 : 1);
}

constexpr bool class_of_fits() {
  for (std::size_t i = 0; i < kBlockClasses.size(); ++i) {
    if (class_of(kBlockClasses[i]) != i) return false;
    if (i != 0 && class_of(kBlockClasses[i - 1] + 1) != i) return false;
  }
  return true;
}
static_assert(class_of_fits());

std::size_t round_up(std::size_t bytes, std::size_t step) noexcept { return (bytes + step - 1) / step * step; }

}  // namespace

BlockPool::~BlockPool() { put_magazines_back(); }

Block* BlockPool::take(std::size_t bytes, std::size_t charge_now) noexcept {
  if (bytes > kBlockBytesMax) return take_mapped(bytes, charge_now);
  const std::size_t size_class = class_of(bytes);
  SizeClass& pool_class = classes_[size_class];
  if (pool_class.magazine == nullptr && !refill(size_class)) return nullptr;
  Block* block = pool_class.magazine;
  pool_class.magazine = block->next;
  return block;
}

Block* BlockPool::take_mapped(std::size_t bytes, std::size_t charge_now) noexcept {
  bytes = round_up(bytes, kChargeStep);
  charge_now = round_up(std::min(charge_now, bytes), kChargeStep);
  if (!memory_.charge(charge_now)) {
    memory_.reclaim();
    if (!memory_.charge(charge_now)) return nullptr;
  }
  char* pages = os::map_pages(bytes);
  if (pages == nullptr) {
    memory_.uncharge(charge_now);
    return nullptr;
  }
  return new (pages) Block{.pool = this, .bytes = bytes, .charged_bytes = charge_now};
}

bool BlockPool::charge_up_to(Block* block, std::size_t bytes) noexcept {
  bytes = round_up(std::min(bytes, block->bytes), kChargeStep);
  if (bytes <= block->charged_bytes) return true;
  const std::size_t more = bytes - block->charged_bytes;
  if (!memory_.charge(more)) {
    memory_.reclaim();
    if (!memory_.charge(more)) return false;
  }
  block->charged_bytes = bytes;
  return true;
}

void BlockPool::unmap(Block* block) noexcept {
  const std::size_t charged = block->charged_bytes;
  os::unmap_pages(reinterpret_cast<char*>(block), block->bytes);
  memory_.uncharge(charged);
}

void BlockPool::give(Block* block) noexcept {
  if (block->slab == nullptr) return unmap(block);
  SizeClass& pool_class = classes_[block->slab->size_class];
  block->next = pool_class.magazine;
  pool_class.magazine = block;
}

void BlockPool::give_back(Block* first, Block* last) noexcept { returned_.push(first, last); }

bool BlockPool::refill(std::size_t size_class) noexcept {
  SizeClass& pool_class = classes_[size_class];
  {
    const std::lock_guard lock{mutex_};
    sort_in_returned();
    if (refill_from_slabs(pool_class) || add_slab(size_class)) return true;
  }
  put_magazines_back();  // Free blocks of other sizes may hold whole slabs.
  memory_.reclaim();     // Not under the lock: it takes every pool's.
  const std::lock_guard lock{mutex_};
  return refill_from_slabs(pool_class) || add_slab(size_class);
}

bool BlockPool::refill_from_slabs(SizeClass& pool_class) noexcept {
  Slab* slab = pool_class.partial;
  if (slab == nullptr) return false;
  unlink(pool_class, slab);
  pool_class.magazine = slab->free;
  slab->free = nullptr;
  slab->free_count = 0;
  return true;
}

bool BlockPool::add_slab(std::size_t size_class) noexcept {
  constexpr std::size_t head_bytes = 128;  // Blocks begin on a cache line.
  static_assert(sizeof(Slab) <= head_bytes);
  char* pages = memory_.take_slab();
  if (pages == nullptr) return false;
  if (auto* known = reinterpret_cast<Slab*>(pages); known->cut_by == this && known->size_class == size_class) {
    classes_[size_class].magazine = known->free;
    known->free = nullptr;
    known->free_count = 0;
    return true;
  }
  const std::size_t block_bytes = kBlockClasses[size_class];
  const std::size_t count = (kSlabBytes - head_bytes) / block_bytes;
  Slab* slab = new (pages) Slab{.cut_by = this, .block_count = count, .size_class = size_class};
  Block* chain = nullptr;
  for (std::size_t i = count; i-- > 0;) {
    chain = new (pages + head_bytes + i * block_bytes)
        Block{.next = chain, .pool = this, .slab = slab, .bytes = block_bytes};
  }
  classes_[size_class].magazine = chain;
  return true;
}

void BlockPool::sort_in_returned() noexcept {
  Block* block = returned_.take_all();
  while (block != nullptr) {
    Block* next = block->next;
    sort_in(block);
    block = next;
  }
}

void BlockPool::sort_in(Block* block) noexcept {
  Slab* slab = block->slab;
  if (slab == nullptr) return unmap(block);
  SizeClass& pool_class = classes_[slab->size_class];
  block->next = slab->free;
  slab->free = block;
  if (++slab->free_count == 1) link(pool_class, slab);
  if (slab->free_count < slab->block_count) return;
  unlink(pool_class, slab);
  memory_.give_slab(reinterpret_cast<char*>(slab));
}

void BlockPool::link(SizeClass& pool_class, Slab* slab) noexcept {
  slab->previous = nullptr;
  slab->next = pool_class.partial;
  if (slab->next != nullptr) slab->next->previous = slab;
  pool_class.partial = slab;
}

void BlockPool::unlink(SizeClass& pool_class, Slab* slab) noexcept {
  (slab->previous != nullptr ? slab->previous->next : pool_class.partial) = slab->next;
  if (slab->next != nullptr) slab->next->previous = slab->previous;
}

void BlockPool::trim() noexcept {
  const std::lock_guard lock{mutex_};
  sort_in_returned();
}

void BlockPool::put_magazines_back() noexcept {
  const std::lock_guard lock{mutex_};
  for (SizeClass& pool_class : classes_) {
    while (Block* block = pool_class.magazine) {
      pool_class.magazine = block->next;
      sort_in(block);
    }
  }
  sort_in_returned();
}

}  // namespace penstock::event
