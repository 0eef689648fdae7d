#include "event/batch.hpp"

#include "event/block.hpp"
#include "event/block_pool.hpp"

#include <new>

namespace penstock::event {

namespace {

/// Nodes on their way home, which come from one home side by side as a rule: one chain and one exchange for each run.
template <class Home, class Node, void (Home::*kGive)(Node*, Node*) noexcept>
class Run {
 public:
  Run() = default;
  ~Run() { give(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void add(Home* home, Node* node) noexcept {
    if (home == home_ && last_ != nullptr) {
      last_->next = node;
    } else {
      give();
      home_ = home;
      first_ = node;
    }
    last_ = node;
  }

 private:
  void give() noexcept {
    if (home_ != nullptr) (home_->*kGive)(first_, last_);
  }

  Home* home_ = nullptr;
  Node* first_ = nullptr;
  Node* last_ = nullptr;
};
using BlockRun = Run<BlockPool, Block, &BlockPool::give_back>;
using BatchRun = Run<BatchPool, Batch, &BatchPool::give>;

void give_back_blocks(const Batch& batch, BlockRun& run) noexcept {
  for (std::uint32_t i = 0; i < batch.count; ++i) run.add(batch.blocks[i]->pool, batch.blocks[i]);
}

}  // namespace

void Batch::add(Block* block) noexcept {
  block->batch = this;
  blocks[count++] = block;
  bytes += block->slab != nullptr ? block->bytes : block->charged_bytes;
}

void release(Batch* batch) noexcept {
  Releases alone;
  alone.add(batch);
}

void Releases::add(Batch* batch) noexcept {
  if (batch == nullptr || !batch->refs.let_go()) return;
  batch->next = chain_;
  chain_ = batch;
  bytes_ += batch->bytes;
  if (++count_ == kCountMax || bytes_ >= kBytesMax) give_back();
}

void Releases::give_back() noexcept {
  BlockRun blocks;
  BatchRun batches;
  while (chain_ != nullptr) {
    Batch* batch = chain_;
    chain_ = batch->next;
    give_back_blocks(*batch, blocks);
    if (batch->home != nullptr) {
      batches.add(batch->home, batch);
    } else {
      delete batch;
    }
  }
  count_ = 0;
  bytes_ = 0;
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

void BatchPool::give(Batch* first, Batch* last) noexcept { returned_.push(first, last); }

void BatchPool::release_here(Batch* batch) noexcept {
  if (batch->home != this) return release(batch);
  if (!batch->refs.let_go()) return;
  {
    BlockRun run;
    give_back_blocks(*batch, run);
  }
  batch->next = mine_;
  mine_ = batch;
}

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
