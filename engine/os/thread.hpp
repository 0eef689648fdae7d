// What a thread is called, as top and gdb show it, and where it runs.

#pragma once

namespace penstock::os {

/// Names the calling thread. At most 15 characters count; the rest is cut.
void name_this_thread(const char* name) noexcept;

/// Whether this process may run on that processor (sched_getaffinity(2)).
[[nodiscard]] bool may_run_on(int processor) noexcept;

/// Keeps the calling thread on that processor. Without effect where the system does not allow it.
void pin_this_thread(int processor) noexcept;

/// Tells the processor that this thread spins.
void pause() noexcept;

}  // namespace penstock::os
