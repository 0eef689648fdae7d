// A stranger's program: publishes one event and wants to see it arrive.
#include <penstock/broker.hpp>
#include <penstock/version.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string_view>
#include <utility>

namespace {
constexpr std::string_view kBody = R"({"ref":"refs/heads/main"})";
}  // namespace

int main() {
  std::atomic<bool> arrived = false;
  bool drained = false;
  {
    penstock::Broker broker{{.workers = 1}};
    broker.route("github", penstock::Route::header("x-github-event"));
    const penstock::Subscription pushes = broker.subscribe("github.push", [&arrived](const penstock::Event& event) {
      arrived = event.topic() == "github.push" && event.payload() == kBody;
    });
    penstock::Publisher publisher = broker.publisher();
    penstock::EventBuilder event = publisher.event("github", kBody.size());
    event.metadata("X-GitHub-Event", "push");
    std::ranges::copy(kBody, event.payload(kBody.size()).begin());
    if (publisher.publish(std::move(event)) != penstock::Verdict::accepted) return 1;
    drained = broker.close();
  }
  std::printf("penstock %s: arrived %d, drained %d\n", PENSTOCK_VERSION, int{arrived}, int{drained});
  return arrived && drained ? 0 : 1;
}
