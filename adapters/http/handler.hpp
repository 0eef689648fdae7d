// What a route is to the server: a factory of request handlers, one per connection that uses the route.
//
//     class Hello : public http::RequestHandler {
//       Begin begin(const RequestHead&, Responder&) override { return Begin::read_body; }
//       std::span<char> room(std::size_t) override { return buffer_; }      // where body bytes shall land
//       void commit(std::size_t bytes) override { used_ += bytes; }
//       void end(Responder& responder) override { responder.answer({.status = 200, .body = "hello"}); }
//       void cut(Cut) override { used_ = 0; }
//     };
//
// Threads: all calls for one connection come on that connection's I/O thread, one request after another; nothing may
// block. A handler is made when a connection first uses its route, and reused for the connection's later requests. It
// ends between two requests, or beside a stream that it opened, at the latest with the connection.

#pragma once

#include "http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace penstock::http {

/// An answer. The server adds the status line, content-length, date-less fixed fields and `connection: close` when due.
struct Answer {
  int status = 200;
  std::string_view body = {};
  std::string_view content_type = "application/json";
  std::span<const Field> fields = {};  ///< More field lines; names and values must be clean (asserted: no CR, LF, NUL).
  bool close = false;                  ///< Close after this answer even if the request would keep the connection.
};

/// Why no more of a request comes. Nothing may be published from it.
enum class Cut : std::uint8_t {
  disconnected,  ///< End of input or reset inside the request.
  malformed,     ///< The body broke the grammar (400).
  too_large,     ///< Past the limit while reading a chunked body, or the sink refused room (see RequestHandler::room).
  too_slow,      ///< Past the total body time (408).
  stopped,       ///< The server stops now.
};

/// Bytes of an answer whose end is not known: server-sent events, long polls.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Queues bytes. The view is copied. Call only on the I/O thread.
  virtual void write(std::string_view bytes) = 0;
  [[nodiscard]] virtual std::size_t unsent() const noexcept = 0;  ///< Bytes queued and not yet taken by the kernel.
  virtual void end() = 0;                                         ///< After what was written: the end of the answer.
  /// Called on the I/O thread when unsent() fell to 0 after a write, and once with `gone` true when the peer left,
  /// read nothing for too long, or the server stops. After `gone` the stream must not be used.
  virtual void on_event(std::function<void(bool gone)> callback) = 0;
};

/// The right to answer one request, once, now or later. Later: keep it (move it); answer on the same I/O thread
/// (post() gets you there). When the connection is gone answering does nothing.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void answer(const Answer& answer) = 0;
  /// Begins an answer of unknown length (chunked in HTTP/1.1, until close in 1.0); `head.body` is its beginning. The
  /// connection closes behind it. Only when the body has been read: from end() or later().
  virtual std::shared_ptr<Stream> stream(const Answer& head) = 0;
  /// Runs `work` on the connection's I/O thread, also from other threads, if the connection still lives.
  virtual void post(std::function<void()> work) = 0;
  /// A Responder that outlives begin() or end(), for answering later. The server reads no further request meanwhile. If
  /// every copy is dropped unanswered, the request is answered 500.
  [[nodiscard]] virtual std::shared_ptr<Responder> later() = 0;
};

enum class Begin : std::uint8_t {
  read_body,  ///< Read the body (possibly empty) into room(), then call end().
  answered,   ///< An answer was given; the server drops the body unread and closes if one is due.
};

class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  RequestHandler() = default;
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;

  /// The head is whole and valid. `head` stays valid until the request is answered or cut. Called before any
  /// `100 Continue`, which the server sends only after read_body.
  virtual Begin begin(const RequestHead& head, Responder& responder) = 0;
  /// Room for at least one body byte; more than `wanted` is not used. `wanted` is all that is known to come: the rest
  /// of content-length, or of the present chunk. Empty: no memory; the server answers 503 with Retry-After and calls
  /// cut(Cut::too_large). Asking again without a commit() between may happen and gives the same bytes' room again.
  virtual std::span<char> room(std::size_t wanted) = 0;
  virtual void commit(std::size_t bytes) = 0;
  /// The whole request has been read, trailers included (dropped). Answer now, or take responder.later().
  virtual void end(Responder& responder) = 0;
  /// Instead of end(): the request will never be whole. The server gives any answer that is due.
  virtual void cut(Cut why) = 0;
  /// Bytes held between calls and not charged anywhere else, for the memory gauge and the budget. Asked after every
  /// turn of the connection, so it must be cheap. A handler that holds some is destroyed when its connection is idle.
  [[nodiscard]] virtual std::size_t memory_bytes() const noexcept { return 0; }
};

/// One entry of a listener's route table. Paths match exactly, undecoded; then the longest prefix wins.
struct Route {
  std::string method;  ///< "POST". A known path with another method answers 405 with Allow. GET takes HEAD too.
  std::string path;    ///< "/hooks/github", or a prefix if it ends in "/*", which stands for one byte or more.
  std::size_t body_bytes_max = 1U << 20U;  ///< Past it: 413, at the head when content-length says so.
  bool length_required = false;            ///< Neither content-length nor chunked: 411.
  bool while_draining = false;             ///< Served by a server that drains too: health checks.
  /// Called when the server itself answers a request of this route, with the status, so that it can be counted under
  /// its reason: 411, 413, 417, 503 while draining, and 500 for a handler that could not be made, or that threw before
  /// end(). Once a request, and never besides cut() or end(): what breaks off a body (400, 408, 413, 503 for no room)
  /// is told there and not here, and a handler whose end() was called has the whole request and counts it itself, also
  /// when it then throws or never answers. On the I/O thread. May be empty.
  std::function<void(std::size_t io_thread, int status)> on_refused = {};
  /// Makes the handler of one connection, on its I/O thread (0 … threads-1).
  std::function<std::unique_ptr<RequestHandler>(std::size_t io_thread)> make;
};

}  // namespace penstock::http
