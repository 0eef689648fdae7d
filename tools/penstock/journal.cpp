#include "journal.hpp"

#include "config/load.hpp"
#include "running_broker.hpp"
#include "surveying/export_lines.hpp"
#include "surveying/report.hpp"
#include "wrong_use.hpp"
#include <penstock/journal_survey.hpp>

#include <algorithm>

namespace penstock::command {
namespace {

constexpr const char* kTorn =
    "at the end lies a batch that was never synced, or is just being written: no receipt "
    "was given for it\n";

std::string dir_without_file(const config::Overrides& overrides) {
  const auto above = std::find_if(overrides.values.begin(), overrides.values.end(),
                                  [](const config::Override& one) { return one.path == "journal.dir"; });
  if (above != overrides.values.end()) return above->value;
  throw WrongUse{"which journal? penstock journal verify ./penstock-data, or -c penstock.yaml"};
}

std::string dir_of(const JournalCommandOptions& options, const config::Environment& environment, const Output& output) {
  const Common& common = options.common;
  if (!options.dir.empty()) return options.dir;
  if (common.config.empty()) return dir_without_file(common.overrides);
  // No source is called "\0": nobody's secrets are asked for.
  const config::Loaded loaded = config::load_file(common.config, {environment, common.overrides, std::string(1, '\0')});
  if (!loaded.config) {
    print_problems(loaded.problems, true, output.err);
    throw BadConfiguration{};
  }
  if (!loaded.config->journal) throw WrongUse{common.config + " says 'journal: off': there is none"};
  return loaded.config->journal->dir;
}

class Command {
 public:
  Command(const JournalCommandOptions& options, std::string dir, const Output& output)
      : options_{options}, dir_{std::move(dir)}, output_{output} {}

  Exit run() {
    switch (options_.action) {
      case JournalAction::stat: return stat();
      case JournalAction::verify: return verify();
      case JournalAction::write_out: break;
    }
    return write_out();
  }

 private:
  Exit stat() {
    const JournalSurvey found = survey_journal(dir_);
    if (options_.common.json) {
      output_.out << surveying::stat_json(dir_, found) << '\n';
    } else {
      output_.out << surveying::table(found);
    }
    tell_end(found);
    if (!found.damaged.empty()) {
      note(std::to_string(found.damaged.size()) + " damaged; penstock journal verify names each\n");
    }
    return Exit::done;
  }

  Exit verify() {
    // Whoever reads an event must also be able to make it again: so each is.
    const JournalSurvey found = survey_journal(dir_, {.visit = [](const Event&) { return true; }});
    if (options_.common.json) {
      output_.out << surveying::verify_json(dir_, found) << '\n';
    } else {
      for (const JournalDamage& damage : found.damaged) output_.out << damage.text() << '\n';
    }
    tell_end(found);
    const std::string seen = surveying::total_text(found);
    note(found.damaged.empty() ? seen + ": all whole\n" : seen + " whole; damaged: " + damages(found) + '\n');
    return found.damaged.empty() ? Exit::done : Exit::failed;
  }

  Exit write_out() {
    surveying::ExportLines lines{options_.range, output_.out};
    const JournalSurvey found = survey_journal(dir_, {.from_offset = lines.from_offset(),
                                                      .from_time = lines.from_time(),
                                                      .visit = [&](const Event& event) { return lines.take(event); }});
    tell_end(found);
    bool whole = true;
    for (const JournalDamage& damage : found.damaged) {
      if (std::max(damage.offset, damage.last_offset) < lines.from_offset()) continue;
      whole = false;
      output_.err << damage.text() << '\n';
    }
    return whole ? Exit::done : Exit::failed;
  }

  static std::string damages(const JournalSurvey& found) { return std::to_string(found.damaged.size()); }

  void tell_end(const JournalSurvey& found) const {
    if (found.torn) note(kTorn);
  }

  void note(const std::string& text) const {
    if (!options_.common.quiet) output_.err << "penstock journal: " << dir_ << ": " << text;
  }

  const JournalCommandOptions& options_;
  const std::string dir_;
  const Output& output_;
};

}  // namespace

Exit run_journal(const JournalCommandOptions& options, const config::Environment& environment, const Output& output) {
  return exit_of("journal", output, [&] {
    const std::string dir = dir_of(options, environment, output);
    try {
      return Command{options, dir, output}.run();
    } catch (const JournalError& error) {
      output.err << "penstock journal: " << error.what() << '\n';
      return Exit::disk_failed;
    } catch (const SetupError& error) {
      output.err << "penstock journal: " << error.what() << '\n';
      return Exit::failed;
    }
  });
}

}  // namespace penstock::command
