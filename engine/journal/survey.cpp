#include "journal/survey.hpp"

#include "journal/segment.hpp"
#include "journal/state.hpp"
#include "journal/walk.hpp"
#include <penstock/error.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <optional>

namespace penstock::journal {

namespace {

class Surveyor {
 public:
  Surveyor(os::Disk& disk, const std::string& dir, const EachRecord& each) : disk_{disk}, dir_{dir}, each_{each} {}

  Survey run() {
    const std::vector<SegmentFile> files = list_segments(disk_, dir_);
    read_the_state(files.empty());
    for (std::size_t i = 0; i < files.size(); ++i) {
      look_at(files[i], i + 1 < files.size() ? files[i + 1].first_offset : 0);
    }
    found_.next_offset = std::max(found_.next_offset, state_.synced_next);
    return std::move(found_);
  }

 private:
  void read_the_state(bool no_segments) {
    try {
      if (const std::optional<State> state = read_state(disk_, dir_)) {
        state_ = *state;
        if (no_segments && state_.synced_next > 1) {
          found_.damaged.push_back(
              {.segment = dir_, .offset = 1, .last_offset = state_.synced_next - 1, .why = "no segment is there"});
        }
      } else if (no_segments) {
        throw SetupError(dir_ + ": there is no journal; give the directory that journal.dir names");
      } else {
        found_.damaged.push_back({.segment = kStateName, .why = "the file is missing"});
      }
    } catch (const Damaged& damaged) {
      found_.damaged.push_back(damaged.damage());
    }
  }

  void look_at(const SegmentFile& listed, std::uint64_t next_first) {
    const std::string path = dir_ + "/" + listed.name;
    std::unique_ptr<os::File> file;
    if (const int error = disk_.open(path, os::OpenMode::read, file); error != 0) {
      if (error == ENOENT) return;  // A running broker's retention took it meanwhile.
      throw DiskFailed("open", path, error);
    }
    SegmentHead head;
    int error = 0;
    const char* wrong = read_segment_head(*file, head, error);
    if (error != 0) throw DiskFailed("read", path, error);
    if (wrong == nullptr && head.first_offset != listed.first_offset) wrong = "its head names another first offset";
    if (wrong != nullptr) {
      found_.damaged.push_back({.segment = listed.name, .offset = listed.first_offset, .why = wrong});
      head = {.crc_seed = state_.crc_seed};
    }
    const Walked walked = walk(*file,
                               {.path = path,
                                .name = listed.name,
                                .first_offset = listed.first_offset,
                                .next_first = next_first,
                                .synced_next = state_.synced_next,
                                .epoch = head.epoch,
                                .crc_seed = head.crc_seed},
                               each_);
    found_.segments.push_back({.name = listed.name,
                               .first_offset = listed.first_offset,
                               .events = walked.events,
                               .bytes = walked.end_position,
                               .file_bytes = file->size().value,
                               .first_time_ns = walked.first_time_ns,
                               .last_time_ns = walked.last_time_ns});
    found_.torn = walked.torn;
    found_.next_offset = walked.next_offset;
    std::copy(walked.damaged.begin(), walked.damaged.end(), std::back_inserter(found_.damaged));
  }

  os::Disk& disk_;
  const std::string& dir_;
  const EachRecord& each_;
  State state_;
  Survey found_;
};

}  // namespace

Survey survey(os::Disk& disk, const std::string& dir, const EachRecord& each) {
  return Surveyor{disk, dir, each}.run();
}

}  // namespace penstock::journal
