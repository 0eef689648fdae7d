#include "serving/fixed_settings.hpp"

#include "config/units.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace penstock::serving {
namespace {

class Comparison {
 public:
  explicit Comparison(config::Problems& problems) : problems_{problems} {}

  void same(std::string_view key, const std::string& now, const std::string& next) {
    if (now == next) return;
    problems_.error({}, std::string{key} + ": cannot change from " + now + " to " + next +
                            " in a running process; restart it, or take the change back");
  }
  void same(std::string_view key, std::size_t now, std::size_t next) {
    same(key, std::to_string(now), std::to_string(next));
  }

 private:
  config::Problems& problems_;
};

std::string name_of(const std::optional<JournalOptions>& journal) { return journal ? journal->dir : "off"; }

std::string name_of(Wait wait) { return wait == Wait::spin ? "spin" : "park"; }

// The counters of a source belong to its topic as well as to its name, and stay when it is removed.
void refuse_other_topic(const config::Source& source, const BrokerStats& stats, config::Problems& problems) {
  const auto known = std::find_if(stats.sources.begin(), stats.sources.end(),
                                  [&](const SourceStats& one) { return one.name == source.name; });
  if (known == stats.sources.end() || known->topic == source.topic) return;
  problems.error(source.at, "sources." + source.name + ".topic: cannot change from " + known->topic + " to " +
                                source.topic + " in a running process; restart it, or give the source another name");
}

}  // namespace

void refuse_fixed_changes(const Running& running, const config::Config& next, config::Problems& problems) {
  const config::Config& now = running.now;
  Comparison must_be{problems};
  must_be.same("listen", now.listen.text(), next.listen.text());
  must_be.same("admin.listen", now.admin.listen.text(), next.admin.listen.text());
  must_be.same("journal.dir", name_of(now.journal), name_of(next.journal));
  if (now.journal && next.journal) {
    must_be.same("journal.segment", config::size_text(now.journal->segment_bytes),
                 config::size_text(next.journal->segment_bytes));
    must_be.same("journal.retain.bytes", config::size_text(now.journal->retain_bytes),
                 config::size_text(next.journal->retain_bytes));
    must_be.same("journal.retain.age", config::duration_text(now.journal->retain_age),
                 config::duration_text(next.journal->retain_age));
    must_be.same("limits.receipt_wait", config::duration_text(now.limits.receipt_wait),
                 config::duration_text(next.limits.receipt_wait));
  }
  must_be.same("threads", now.threads, next.threads);
  must_be.same("workers", now.workers, next.workers);
  must_be.same("wait", name_of(now.wait), name_of(next.wait));
  must_be.same("limits.memory", config::size_text(now.limits.memory_bytes_max),
               config::size_text(next.limits.memory_bytes_max));
  must_be.same("limits.dedup", config::size_text(now.limits.dedup_bytes_max),
               config::size_text(next.limits.dedup_bytes_max));
  if (next.payload_bytes_max() > running.payload_bytes_max) {
    problems.error({}, "limits.payload: a running process can be given less, but never more than the " +
                           config::size_text(running.payload_bytes_max) + " that it was started with; restart it");
  }
  for (const config::Source& source : next.sources) refuse_other_topic(source, running.stats, problems);
}

}  // namespace penstock::serving
