// What ends a sub-command before it has begun: each is one line on stderr and an exit status.

#pragma once

#include <stdexcept>

namespace penstock::command {

/// The command line, or what it names, makes no sense: exit status 2.
struct WrongUse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The configuration is refused, and why has been printed: exit status 78.
struct BadConfiguration : std::exception {};

}  // namespace penstock::command
