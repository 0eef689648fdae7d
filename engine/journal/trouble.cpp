#include "journal/trouble.hpp"

#include "os/file.hpp"

namespace penstock::journal {

std::string Damage::text() const {
  const std::string offsets = last_offset > offset
                                  ? ": offsets " + std::to_string(offset) + " to " + std::to_string(last_offset)
                                  : ": offset " + std::to_string(offset);
  return segment + offsets + ": " + why;
}

Damaged::Damaged(Damage damage)
    : std::runtime_error{damage.text() + "; restore the file, or start with --skip-damaged to go on without it"},
      damage_{std::move(damage)} {}

DiskFailed::DiskFailed(const std::string& doing, const std::string& path, int error)
    : std::runtime_error{path + ": " + doing + ": " + os::error_text(error)}, error_{error} {}

}  // namespace penstock::journal
