// Which schemes and secrets can work at all: looked at once, at set-up, so that a source cannot start open or dead.
//
//     verify::require_usable(scheme, secrets);   // throws std::invalid_argument: what is wrong and how to mend it
//
// Threads: pure functions. Messages never hold a secret.

#pragma once

#include "verify/secret.hpp"
#include "verify/verifier.hpp"

#include <string_view>
#include <vector>

namespace penstock::verify {

inline constexpr std::string_view kSignaturePlace = "{sig}";

[[nodiscard]] bool same_letters(std::string_view a, std::string_view b) noexcept;  ///< Of equal lengths.

/// ASCII without case: names of fields and of authorization schemes (RFC 9110, 5.1 and 11.1).
[[nodiscard]] inline bool equal_without_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && same_letters(a, b);  // Nearly always the length decides.
}

/// Throws std::invalid_argument.
void require_usable(const Scheme& scheme, const std::vector<Secret>& secrets);

/// The same for a scheme of kind `function`. Throws std::invalid_argument.
void require_usable_function(const Scheme& scheme, bool has_function);

}  // namespace penstock::verify
