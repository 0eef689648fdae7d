// One connection: receives, has requests read, calls handlers, sends answers, keeps deadlines. Private to the room.
//
// Everything runs on the loop's thread. run() does all that the received bytes allow, then sends what has gathered in
// one send, then asks for more: one receive and one send for any number of pipelined requests. At most one receive and
// one send are under way; a handler's calls from inside its own callback only leave notes that run() acts on.
//
//   reading_head ─ head ready ─▶ reading_body ─ whole ─▶ answering ─ answered ─▶ reading_head, or lingering
//                                                           └─ stream() ─▶ streaming ─ end ─▶ lingering ─▶ closed
//
// connection.cpp: sockets, deadlines, the end. connection_requests.cpp: heads, bodies, handlers.
// connection_answers.cpp: answers and streams.

#pragma once

#include "http/chunk_reader.hpp"
#include "http/connection_stream.hpp"
#include "http/handler.hpp"
#include "http/input_buffer.hpp"
#include "http/io_loop.hpp"
#include "http/output_buffer.hpp"
#include "http/request_reader.hpp"
#include "http/server_table.hpp"
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::http {

class Connection final : public Responder, public std::enable_shared_from_this<Connection> {
 public:
  using Clock = IoLoop::Clock;
  using Place = std::list<std::shared_ptr<Connection>>::iterator;

  static constexpr std::size_t kBehindHeadBytes = 4U << 10U;     // Room for chunks behind the largest head.
  static constexpr std::size_t kAnswersWaitingMax = 64U << 10U;  // Past it no further request is read.
  static constexpr std::size_t kLingerBytesMax = 16U << 20U;
  static constexpr std::size_t kReceiveInPlaceBytes = 4U << 10U;  // Chunks from this size on skip the buffer.
  static constexpr std::size_t kIdleAnswerBytes = 4U << 10U;      // Kept by an idle connection.
  static constexpr std::chrono::seconds kParkAfter{1};            // Idle for so long: the buffer is given back.

  Connection(IoLoop& loop, boost::asio::ip::tcp::socket socket, const PeerAddress& peer);

  void start(Place place);
  [[nodiscard]] Place place() const noexcept { return place_; }
  [[nodiscard]] const PeerAddress& peer() const noexcept { return peer_; }
  void run_scheduled();
  void run_posted(const std::function<void()>& work);
  void sweep(Clock::time_point now);
  /// From now on `connection: close`; what has begun is awaited, a stream ended.
  void drain();
  [[nodiscard]] bool is_awaited() const noexcept { return awaited_; }
  /// At once, whatever is under way.
  void close(Cut why);

  // Responder: for the request being handled.
  void answer(const Answer& answer) override;
  std::shared_ptr<Stream> stream(const Answer& head) override;
  void post(std::function<void()> work) override;
  [[nodiscard]] std::shared_ptr<Responder> later() override;

  // For LaterResponder and ConnectionStream.
  void answer_later(std::uint64_t request, const Answer& answer);
  std::shared_ptr<Stream> stream_later(std::uint64_t request, const Answer& head);
  void stream_write(std::string_view bytes);
  void stream_end();
  [[nodiscard]] std::size_t unsent() const noexcept { return output_.waiting(); }

 private:
  enum class State : std::uint8_t { reading_head, reading_body, answering, streaming, lingering, closed };

  // connection.cpp
  template <typename Work>
  void enter(const Work& work);
  void run();
  void send();
  void receive();
  template <typename Buffers>
  void receive_into(const Buffers& buffers);
  void on_received(const boost::system::error_code& error, std::size_t bytes);
  void take_received(std::size_t bytes);
  void wait_parked();
  void on_sent(const boost::system::error_code& error, std::size_t bytes);
  void on_all_sent();
  void begin_lingering();
  void keep_deadline(Clock::time_point now);
  void sweep_idle(Clock::time_point now);
  [[nodiscard]] bool is_idle() const noexcept;
  [[nodiscard]] bool is_done_for_drain() const noexcept;
  void end_awaited();
  void account();
  void budget_is_spent();

  // connection_requests.cpp: each step() tells whether another may follow.
  [[nodiscard]] bool step();
  [[nodiscard]] bool step_head();
  [[nodiscard]] bool head_is_whole(ReadStatus status);
  [[nodiscard]] bool step_body();
  [[nodiscard]] bool step_known_body();
  [[nodiscard]] bool step_chunked_body();
  [[nodiscard]] bool step_answering();
  /// Between two requests: serves from now on what the server now serves.
  void take_table() noexcept;
  void begin_request();
  void begin_handler(const Route& route, std::size_t index);
  void begin_body(const Route& route);
  void end_body();
  [[nodiscard]] RequestHandler& handler_of(const Route& route, std::size_t index);
  /// False: no room, and the request has been turned away.
  [[nodiscard]] bool deliver(std::string_view bytes, std::uint64_t wanted);
  [[nodiscard]] bool ask_room(std::uint64_t wanted);
  [[nodiscard]] bool commit(std::size_t bytes);
  void cut_handler(Cut why) noexcept;
  void handler_failed();
  void break_off(Cut why, int status);

  // connection_answers.cpp
  void append(const Answer& answer, bool is_stream);
  /// Answers for the server itself, and closes if `close` or if a body would have to be skipped.
  void turn_away(int status, bool close, std::string_view allow = {});
  void turn_away_draining();
  [[nodiscard]] int tell_refused(int status) noexcept;
  void end_stream();
  void schedule();

  IoLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  const PeerAddress peer_;
  Place place_;

  State state_ = State::reading_head;
  CurrentTable::Table table_;  // Of the present request, or the last one.
  InputBuffer input_;
  OutputBuffer output_;
  RequestReader reader_;
  ChunkReader chunks_;
  std::vector<std::pair<std::size_t, std::unique_ptr<RequestHandler>>> handlers_;  // By table_'s route, for reuse.
  RequestHandler* handler_ = nullptr;  // Between its begin() and its end() or cut().
  const Route* route_ = nullptr;       // While its on_refused is to be called if the server answers.
  std::span<char> room_;               // The handler's, for the receive that is under way.
  std::shared_ptr<LaterResponder> later_;
  std::shared_ptr<ConnectionStream> stream_;

  std::uint64_t request_ = 0;  // Serial number: tells a late answer from one to a later request.
  std::uint64_t body_bytes_ = 0;
  std::uint64_t length_left_ = 0;
  std::size_t lingered_bytes_ = 0;
  std::size_t accounted_bytes_ = 0;
  Clock::time_point now_;
  Clock::time_point since_;       // The request's first byte; or the idle time, or the lingering, begins.
  Clock::time_point last_taken_;  // When the peer last took bytes of an answer.

  bool running_ = false;
  bool scheduled_ = false;
  bool receiving_ = false;
  bool sending_ = false;
  bool parked_ = false;
  bool input_ended_ = false;
  bool begun_ = false;          // Bytes of a request have come, beside empty lines.
  bool came_in_drain_ = false;  // The first of them after a drain had begun.
  bool awaited_ = false;        // By a drain.
  bool body_whole_ = false;
  bool answered_ = false;
  bool deferred_ = false;
  bool close_after_ = false;  // The answer given says `connection: close`.
  bool streaming_ = false;    // stream() was called, end() was not.
  bool stream_wrote_ = false;
  bool held_back_ = false;  // A request waits because too many answers do.
  bool sent_end_ = false;
};

}  // namespace penstock::http
