#include <penstock/broker.hpp>

#include <algorithm>
#include <cstdio>

int main() {
  penstock::Broker broker{{.workers = 1}};
  broker.route("github", penstock::Route::header("x-github-event"));  // github + . + the header's value

  const auto pushes = broker.subscribe("github.push", [](const penstock::Event& event) {
    const std::string_view topic = event.topic();  // views live until the handler returns
    std::printf("%.*s: %zu bytes\n", static_cast<int>(topic.size()), topic.data(), event.payload().size());
  });

  penstock::Publisher publisher = broker.publisher();  // one per thread
  const std::string_view body = R"({"ref":"refs/heads/main","before":"5.0"})";
  penstock::EventBuilder event = publisher.event("github", body.size());
  event.metadata("x-github-event", "push");
  const std::span<char> room = event.payload(body.size());  // the bytes that will travel: nothing copies them again
  std::copy_n(body.data(), room.size(), room.data());

  const bool accepted = publisher.publish(std::move(event)) == penstock::Verdict::accepted;
  return broker.close() && accepted ? 0 : 1;  // delivers what was accepted, then stops
}
