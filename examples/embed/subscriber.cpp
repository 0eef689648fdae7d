// A subscriber: several patterns, a bounded queue that tells of what it lost, and its own counters.
#include <penstock/broker.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace {

void print(const penstock::Event& event) {
  std::printf("%s from %s, %zu bytes", std::string{event.topic()}.c_str(), std::string{event.source()}.c_str(),
              event.payload().size());
  if (const auto delivery = event.metadata("x-delivery")) std::printf(", delivery %s", std::string{*delivery}.c_str());
  std::puts("");
}

bool publish(penstock::Publisher& publisher, std::string_view topic, std::string_view body) {
  penstock::EventBuilder event = publisher.event(topic, body.size());
  event.metadata("X-Delivery", "7f3a");
  const std::span<char> room = event.payload(body.size());
  std::copy_n(body.data(), room.size(), room.data());
  return publisher.publish(std::move(event)) == penstock::Verdict::accepted;
}

}  // namespace

int main() {
  std::uint64_t missed = 0;
  penstock::Broker broker{{.workers = 1}};
  penstock::Subscription builds =
      broker.subscribe({"build.*", "release.>"}, print,
                       {.name = "ci",
                        .queue_bytes_max = 4U << 20U,  // past it the oldest events are dropped, and counted
                        .overflow = penstock::Overflow::drop_oldest,
                        .on_gap = [&missed](std::uint64_t dropped) { missed += dropped; }});

  penstock::Publisher publisher = broker.publisher();
  for (const char* topic : {"build.linux", "release.1.0", "build", "chat"}) {
    if (!publish(publisher, topic, "{}")) return EXIT_FAILURE;
  }
  const bool all = broker.close();
  const penstock::SubscriptionStats stats = builds.stats();
  std::printf("matched %d, ok %d, dropped %d\n", static_cast<int>(stats.matched), static_cast<int>(stats.ok),
              static_cast<int>(stats.dropped));
  return all && missed == stats.dropped ? EXIT_SUCCESS : EXIT_FAILURE;
}
