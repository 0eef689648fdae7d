// Names for threads, as top and gdb show them.

#pragma once

namespace penstock::os {

/// Names the calling thread. At most 15 characters count; the rest is cut.
void name_this_thread(const char* name) noexcept;

/// Tells the processor that this thread spins.
void pause() noexcept;

}  // namespace penstock::os
