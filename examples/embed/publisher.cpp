// A front end of your own: one line of input is one event, and each line gets its verdict. `TOPIC TEXT`
#include <penstock/broker.hpp>

#include <algorithm>
#include <iostream>
#include <span>
#include <string>

namespace {

std::string answer(penstock::Publisher& publisher, const penstock::Source& source, std::string_view line) {
  const std::string_view topic = line.substr(0, line.find(' '));
  const std::string_view text = line.substr(std::min(line.size(), topic.size() + 1));
  penstock::EventBuilder event = publisher.event(source, topic, text.size());
  const std::span<char> room = event.payload(text.size());  // empty when there is no memory: publish then says full
  std::copy_n(text.data(), room.size(), room.data());
  const penstock::Verdict verdict = publisher.publish(std::move(event));
  switch (verdict) {
    case penstock::Verdict::accepted: return "accepted as " + std::string{publisher.last_topic()};
    case penstock::Verdict::full: return "come again";  // nothing was kept: let the sender keep it
    default: return "refused: " + std::string{penstock::to_string(verdict)};
  }
}

}  // namespace

int main() {
  penstock::Broker broker{{.workers = 1, .payload_bytes_max = 16}};
  const penstock::Source lines = broker.source("lines");  // whose counters these are
  const auto all = broker.subscribe(">", [](const penstock::Event&) {});
  penstock::Publisher publisher = broker.publisher();  // of this thread; another thread makes its own
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(publisher, lines, line) << '\n';

  const bool delivered = broker.close();
  for (const penstock::SourceStats& source : broker.stats().sources) {
    if (source.name != "lines") continue;
    std::cout << source.received << " received = " << source.accepted << " accepted + " << source.refused_total()
              << " refused\n";
  }
  return delivered ? 0 : 1;
}
