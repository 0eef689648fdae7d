#include "topic/source_table.hpp"

#include <penstock/error.hpp>

#include <string>

namespace penstock::topic {

SourceTable::SourceTable(event::Memory& memory) : memory_{memory} {
  entries_.push_back(std::make_unique<SourceEntry>("other", nullptr, 0));
}

const SourceEntry* SourceTable::find(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (entry->name == name) return entry.get();
  }
  return nullptr;
}

const SourceEntry& SourceTable::insert(std::string_view name, const TopicEntry& topic) {
  const std::string quoted = "source '" + std::string(name) + "': ";
  if (name.empty() || name == other().name) throw SetupError(quoted + "is not free for a source; choose another name");
  if (const SourceEntry* entry = find(name)) {
    if (entry->topic == &topic) return *entry;
    throw SetupError(quoted + "has topic '" + std::string(entry->topic->name) + "' already, not '" +
                     std::string(topic.name) + "'");
  }
  if (entries_.size() == kSourcesMax + 1) {  // `other` is not one of them.
    throw SetupError(quoted + "there are " + std::to_string(kSourcesMax) + " sources already");
  }
  entries_.push_back(std::make_unique<SourceEntry>(memory_.keep_name(name), &topic, entries_.size()));
  return *entries_.back();
}

}  // namespace penstock::topic
