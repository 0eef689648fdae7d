// A handler for tests that notes what it is told, and does in begin() and end() what the test wants.
//
//     const auto notes = std::make_shared<Notes>();
//     Server server{{}, {scripted_route("/a", notes, {.end = [](const std::string&, Responder& r) { r.answer({});
//     }})}}; … EXPECT_EQ(notes->bodies(), std::vector<std::string>{"{}"});

#pragma once

#include "http/handler.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::http {

/// What handlers were told, for the test's thread to read.
class Notes {
 public:
  void add_body(std::string body) {
    const std::lock_guard lock{mutex_};
    bodies_.push_back(std::move(body));
  }
  void add_cut(Cut why) {
    const std::lock_guard lock{mutex_};
    cuts_.push_back(why);
  }
  void add_refusal(int status) {
    const std::lock_guard lock{mutex_};
    refusals_.push_back(status);
  }
  void add_commit(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    commits_.push_back(bytes);
  }
  void count_handler() {
    const std::lock_guard lock{mutex_};
    ++handlers_;
  }
  [[nodiscard]] std::vector<std::string> bodies() const {
    const std::lock_guard lock{mutex_};
    return bodies_;
  }
  [[nodiscard]] std::vector<Cut> cuts() const {
    const std::lock_guard lock{mutex_};
    return cuts_;
  }
  [[nodiscard]] std::vector<int> refusals() const {
    const std::lock_guard lock{mutex_};
    return refusals_;
  }
  /// How many bytes of bodies came at a time.
  [[nodiscard]] std::vector<std::size_t> commits() const {
    const std::lock_guard lock{mutex_};
    return commits_;
  }
  [[nodiscard]] int handlers() const {
    const std::lock_guard lock{mutex_};
    return handlers_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> bodies_;
  std::vector<Cut> cuts_;
  std::vector<int> refusals_;
  std::vector<std::size_t> commits_;
  int handlers_ = 0;
};

struct Script {
  std::function<Begin(const RequestHead&, Responder&)> begin = [](const RequestHead&, Responder&) {
    return Begin::read_body;
  };
  std::function<void(const std::string& body, Responder&)> end = [](const std::string& body, Responder& responder) {
    responder.answer({.body = body});
  };
  std::size_t room_bytes = 1U << 20U;  ///< The most it gives room for at once; 0: no memory.
};

class ScriptedHandler : public RequestHandler {
 public:
  ScriptedHandler(std::shared_ptr<Notes> notes, Script script) : notes_{std::move(notes)}, script_{std::move(script)} {
    notes_->count_handler();
  }
  Begin begin(const RequestHead& head, Responder& responder) override {
    body_.clear();
    return script_.begin(head, responder);
  }
  std::span<char> room(std::size_t wanted) override {
    room_.resize(std::min(wanted, script_.room_bytes));
    return room_;
  }
  void commit(std::size_t bytes) override {
    notes_->add_commit(bytes);
    body_.append(room_.data(), bytes);
  }
  void end(Responder& responder) override {
    notes_->add_body(body_);
    script_.end(body_, responder);
  }
  void cut(Cut why) override { notes_->add_cut(why); }

 private:
  std::shared_ptr<Notes> notes_;
  Script script_;
  std::vector<char> room_;
  std::string body_;
};

inline Route scripted_route(std::string path, const std::shared_ptr<Notes>& notes, const Script& script = {},
                            std::string method = "POST") {
  return {.method = std::move(method),
          .path = std::move(path),
          .on_refused = [notes](std::size_t, int status) { notes->add_refusal(status); },
          .make = [notes, script](std::size_t) { return std::make_unique<ScriptedHandler>(notes, script); }};
}

/// Waits up to ten seconds for `holds`.
template <typename Condition>
[[nodiscard]] bool comes_true(const Condition& holds) {
  for (int i = 0; i < 2'000; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return holds();
}

}  // namespace penstock::http
