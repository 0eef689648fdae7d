#include "sending/delivery.hpp"

#include "http/request.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::sending {
namespace {

constexpr std::string_view kHeader = "header:";
constexpr std::string_view kJson = "json:";

bool has_prefix(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// What each sender puts into every delivery besides event, id and proof.
struct Habit {
  std::string_view preset;
  std::string_view user_agent;
  std::string_view content_type;
};
constexpr std::array kHabits{
    Habit{"github", "GitHub-Hookshot/044aadd", "application/json"},
    Habit{"gitlab", "GitLab/17.5.1", "application/json"},
    Habit{"bitbucket-cloud", "Bitbucket-Webhooks/2.0", "application/json"},
    Habit{"bitbucket-server", "Atlassian HttpClient/2.1 / Bitbucket", "application/json; charset=utf-8"},
    Habit{"azure-devops", "VSServices/19.258.36310.1 (NetStandard)", "application/json; charset=utf-8"},
    Habit{"gerrit", "Apache-HttpClient/4.5.14 (Java/17.0.13)", "application/json; charset=UTF-8"}};
constexpr Habit kAnyone{"", "penstock-send", "application/json"};

const Habit& habit_of(std::string_view preset) {
  const auto* const found =
      std::find_if(kHabits.begin(), kHabits.end(), [&](const Habit& h) { return h.preset == preset; });
  return found == kHabits.end() ? kAnyone : *found;
}

bool names(const std::vector<command::FieldLine>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const command::FieldLine& field) { return http::equal_without_case(field.first, name); });
}

}  // namespace

DeliveryMaker::DeliveryMaker(const config::Source& source, const command::SendOptions& options, std::string body)
    : source_{source}, given_{options.fields}, keep_id_{options.keep_id}, body_{std::move(body)} {
  const Habit& habit = habit_of(source.preset);
  fixed_.emplace_back("User-Agent", habit.user_agent);
  fixed_.emplace_back("Content-Type", habit.content_type);
  look_for_event(options);
  look_for_id();
}

void DeliveryMaker::look_for_event(const command::SendOptions& options) {
  const std::string first = source_.event.empty() ? std::string{} : source_.event.front();
  if (has_prefix(first, kHeader)) {
    const std::string header = first.substr(kHeader.size());
    if (options.event) {
      fixed_.emplace_back(header, *options.event);
    } else if (!names(given_, header)) {
      notes_.push_back("no --event: sent without " + header + ", so it will stay on topic " + source_.topic);
    }
    return;
  }
  if (!options.event) return;
  if (first.empty()) throw WrongUse{"source " + source_.name + " has no event header: leave --event out"};
  throw WrongUse{"source " + source_.name + " is routed by its body (" + first + "): leave --event out"};
}

void DeliveryMaker::look_for_id() {
  const std::string& place = source_.dedup.id;
  if (has_prefix(place, kHeader)) {
    id_header_ = place.substr(kHeader.size());
    if (keep_id_) kept_id_ = id_of(body_);
  } else if (has_prefix(place, kJson) && !keep_id_) {
    id_place_ = find_json(body_, std::string_view{place}.substr(kJson.size()));
    if (!id_place_) notes_.push_back("no id at " + place + " in the body: sent as it is");
  }
}

void DeliveryMaker::add(Delivery& delivery, const std::string& name, const std::string& value) const {
  if (!names(given_, name)) delivery.fields.emplace_back(name, value);
}

Delivery DeliveryMaker::make(DeliveryIds& ids) const {
  Delivery delivery{.body = body_};
  if (id_place_) ids.replace(delivery.body, *id_place_);
  for (const auto& [name, value] : fixed_) add(delivery, name, value);
  if (!id_header_.empty()) add(delivery, id_header_, keep_id_ ? kept_id_ : ids.fresh());
  verify::Verifier::Proof proof = source_.verifier->prove(delivery.body);
  for (const auto& [name, value] : proof.fields) add(delivery, name, value);
  delivery.fields.insert(delivery.fields.end(), given_.begin(), given_.end());
  delivery.path_token = std::move(proof.path_token);
  return delivery;
}

}  // namespace penstock::sending
