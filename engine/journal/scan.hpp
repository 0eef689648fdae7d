// Walks over the records of one segment and tells whole ones, the end, and damage apart.
//
//     Scan scan{*file, {.position = 64, .end = size, .offset = first, .crc_seed = seed}};
//     while (scan.next() == Step::record) use(scan.record());
//     while (scan.look_behind()) …                    // whole headers of higher offsets behind it, one by one
//
// A record is whole when its magic, both sums and its offset are the expected ones and its epoch is not older than the
// one before it. Where there is none, look_behind() tells whether anything was written behind it.
// Threads: one. Blocking: reads 256 KiB at a time, more for larger records; stretches that the file system knows to be
// empty are not read. Errors: Step::failed and error().

#pragma once

#include "journal/journal.hpp"
#include "journal/record.hpp"
#include "os/file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace penstock::journal {

inline constexpr std::size_t kReadBytes = 256U << 10U;

enum class Step : std::uint8_t {
  record,
  blank,   ///< No byte is left, or zeros where a record would begin.
  bad,     ///< Something else than the record that should be here: why().
  failed,  ///< The disk: error().
};

struct RecordView {
  RecordHeader header = {};
  const char* rest = nullptr;  ///< header.rest_bytes, valid until the next step.
  std::uint64_t position = 0;  ///< Of the header in the file.
};

struct ScanFrom {
  std::uint64_t position = 0;
  std::uint64_t end = 0;     ///< Bytes of the file that may be read.
  std::uint64_t offset = 0;  ///< Expected.
  std::uint32_t epoch = 0;   ///< No record is older.
  std::uint32_t crc_seed = 0;
};

/// All of a segment that may be read.
[[nodiscard]] ScanFrom scan_from(const SegmentInfo& segment) noexcept;

class Scan {
 public:
  Scan(const os::File& file, const ScanFrom& from) noexcept;
  ~Scan();
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  Step next() noexcept;
  [[nodiscard]] Step step() const noexcept { return step_; }  ///< What next() said.
  [[nodiscard]] const RecordView& record() const noexcept { return record_; }
  [[nodiscard]] std::uint64_t position() const noexcept { return from_.position; }  ///< Of the next step.
  [[nodiscard]] std::uint64_t offset() const noexcept { return from_.offset; }      ///< Expected there.
  [[nodiscard]] std::uint32_t epoch() const noexcept { return from_.epoch; }
  [[nodiscard]] const char* why() const noexcept { return why_; }
  [[nodiscard]] int error() const noexcept { return error_; }

  /// Looks for a whole header of an offset above offset(), first behind position(), then behind the last one found.
  /// True: found() is it; whether its rest is whole is not known. False: there is none, or the disk failed: error().
  [[nodiscard]] bool look_behind() noexcept;
  [[nodiscard]] const RecordView& found() const noexcept { return found_; }
  /// Goes on at a header that look_behind() found.
  void skip_to(const RecordView& found) noexcept;

  /// Forgets what was read ahead, so that next() asks the file again.
  void read_again() noexcept { buffered_ = 0; }

  /// The journal has grown (a reader's).
  void extend_to(std::uint64_t end) noexcept { from_.end = end; }
  [[nodiscard]] std::uint64_t end() const noexcept { return from_.end; }

 private:
  [[nodiscard]] std::span<const char> bytes_at(std::uint64_t position, std::size_t wanted) noexcept;
  [[nodiscard]] bool resize(std::size_t bytes) noexcept;
  Step look_at_header(std::span<const char> bytes) noexcept;
  Step stop(Step step, const char* why) noexcept;
  [[nodiscard]] bool find_in(std::span<const char> bytes, std::uint64_t position) noexcept;

  const os::File& file_;
  ScanFrom from_;
  RecordView record_;
  RecordView found_;
  Step step_ = Step::blank;
  const char* why_ = "";
  int error_ = 0;
  std::uint64_t searched_ = 0;  // Up to here look_behind() has been.
  char* buffer_ = nullptr;
  std::size_t room_ = 0;
  std::uint64_t buffer_position_ = 0;
  std::size_t buffered_ = 0;
};

}  // namespace penstock::journal
