// The two things a handler may keep beyond its call: an open stream, and the right to answer later. Both only name
// their connection; when it is gone they do nothing. Private to the room.

#pragma once

#include "http/handler.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace penstock::http {

class Connection;
class IoLoop;

class ConnectionStream final : public Stream {
 public:
  explicit ConnectionStream(std::weak_ptr<Connection> connection) : connection_{std::move(connection)} {}

  void write(std::string_view bytes) override;
  [[nodiscard]] std::size_t unsent() const noexcept override;
  void end() override;
  void on_event(std::function<void(bool gone)> callback) override;

  // For the connection.
  void tell_sent();
  void tell_gone();

 private:
  std::weak_ptr<Connection> connection_;
  std::function<void(bool gone)> callback_;
  bool over_ = false;
};

class LaterResponder final : public Responder, public std::enable_shared_from_this<LaterResponder> {
 public:
  LaterResponder(std::weak_ptr<Connection> connection, std::weak_ptr<IoLoop> loop)
      : connection_{std::move(connection)}, loop_{std::move(loop)} {}

  /// Names the request it may answer. Only while nobody else holds it.
  void renew(std::uint64_t request) noexcept { request_ = request; }

  void answer(const Answer& answer) override;
  std::shared_ptr<Stream> stream(const Answer& head) override;
  void post(std::function<void()> work) override;
  [[nodiscard]] std::shared_ptr<Responder> later() override { return shared_from_this(); }

 private:
  const std::weak_ptr<Connection> connection_;  // Never changed: post() reads them on other threads.
  const std::weak_ptr<IoLoop> loop_;
  std::uint64_t request_ = 0;
};

/// Runs `work` on the loop's thread if loop and connection still live then. Any thread.
void post_to(const std::weak_ptr<IoLoop>& loop, std::weak_ptr<Connection> connection, std::function<void()> work);

}  // namespace penstock::http
