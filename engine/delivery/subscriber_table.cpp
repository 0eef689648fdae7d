#include "delivery/subscriber_table.hpp"

#include <penstock/topic.hpp>

#include <algorithm>
#include <utility>

namespace penstock::delivery {

SubscriberTable::SubscriberTable(std::vector<std::shared_ptr<Live>> wanted_by, std::uint64_t table_version)
    : lives{std::move(wanted_by)}, version{table_version} {
  for (std::uint32_t i = 0; i < lives.size(); ++i) {
    for (const std::string& pattern : lives[i]->patterns()) {
      if (pattern.find_first_of("*>") == std::string::npos) {
        exact_[pattern].push_back(i);
      } else {
        wildcards_.emplace_back(pattern, i);
      }
    }
  }
}

void SubscriberTable::add_matches(std::string_view topic, std::vector<std::uint32_t>& matched) const {
  if (const auto found = exact_.find(topic); found != exact_.end()) {
    matched.insert(matched.end(), found->second.begin(), found->second.end());
  }
  for (const auto& [pattern, index] : wildcards_) {
    if (matches(pattern, topic)) matched.push_back(index);
  }
}

void SubscriberTable::match(std::string_view base_topic, std::string_view topic,
                            std::vector<std::uint32_t>& matched) const {
  matched.clear();
  add_matches(topic, matched);
  if (topic.size() != base_topic.size()) add_matches(base_topic, matched);
  std::sort(matched.begin(), matched.end());
  matched.erase(std::unique(matched.begin(), matched.end()), matched.end());
}

SubscriberTables::SubscriberTables()
    : tables_{std::make_unique<const SubscriberTable>(std::vector<std::shared_ptr<Live>>{}, 1)} {}

SubscriberTables::~SubscriberTables() = default;

void SubscriberTables::add(const std::shared_ptr<Live>& live) {
  tables_.replace([&live](const SubscriberTable& newest) {
    std::vector<std::shared_ptr<Live>> lives = newest.lives;
    lives.push_back(live);
    return std::make_unique<const SubscriberTable>(std::move(lives), newest.version + 1);
  });
}

void SubscriberTables::remove(const Live& live) {
  tables_.replace([&live](const SubscriberTable& newest) {
    std::vector<std::shared_ptr<Live>> lives = newest.lives;
    std::erase_if(lives, [&live](const std::shared_ptr<Live>& one) { return one.get() == &live; });
    return std::make_unique<const SubscriberTable>(std::move(lives), newest.version + 1);
  });
}

std::vector<std::shared_ptr<Live>> SubscriberTables::lives() const {
  return tables_.look_at_newest([](const SubscriberTable& newest) { return newest.lives; });
}

void SubscriberTables::destroy_if_left(Live& live) const noexcept {
  if (!live.gate().may_destroy([this, &live] { return in_call(live); })) return;
  if (live.mailbox().close(false)) live.destroy_callbacks();
}

bool SubscriberTables::refused(std::string_view base_topic, std::string_view topic) const {
  return tables_.look_at_newest([&](const SubscriberTable& newest) {
    return std::any_of(newest.lives.begin(), newest.lives.end(), [&](const std::shared_ptr<Live>& live) {
      return live->mailbox().refusing() && live->wants(base_topic, topic);
    });
  });
}

}  // namespace penstock::delivery
