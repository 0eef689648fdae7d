#include "event/memory.hpp"

#include "event/batch.hpp"
#include "event/block_pool.hpp"
#include "os/pages.hpp"

namespace penstock::event {

namespace {
constexpr std::size_t kKeptMax = 16;
}

Memory* Memory::make(std::size_t bytes_max) { return new Memory(bytes_max); }

Memory::Memory(std::size_t bytes_max) : bytes_max_{bytes_max} { kept_.reserve(kKeptMax); }

Memory::~Memory() {
  batch_pools_.clear();
  pools_.clear();  // Their slabs come back to kept_ or the kernel.
  for (char* slab : kept_) os::unmap_pages(slab, kSlabBytes);
}

void Memory::unref() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

bool Memory::charge(std::size_t bytes) noexcept {
  std::size_t charged = charged_.load(std::memory_order_relaxed);
  for (;;) {
    if (charged + bytes <= bytes_max_) {
      if (charged_.compare_exchange_weak(charged, charged + bytes, std::memory_order_relaxed)) return true;
    } else {
      if (!drop_kept_slab()) return false;
      charged = charged_.load(std::memory_order_relaxed);
    }
  }
}

void Memory::uncharge(std::size_t bytes) noexcept { charged_.fetch_sub(bytes, std::memory_order_relaxed); }

bool Memory::drop_kept_slab() noexcept {
  char* slab = nullptr;
  {
    const std::lock_guard lock{slabs_mutex_};
    if (kept_.empty()) return false;
    slab = kept_.back();
    kept_.pop_back();
    kept_count_.store(kept_.size(), std::memory_order_relaxed);
  }
  os::unmap_pages(slab, kSlabBytes);
  uncharge(kSlabBytes);
  return true;
}

char* Memory::take_slab() noexcept {
  {
    const std::lock_guard lock{slabs_mutex_};
    if (!kept_.empty()) {
      char* slab = kept_.back();
      kept_.pop_back();
      kept_count_.store(kept_.size(), std::memory_order_relaxed);
      return slab;
    }
  }
  if (!charge(kSlabBytes)) return nullptr;
  char* slab = os::map_pages(kSlabBytes);
  if (slab == nullptr) uncharge(kSlabBytes);
  return slab;
}

void Memory::give_slab(char* slab) noexcept {
  {
    const std::lock_guard lock{slabs_mutex_};
    if (kept_.size() < kKeptMax) {
      kept_.push_back(slab);
      kept_count_.store(kept_.size(), std::memory_order_relaxed);
      return;
    }
  }
  os::unmap_pages(slab, kSlabBytes);
  uncharge(kSlabBytes);
}

void Memory::reclaim() noexcept {
  const std::lock_guard lock{pools_mutex_};
  for (const auto& pool : pools_) pool->trim();
}

BlockPool& Memory::adopt_pool() {
  const std::lock_guard lock{pools_mutex_};
  if (!left_.empty()) {
    BlockPool& pool = *left_.back();
    left_.pop_back();
    return pool;
  }
  left_.reserve(pools_.size() + 1);  // So that leave_pool cannot fail.
  pools_.push_back(std::make_unique<BlockPool>(*this));
  return *pools_.back();
}

void Memory::leave_pool(BlockPool& pool) noexcept {
  const std::lock_guard lock{pools_mutex_};
  pool.put_magazines_back();
  left_.push_back(&pool);
}

BatchPool& Memory::add_batch_pool() {
  const std::lock_guard lock{pools_mutex_};
  batch_pools_.push_back(std::make_unique<BatchPool>(*this));
  return *batch_pools_.back();
}

std::string_view Memory::keep_name(std::string_view name) {
  const std::lock_guard lock{pools_mutex_};
  return names_.emplace_back(name);
}

std::size_t Memory::used() const noexcept {
  const std::size_t kept = kept_count_.load(std::memory_order_relaxed) * kSlabBytes;
  const std::size_t charged = charged_.load(std::memory_order_relaxed);
  return charged > kept ? charged - kept : 0;
}

}  // namespace penstock::event
