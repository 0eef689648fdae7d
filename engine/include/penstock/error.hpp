// What set-up throws. The hot path never throws: it answers with small enums (Verdict, Refusal).
//
//     try { broker.subscribe("github..push", handler); }
//     catch (const penstock::SetupError& error) { std::cerr << error.what(); }   // what, where, how to mend

#pragma once

#include <penstock/export.hpp>

#include <stdexcept>

namespace penstock {

/// A configuration or a call that cannot work. `what()` says what is wrong, where, and how to mend it.
class PENSTOCK_EXPORT SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace penstock
