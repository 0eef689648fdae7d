// How many files and connections the daemon may have open.
//
//     raise_descriptor_limit();      // before it listens
//
// A connection is a descriptor, and so is each segment of the journal that somebody reads. The usual soft limit, 1,024,
// is there for programs that use select(2); the hard one is the operator's word, so that is what it becomes.

#pragma once

namespace penstock::serving {

void raise_descriptor_limit() noexcept;

}  // namespace penstock::serving
