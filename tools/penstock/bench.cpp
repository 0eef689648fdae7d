#include "bench.hpp"

#include "measuring/journal_run.hpp"
#include "version.hpp"
#include "wrong_use.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace penstock::command {
namespace {

volatile std::sig_atomic_t signal_number = 0;

/// While it lives, Ctrl-C only ends what is being measured, so that the folder can be removed.
class Interrupts {
 public:
  Interrupts() {
    signal_number = 0;
    for (Before& before : before_) {
      before.handler = std::signal(before.number, [](int number) { signal_number = number; });
      if (before.handler == SIG_IGN) (void)std::signal(before.number, SIG_IGN);  // As its shell asked for.
    }
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts() {
    for (const Before& before : before_) (void)std::signal(before.number, before.handler);
  }

 private:
  struct Before {
    int number;
    void (*handler)(int) = SIG_DFL;
  };
  std::array<Before, 2> before_{Before{SIGINT}, Before{SIGTERM}};
};

/// A new folder in `dir`, removed in the end.
class Scratch {
 public:
  explicit Scratch(const std::string& dir) : path_{dir + "/penstock-bench-XXXXXX"} {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::system_error{errno, std::generic_category(), "a folder in " + dir};
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

std::vector<measuring::Figures> measure(const BenchOptions& options, const std::string& dir) {
  const measuring::Extent extent{
      .events = options.events, .time_max = options.time_max, .stop = [] { return signal_number != 0; }};
  std::vector<measuring::Figures> all;
  measuring::JournalRun journal{dir + "/journal", options.payload_bytes};
  measuring::BareDisk disk{dir};
  for (const std::size_t in_flight : options.in_flight) {
    all.push_back(journal.in_flight(in_flight, extent));
    all.push_back(disk.measure(in_flight, options.payload_bytes, extent));
  }
  if (options.rate_per_s > 0) all.push_back(journal.at_rate(options.rate_per_s, extent));
  journal.verify();
  return all;
}

Exit bench(const BenchOptions& options, const Output& output) {
  const Interrupts interrupts;
  const Scratch scratch{options.dir};
  const std::vector<measuring::Figures> all = measure(options, scratch.path());
  if (signal_number != 0) return signal_number == SIGINT ? Exit::interrupted : Exit::terminated;
  if (!options.common.json) {
    output.out << measuring::table(all);
    return Exit::done;
  }
  for (const measuring::Figures& figures : all) {
    output.out << measuring::json(figures, measuring::machine(), std::string{revision()}) << '\n';
  }
  return Exit::done;
}

}  // namespace

Exit run_bench(const BenchOptions& options, const Output& output) {
  const auto failed = [&output](const std::exception& error, Exit status) {
    output.err << "penstock bench: " << error.what() << '\n';
    return status;
  };
  try {
    return bench(options, output);
  } catch (const WrongUse& error) {
    return failed(error, Exit::wrong_use);
  } catch (const JournalError& error) {
    return failed(error, Exit::disk_failed);
  } catch (const std::system_error& error) {
    return failed(error, Exit::disk_failed);
  } catch (const std::exception& error) {
    return failed(error, Exit::failed);
  }
}

}  // namespace penstock::command
