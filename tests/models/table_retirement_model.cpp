// How a table takes the place of another, and when the old one is freed (engine/delivery/table_retirement.hpp).
//
// One or two claims pin, read and unpin while another thread replaces the table. What must hold: no claim reads a table
// that was freed (its destructor writes what readers read, so relacy sees a race where there is no order, and a use
// after free where there was no name); never more than claims + 1 tables exist; at the end all are freed.
//
// Planted: pin's store of the name, and its looks, relaxed; replace's store of `current` relaxed; the look at the names
// (read_names) relaxed; unpin's store of no name relaxed (the reader's last reads then run into the free); the barriers
// of pin and replace left out, where the kernel has membarrier(2) and where it lacks it. Not planted: unpin's barrier.
// A look that misses what was retired meanwhile leaves it to the next replace, and the bound of claims + 1 allows for
// it.

#include "delivery/table_retirement.hpp"
#include "models/relacy_atomics.hpp"

namespace penstock::models {
namespace {

struct ModelTable {
  explicit ModelTable(int table_version) : version{table_version} {}
  ~ModelTable() { version = -1; }
  ModelTable(const ModelTable&) = delete;
  ModelTable& operator=(const ModelTable&) = delete;

  RelacyPlain<int> version;
};

struct ModelLive {};

template <unsigned kReaders>
struct RetirementModel : rl::test_suite<RetirementModel<kReaders>, kReaders + 1> {
  using Tables = delivery::TableRetirement<ModelTable, ModelLive, kReaders, RelacyAtomics>;
  static constexpr int kReplacements = 2;

  Tables tables{std::make_unique<const ModelTable>(1)};
  typename Tables::Reader* readers[kReaders] = {};

  void before() {
    for (auto*& reader : readers) reader = &tables.add_reader();
  }

  void thread(unsigned index) {
    if (index == kReaders) {
      for (int i = 0; i < kReplacements; ++i) {
        tables.replace([](const ModelTable& newest) { return std::make_unique<const ModelTable>(newest.version + 1); });
      }
      return;
    }
    int seen = 0;
    for (int batch = 0; batch < 2; ++batch) {
      const ModelTable& table = tables.pin(*readers[index]);
      RL_ASSERT(table.version >= 1 && table.version <= 1 + kReplacements);
      RL_ASSERT(table.version >= seen);
      seen = table.version;
    }
    tables.unpin(*readers[index]);
  }

  void after() {
    RL_ASSERT(tables.alive() <= kReaders + 1);
    tables.replace([](const ModelTable& newest) { return std::make_unique<const ModelTable>(newest.version + 1); });
    RL_ASSERT(tables.alive() == 1);
  }
};

using OneReader = RetirementModel<1>;
using TwoReaders = RetirementModel<2>;

TEST(TableRetirementModel, FreesNoTableThatIsRead) { EXPECT_TRUE(holds<OneReader>()); }
TEST(TableRetirementModel, FreesNoTableThatIsReadByTwo) { EXPECT_TRUE(holds<TwoReaders>()); }
TEST(TableRetirementModel, FreesNoTableThatIsReadWhereTheKernelRunsTheBarrier) {
  EXPECT_TRUE(holds<OneReader>(Barrier::membarrier));
  EXPECT_TRUE(holds<TwoReaders>(Barrier::membarrier));
}

TEST(TableRetirementModel, NeedsEachOfItsOrders) {
  EXPECT_TRUE(fails_with<OneReader>({"pin", "store"}));
  EXPECT_TRUE(fails_with<OneReader>({"pin", "load"}));
  EXPECT_TRUE(fails_with<OneReader>({"replace", "store"}));
  EXPECT_TRUE(fails_with<OneReader>({"read_names", "load"}));
  EXPECT_TRUE(fails_with<OneReader>({"unpin", "store"}));
  EXPECT_TRUE(fails_with<OneReader>({"pin", "light_barrier"}));
  EXPECT_TRUE(fails_with<OneReader>({"replace", "heavy_barrier"}));
  EXPECT_TRUE(fails_with<OneReader>({"replace", "heavy_barrier"}, Barrier::membarrier));
}

}  // namespace
}  // namespace penstock::models
