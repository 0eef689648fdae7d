// Walks over the records of one segment and tells whole ones, the end, and damage apart.
//
//     Scan scan{*file, {.position = 64, .end = size, .offset = first, .crc_seed = seed}};
//     while (scan.next() == Step::record) use(scan.record());
//     if (scan.step() == Step::bad && scan.look_behind()) …       // something whole lies behind it
//
// A record is whole when its magic, both sums and its offset are the expected ones and its epoch is not older than the
// one before it. What follows the first that is not: look_behind() finds the next whole header with a higher offset.
// Threads: one. Reads 256 KiB at a time (grown for larger records), sequentially. Errors: Step::failed and error().

#pragma once

#include "journal/record.hpp"
#include "os/file.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace penstock::journal {

inline constexpr std::size_t kReadBytes = 256U << 10U;

enum class Step : std::uint8_t {
  record,
  end,     ///< No byte is left that may belong to a record.
  bad,     ///< Here should be a record, and why() says why there is none.
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

class Scan {
 public:
  Scan(const os::File& file, const ScanFrom& from);
  ~Scan();
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  Step next() noexcept;
  [[nodiscard]] Step step() const noexcept { return step_; }
  [[nodiscard]] const RecordView& record() const noexcept { return record_; }
  [[nodiscard]] std::uint64_t position() const noexcept { return from_.position; }  ///< Of the next step.
  [[nodiscard]] std::uint64_t offset() const noexcept { return from_.offset; }      ///< Expected there.
  [[nodiscard]] std::uint32_t epoch() const noexcept { return from_.epoch; }
  [[nodiscard]] const char* why() const noexcept { return why_; }
  [[nodiscard]] int error() const noexcept { return error_; }

  /// Finds the next whole record of a higher offset, from position() + 1 on. True: record() is it (without its rest),
  /// and skip_to_found() may go on there.
  [[nodiscard]] bool look_behind() noexcept;
  void skip_to_found() noexcept;

  /// The journal has grown (a reader's).
  void extend(std::uint64_t end) noexcept { from_.end = end; }

 private:
  [[nodiscard]] std::span<const char> bytes_at(std::uint64_t position, std::size_t wanted) noexcept;
  [[nodiscard]] bool grow(std::size_t bytes) noexcept;
  Step bad(const char* why) noexcept;

  const os::File& file_;
  ScanFrom from_;
  RecordView record_;
  Step step_ = Step::end;
  const char* why_ = "";
  int error_ = 0;
  char* buffer_ = nullptr;
  std::size_t room_ = 0;
  std::uint64_t buffer_position_ = 0;
  std::size_t buffered_ = 0;
};

}  // namespace penstock::journal
