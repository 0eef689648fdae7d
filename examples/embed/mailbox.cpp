// A subscriber with a loop of its own: events wait in a mailbox until the loop takes them, a few at a time.
#include <penstock/broker.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <span>
#include <string>
#include <thread>

int main() {
  penstock::Broker broker{{.workers = 1}};
  std::atomic<bool> filled = false;
  // Called by a worker when an empty mailbox got something, and when the subscription ended: it only wakes the loop.
  penstock::Subscription jobs = broker.subscribe_mailbox({"jobs.>"}, [&filled] {
    filled = true;
    filled.notify_one();
  });

  std::thread front_end{[&broker] {
    penstock::Publisher publisher = broker.publisher();
    for (int i = 0; i < 5; ++i) {
      const std::string body = "job " + std::to_string(i);
      penstock::EventBuilder event = publisher.event("jobs.print", body.size());
      const std::span<char> room = event.payload(body.size());
      std::copy_n(body.data(), room.size(), room.data());
      if (publisher.publish(std::move(event)) != penstock::Verdict::accepted) std::puts("refused");
    }
  }};

  int done = 0;
  while (done < 5) {
    filled.wait(false);  // or an eventfd, or whatever the loop sleeps on
    filled = false;      // before taking: what comes from now on sets it again
    while (jobs.take(2, [&done](const penstock::Event& event) {
      std::printf("%s\n", std::string{event.payload()}.c_str());
      ++done;
    }) > 0) {
    }
  }
  front_end.join();
  jobs.unsubscribe();
  return broker.close() ? 0 : 1;
}
