// A router of your own: the sub-topic is two header fields joined, pull_request + opened.
#include <penstock/broker.hpp>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace {

// Called in publish, on the publishing thread. `room` is the call's own; an empty answer leaves the event on its base
// topic.
std::string_view kind_and_action(const penstock::Event& event, std::span<char> room) {
  const std::string_view kind = event.metadata("x-kind").value_or("");
  const std::string_view action = event.metadata("x-action").value_or("");
  if (kind.empty() || action.empty()) return kind;
  if (kind.size() + 1 + action.size() > room.size()) return {};
  char* const end = std::copy(kind.begin(), kind.end(), room.data());
  *end = '.';
  std::copy(action.begin(), action.end(), end + 1);
  return {room.data(), kind.size() + 1 + action.size()};
}

bool publish(penstock::Publisher& publisher, std::string_view kind, std::string_view action) {
  penstock::EventBuilder event = publisher.event("forge", 0);
  event.metadata("x-kind", kind);
  event.metadata("x-action", action);
  return publisher.publish(std::move(event)) == penstock::Verdict::accepted;
}

}  // namespace

int main() {
  penstock::Broker broker{{.workers = 1}};
  broker.route("forge", penstock::Route::function("kind+action", kind_and_action));
  const auto all = broker.subscribe({"forge", "forge.>"}, [](const penstock::Event& event) {
    std::printf("%s\n", std::string{event.topic()}.c_str());
  });

  penstock::Publisher publisher = broker.publisher();
  bool good = publish(publisher, "pull_request", "opened");
  good = publish(publisher, "push", "") && good;
  good = publish(publisher, "no topic", "at all") && good;  // not trusted more than a sender: counted as unrouted
  return broker.close() && good ? 0 : 1;
}
