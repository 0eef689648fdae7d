#include "event/batch.hpp"

#include "event/block.hpp"
#include "event/block_pool.hpp"

#include <new>

namespace penstock::event {

namespace {

/// Blocks of one pool lie side by side as a rule: one chain and one exchange for each run.
void give_back_blocks(const Batch& batch) noexcept {
  for (std::uint32_t i = 0; i < batch.count;) {
    BlockPool* pool = batch.blocks[i]->pool;
    Block* first = batch.blocks[i];
    Block* last = first;
    for (++i; i < batch.count && batch.blocks[i]->pool == pool; ++i) {
      last->next = batch.blocks[i];
      last = batch.blocks[i];
    }
    pool->give_back(first, last);
  }
}

void recycle(Batch* batch) noexcept {
  give_back_blocks(*batch);
  if (batch->home != nullptr) {
    batch->home->give(batch);
  } else {
    delete batch;
  }
}

}  // namespace

void Batch::add(Block* block) noexcept {
  block->batch = this;
  blocks[count++] = block;
  bytes += block->slab != nullptr ? block->bytes : block->charged_bytes;
}

void release(Batch* batch) noexcept {
  if (batch->refs.let_go()) recycle(batch);
}

void release_unshared(Batch* batch) noexcept {
  if (batch->refs.let_go_unshared()) recycle(batch);
}

Batch* BatchPool::take() noexcept {
  if (mine_ == nullptr) mine_ = returned_.take_all();
  Batch* batch = nullptr;
  if (mine_ != nullptr || refill()) {
    batch = mine_;
    mine_ = batch->next;
  } else {
    batch = new (std::nothrow) Batch{};
    if (batch == nullptr) return nullptr;
  }
  batch->refs.start();
  batch->count = 0;
  batch->bytes = sizeof(Batch);
  return batch;
}

void BatchPool::give(Batch* batch) noexcept { returned_.push(batch, batch); }

bool BatchPool::refill() noexcept {
  constexpr std::size_t head_bytes = 64;
  char* slab = memory_.take_slab();
  if (slab == nullptr) return false;
  new (slab) char*(slabs_);
  slabs_ = slab;
  for (char* at = slab + head_bytes; at + sizeof(Batch) <= slab + kSlabBytes; at += sizeof(Batch)) {
    mine_ = new (at) Batch{.next = mine_, .home = this};
  }
  return true;
}

BatchPool::~BatchPool() {
  while (slabs_ != nullptr) {
    char* slab = slabs_;
    slabs_ = *reinterpret_cast<char**>(slab);
    memory_.give_slab(slab);
  }
}

}  // namespace penstock::event
