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
  Surveyor(os::Disk& disk, const std::string& dir, const SurveyFrom& from, const EachRecord& each)
      : disk_{disk}, dir_{dir}, from_{from}, each_{each} {}

  Survey run() {
    const std::vector<SegmentFile> files = list();
    read_the_state(files.empty());
    for (std::size_t i = 0; i < files.size() && !enough_; ++i) {
      const SegmentFile* next = i + 1 < files.size() ? &files[i + 1] : nullptr;
      if (next == nullptr || !is_before_what_is_asked(*next)) look_at(files[i], next);
    }
    found_.next_offset = std::max(found_.next_offset, state_.synced_next);
    return std::move(found_);
  }

 private:
  struct Opened {
    std::unique_ptr<os::File> file = {};  // Null: a running broker's retention took it meanwhile.
    SegmentHead head = {};
    const char* wrong = nullptr;
  };

  [[nodiscard]] std::vector<SegmentFile> list() const {
    try {
      return list_segments(disk_, dir_);
    } catch (const DiskFailed& failed) {
      if (failed.error() == ENOENT || failed.error() == ENOTDIR) throw none_here();
      throw;
    }
  }

  [[nodiscard]] SetupError none_here() const {
    return SetupError{dir_ + ": there is no journal; give the directory that journal.dir names"};
  }

  void read_the_state(bool no_segments) {
    try {
      if (const std::optional<State> state = read_state(disk_, dir_)) {
        state_ = *state;
        if (no_segments && state_.synced_next > 1) {
          found_.damaged.push_back(
              {.segment = dir_, .offset = 1, .last_offset = state_.synced_next - 1, .why = "no segment is there"});
        }
      } else if (no_segments) {
        throw none_here();
      } else {
        found_.damaged.push_back({.segment = kStateName, .why = "the file is missing"});
      }
    } catch (const Damaged& damaged) {
      found_.damaged.push_back(damaged.damage());
    }
  }

  [[nodiscard]] Opened open(const SegmentFile& listed) const {
    const std::string path = dir_ + "/" + listed.name;
    Opened opened;
    int error = disk_.open(path, os::OpenMode::read, opened.file);
    if (error == ENOENT) return {};
    if (error != 0) throw DiskFailed("open", path, error);
    opened.wrong = read_segment_head(*opened.file, opened.head, error);
    if (error != 0) throw DiskFailed("read", path, error);
    if (opened.wrong == nullptr && opened.head.first_offset != listed.first_offset) {
      opened.wrong = "its head names another first offset";
    }
    return opened;
  }

  /// `next`: the segment behind it. No event in front of that is younger than it.
  [[nodiscard]] bool is_before_what_is_asked(const SegmentFile& next) const {
    if (next.first_offset <= from_.from_offset) return true;
    if (from_.from_time_ns == 0) return false;
    const Opened opened = open(next);
    return opened.file && opened.wrong == nullptr && opened.head.time_ns < from_.from_time_ns;
  }

  void look_at(const SegmentFile& listed, const SegmentFile* next) {
    Opened opened = open(listed);
    if (!opened.file) return;
    if (opened.wrong != nullptr) {
      found_.damaged.push_back({.segment = listed.name, .offset = listed.first_offset, .why = opened.wrong});
      opened.head = {.crc_seed = state_.crc_seed};
    }
    const WalkFrom from{.path = dir_ + "/" + listed.name,
                        .name = listed.name,
                        .first_offset = listed.first_offset,
                        .next_first = next == nullptr ? 0 : next->first_offset,
                        .synced_next = state_.synced_next,
                        .epoch = opened.head.epoch,
                        .crc_seed = opened.head.crc_seed};
    const Walked walked = walk(*opened.file, from, [this](const RecordView& record) {
      enough_ = each_ && !each_(record);
      return !enough_;
    });
    found_.segments.push_back({.name = listed.name,
                               .first_offset = listed.first_offset,
                               .events = walked.events,
                               .bytes = walked.end_position,
                               .file_bytes = opened.file->size().value,
                               .first_time_ns = walked.first_time_ns,
                               .last_time_ns = walked.last_time_ns});
    found_.torn = walked.torn;
    found_.next_offset = walked.next_offset;
    std::copy(walked.damaged.begin(), walked.damaged.end(), std::back_inserter(found_.damaged));
  }

  os::Disk& disk_;
  const std::string& dir_;
  const SurveyFrom& from_;
  const EachRecord& each_;
  State state_;
  Survey found_;
  bool enough_ = false;
};

}  // namespace

Survey survey(os::Disk& disk, const std::string& dir, const SurveyFrom& from, const EachRecord& each) {
  return Surveyor{disk, dir, from, each}.run();
}

}  // namespace penstock::journal
