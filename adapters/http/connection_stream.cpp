#include "http/connection_stream.hpp"

#include "http/connection.hpp"
#include "http/io_loop.hpp"

namespace penstock::http {

void ConnectionStream::write(std::string_view bytes) {
  if (over_) return;
  if (const auto connection = connection_.lock()) connection->stream_write(bytes);
}

std::size_t ConnectionStream::unsent() const noexcept {
  const auto connection = over_ ? nullptr : connection_.lock();
  return connection ? connection->unsent() : 0;
}

void ConnectionStream::end() {
  if (over_) return;
  over_ = true;
  callback_ = nullptr;
  if (const auto connection = connection_.lock()) connection->stream_end();
}

void ConnectionStream::on_event(std::function<void(bool)> callback) {
  if (!over_) callback_ = std::move(callback);
}

void ConnectionStream::tell_sent() {
  if (!callback_) return;
  // Out of its place while it runs: the callback may end the stream or name another one.
  auto running = std::move(callback_);
  callback_ = nullptr;
  running(false);
  if (!callback_ && !over_) callback_ = std::move(running);
}

void ConnectionStream::tell_gone() {
  over_ = true;
  const auto running = std::move(callback_);
  callback_ = nullptr;
  if (running) running(true);
}

void LaterResponder::answer(const Answer& answer) {
  if (const auto connection = connection_.lock()) connection->answer_later(request_, answer);
}

std::shared_ptr<Stream> LaterResponder::stream(const Answer& head) {
  const auto connection = connection_.lock();
  return connection ? connection->stream_later(request_, head) : std::make_shared<ConnectionStream>(connection_);
}

void LaterResponder::post(std::function<void()> work) { post_to(loop_, connection_, std::move(work)); }

void post_to(const std::weak_ptr<IoLoop>& loop, std::weak_ptr<Connection> connection, std::function<void()> work) {
  const auto alive = loop.lock();
  if (!alive) return;
  // The connection is looked up on its own thread: held here, its last reference could end on this one.
  alive->post([connection = std::move(connection), work = std::move(work)] {
    if (const auto living = connection.lock()) living->run_posted(work);
  });
}

}  // namespace penstock::http
