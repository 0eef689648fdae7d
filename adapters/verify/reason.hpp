// Why a check ended as it did, in words for the operator who asks (penstock explain): never for the sender, who learns
// nothing but 401.
//
//     const verify::Result result = verifier.check(request, now);
//     out << verify::reason(verifier.scheme(), request, result);   // "X-Hub-Signature-256 is missing"
//
// Names the field and the form that the scheme wants; never a secret, a value that was sent, or a signature that was
// computed. Threads: pure function. Allocates. O(fields).

#pragma once

#include "verify/verifier.hpp"

#include <string>

namespace penstock::verify {

/// `result` must be what check() gave for `request`.
[[nodiscard]] std::string reason(const Scheme& scheme, const Request& request, Result result);

}  // namespace penstock::verify
