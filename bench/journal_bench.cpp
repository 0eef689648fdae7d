// What a durable event costs: append against a bare segment writer on the same disk in the same run, and opening again.
//
// The bare writer does what any journal of this kind must: a header and a sum for each event, one gathered write and
// one sync for each batch, segments set aside; no dedup, no names, nothing that anyone could read again. Rows count
// only if the journal gives the offsets it should, and a reopened one holds every event.

#include "event/block_pool.hpp"
#include "event/id_maker.hpp"
#include "event/memory.hpp"
#include "journal/crc32c.hpp"
#include "journal/journal.hpp"
#include "journal/reader.hpp"
#include "journal/record.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace penstock {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::uint64_t kSegmentBytes = 64U << 20U;

std::string fresh_dir(const char* name) {
  const auto path = std::filesystem::temp_directory_path() / name;
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path.string();
}

/// A batch of encoded events, used again and again: append writes only their headers.
class Batch {
 public:
  explicit Batch(std::size_t payload_bytes) {
    constexpr std::size_t area = 512;
    for (std::size_t i = 0; i < kBatch; ++i) {
      event::Block* block = pool.take(event::Block::size_for(area, payload_bytes), payload_bytes);
      block->lay_out(area, journal::record_room(11, 6));
      block->topic = {block->add_text("github.push"), 11};
      block->base_topic_bytes = 6;
      block->source_name = block->topic.substr(0, 6);
      std::fill_n(block->payload, payload_bytes, 'x');
      block->payload_bytes = payload_bytes;
      blocks.push_back(block);
    }
  }
  ~Batch() {
    for (event::Block* block : blocks) pool.give(block);
    memory_.unref();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// New events: new ids, new keys.
  void renew(const journal::SipKey& secret) {
    const std::int64_t now_ns = os::wall_ns();
    for (std::size_t i = 0; i < kBatch; ++i) {
      blocks[i]->id = ids_.make(now_ns);
      blocks[i]->time_ns = now_ns;
      keys_[i] = journal::dedup_key(secret, blocks[i]->source_name, std::to_string(++number_));
    }
  }

  /// What a publisher does for the journal: the sum over names and payload.
  void encode() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      if (!journal::encode(*blocks[i], keys_[i], 86'400)) std::abort();
    }
  }

 private:
  event::Memory& memory_ = *event::Memory::make(256U << 20U);

 public:
  event::BlockPool& pool = memory_.adopt_pool();
  std::vector<event::Block*> blocks;

 private:
  event::IdMaker ids_;
  std::array<journal::DedupKey, kBatch> keys_{};
  std::uint64_t number_ = 0;
};

void BM_AppendBare(benchmark::State& state) {
  const auto payload_bytes = static_cast<std::size_t>(state.range(0));
  const std::string dir = fresh_dir("penstock-bench-bare");
  std::vector<std::string> events(kBatch, std::string(32 + payload_bytes, 'x'));
  std::unique_ptr<os::File> file;
  std::uint64_t position = kSegmentBytes;
  std::uint64_t segment = 0;
  for ([[maybe_unused]] auto _ : state) {
    std::array<os::Piece, kBatch> pieces{};
    for (std::size_t i = 0; i < kBatch; ++i) {
      const std::uint32_t sum = journal::crc32c(0, events[i].data() + 4, events[i].size() - 4);
      std::copy_n(reinterpret_cast<const char*>(&sum), sizeof sum, events[i].data());
      pieces[i] = {events[i].data(), events[i].size()};
    }
    if (position + kBatch * events[0].size() > kSegmentBytes) {
      const std::string path = dir + "/" + std::to_string(segment++);
      if (segment > 4) (void)os::disk().unlink(dir + "/" + std::to_string(segment - 4));
      if (os::disk().open(path, os::OpenMode::create, file) != 0 || file->allocate(kSegmentBytes) != 0 ||
          file->sync() != 0 || os::disk().sync_dir(dir) != 0)
        return state.SkipWithError("no segment");
      position = 0;
    }
    if (file->write(pieces, position) != 0 || file->sync() != 0) return state.SkipWithError("not written");
    position += kBatch * events[0].size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  std::filesystem::remove_all(dir);
}
BENCHMARK(BM_AppendBare)->ArgName("bytes")->Arg(1'024)->Arg(8'192)->UseRealTime();

/// Of publishing, only the record is counted, with its sum over the payload, which the bare writer takes too.
void BM_Append(benchmark::State& state) {
  const std::string dir = fresh_dir("penstock-bench-journal");
  {
    const auto journal = journal::Journal::open(os::disk(), {.dir = dir, .retain_bytes = 4 * kSegmentBytes});
    Batch batch{static_cast<std::size_t>(state.range(0))};
    std::vector<journal::Stored> stored(kBatch);
    std::uint64_t next = 1;
    for ([[maybe_unused]] auto _ : state) {
      batch.renew(journal->dedup_secret());
      const std::int64_t begun_ns = os::steady_ns();
      batch.encode();
      journal->append(batch.blocks, stored);
      state.SetIterationTime(static_cast<double>(os::steady_ns() - begun_ns) / 1e9);
      if (stored[0].offset != next) return state.SkipWithError("not stored");
      next += kBatch;
      if (next % (64 * kBatch) == 1) journal->keep(os::wall_ns());  // In the daemon: another thread's.
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  }
  std::filesystem::remove_all(dir);
}
BENCHMARK(BM_Append)->ArgName("bytes")->Arg(1'024)->Arg(8'192)->UseManualTime();

/// Opening a journal of so many events of 1 KB: its last segment alone, or with the ids of all of them.
void BM_Reopen(benchmark::State& state) {
  const std::string dir = fresh_dir("penstock-bench-reopen");
  const auto events = static_cast<std::uint64_t>(state.range(0));
  journal::JournalOptions options{.dir = dir, .verify_bytes_max = 0};
  Batch batch{1'024};
  {
    const auto journal = journal::Journal::open(os::disk(), options);
    std::vector<journal::Stored> stored(kBatch);
    while (journal->next_offset() <= events) {
      batch.renew(journal->dedup_secret());
      batch.encode();
      journal->append(batch.blocks, stored);
      journal->keep(os::wall_ns());
    }
  }
  if (state.range(1) == 0) options.dedup_window_max = std::chrono::seconds{0};
  for ([[maybe_unused]] auto _ : state) {
    const auto journal = journal::Journal::open(os::disk(), options);
    if (journal->next_offset() <= events) return state.SkipWithError("an event is missing");
  }
  std::filesystem::remove_all(dir);
}

/// A million events are a gigabyte: only where somebody asks for it.
// NOLINTNEXTLINE(cert-err58-cpp): a benchmark that finds no memory to begin with may as well end.
const int kReopenRows = [] {
  auto* rows = benchmark::RegisterBenchmark("BM_Reopen", BM_Reopen);
  rows->ArgNames({"events", "with_ids"})->Unit(benchmark::kMillisecond)->Iterations(5);
  const bool large = std::getenv("PENSTOCK_BENCH_LARGE") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread yet.
  for (const std::int64_t with_ids : {0, 1}) rows->Args({large ? 1'000'000 : 20'000, with_ids});
  return 0;
}();

void BM_CatchUp(benchmark::State& state) {
  const std::string dir = fresh_dir("penstock-bench-read");
  constexpr std::uint64_t events = 50 * kBatch;
  {
    const auto journal = journal::Journal::open(os::disk(), {.dir = dir});
    Batch batch{1'024};
    std::vector<journal::Stored> stored(kBatch);
    for (std::uint64_t i = 0; i < events; i += kBatch) {
      batch.renew(journal->dedup_secret());
      batch.encode();
      journal->append(batch.blocks, stored);
    }
    std::array<event::Block*, 64> read{};
    for ([[maybe_unused]] auto _ : state) {
      journal::Reader reader{*journal, batch.pool, 1};
      std::uint64_t count = 0;
      for (;;) {
        const journal::Reading got = reader.read(read);
        if (got.what != journal::Read::events) break;
        for (std::size_t i = 0; i < got.count; ++i) batch.pool.give(read[i]);
        count += got.count;
      }
      if (count != events) return state.SkipWithError("an event is missing");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events));
  }
  std::filesystem::remove_all(dir);
}
BENCHMARK(BM_CatchUp);

}  // namespace
}  // namespace penstock
