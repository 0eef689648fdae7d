// Counts what a program takes from the general heap, on all its threads: operator new in every form, and malloc() too
// where no sanitizer has put its own in the place.
//
//     test::watch_heap();
//     … publish and deliver …
//     EXPECT_EQ(test::allocations_watched(), 0) << test::first_allocation();
//
// For programs of their own: heap_watch.cpp replaces both for the whole program. Threads: any may allocate; one
// watches.

#pragma once

#include <string>

namespace penstock::test {

void watch_heap() noexcept;                         ///< From now on, beginning at 0.
[[nodiscard]] long allocations_watched() noexcept;  ///< Since watch_heap(), and no longer.
[[nodiscard]] std::string first_allocation();       ///< The stack of the first one; empty when there was none.

}  // namespace penstock::test
