// The secrets of one source, and the verifier that they make.
//
//     read_credentials(reader, {.has_environment = true}, source);   // source.scheme must be read before
//
// Threads: one. A source without a secret is a problem that names what to add; so is one that no sender could send.

#pragma once

#include "config/config.hpp"
#include "config/section_reader.hpp"

namespace penstock::config {

struct CredentialsOptions {
  bool has_environment = true;   ///< False: the scheme is checked with a stand-in, and no verifier is kept.
  bool scheme_replaced = false;  ///< ReadScheme::replaced.
};

/// Fills source.secrets, source.scheme.user and source.verifier.
void read_credentials(const SectionReader& reader, CredentialsOptions options, Source& source);

}  // namespace penstock::config
