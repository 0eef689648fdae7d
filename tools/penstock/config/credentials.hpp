// The secrets of one source, and the verifier that they make.
//
//     read_credentials(context, reader, environment_known, source);   // source.scheme must be read before
//
// Threads: one. A source without a secret is a problem that names what to add; so is one that no sender could send.

#pragma once

#include "config/config.hpp"
#include "config/section_reader.hpp"

namespace penstock::config {

/// Fills source.secrets, source.scheme.user and source.verifier. `has_environment` false: the scheme is checked with a
/// stand-in and no verifier is kept.
void read_credentials(const Context& context, const SectionReader& reader, bool has_environment, Source& source);

}  // namespace penstock::config
