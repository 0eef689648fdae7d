// A broker that keeps a journal in a folder of the test's own, and what is published to it.
//
//     Journaled journaled;
//     journaled.publish("github.push", "{}");            // returns when it is on the disk: offset 1
//     journaled.reopen();                                // a restart

#pragma once

#include "support/temporary_folder.hpp"
#include <gtest/gtest.h>
#include <penstock/broker.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace penstock::streams {

class Journaled {
 public:
  explicit Journaled(std::uint64_t segment_bytes = 64U << 20U)
      : options_{.workers = 1,
                 .memory_bytes_max = 256U << 20U,
                 .journal = JournalOptions{.dir = folder_.text(), .segment_bytes = segment_bytes}} {
    reopen();
  }
  ~Journaled() { close(); }
  Journaled(const Journaled&) = delete;
  Journaled& operator=(const Journaled&) = delete;

  void close() {
    publisher_.reset();
    broker_.reset();
  }
  void reopen() {
    close();
    broker_.emplace(options_);
    publisher_.emplace(broker_->publisher());
  }

  Broker& operator*() { return *broker_; }
  Broker* operator->() { return &*broker_; }
  [[nodiscard]] const std::filesystem::path& dir() const { return folder_.path(); }
  [[nodiscard]] std::uint64_t next_offset() const { return broker_->stats().journal.next_offset; }

  /// Waits until the event is on the disk. It may still be on its way to live subscribers: reopen() ends that.
  void publish(std::string_view topic, std::string_view payload) {
    const std::uint64_t offset = next_offset();
    send(topic, payload);
    wait_for(offset + 1);
  }
  void wait_for(std::uint64_t next) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (next_offset() < next && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    ASSERT_EQ(next_offset(), next);
  }
  /// Waits for nothing.
  void send(std::string_view topic, std::string_view payload) {
    EventBuilder event = publisher_->event(topic, payload.size());
    const auto bytes = event.payload(payload.size());
    ASSERT_EQ(bytes.size(), payload.size());
    std::copy(payload.begin(), payload.end(), bytes.begin());
    ASSERT_EQ(publisher_->publish(std::move(event)), Verdict::accepted);
  }

 private:
  const test::TemporaryFolder folder_;
  const BrokerOptions options_;
  std::optional<Broker> broker_;
  std::optional<Publisher> publisher_;
};

}  // namespace penstock::streams
