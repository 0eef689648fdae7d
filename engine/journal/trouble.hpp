// Why a journal cannot be opened, or had to stop: what is damaged, or which call of the disk failed.
//
//     try { journal = Journal::open(os::disk(), options); }
//     catch (const journal::Damaged& damage) { … damage.what(); }      // "FILE: offset 12: why; what to do"
//     catch (const journal::DiskFailed& failure) { … }                 // both: leave with status 74

#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace penstock::journal {

/// A place where the journal is not what was written.
struct Damage {
  std::string segment = {};       ///< The file's name, without its directory.
  std::uint64_t offset = 0;       ///< Of the first event that cannot be read.
  std::uint64_t last_offset = 0;  ///< Of the last one, where that is known; else 0.
  std::uint64_t position = 0;     ///< Byte in the file.
  std::string why = {};

  [[nodiscard]] std::string text() const;  ///< "SEGMENT: offset 12: why"
};

class Damaged : public std::runtime_error {
 public:
  explicit Damaged(Damage damage);
  [[nodiscard]] const Damage& damage() const noexcept { return damage_; }

 private:
  Damage damage_;
};

class DiskFailed : public std::runtime_error {
 public:
  /// `error`: an errno.
  DiskFailed(const std::string& doing, const std::string& path, int error);
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  int error_;
};

}  // namespace penstock::journal
