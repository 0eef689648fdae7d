// One I/O thread of a server: its io_context, its listener, and the connections that live on it. Private to the room.
//
// Threads: the constructor, listen(), post(), wake() and end() from any; all else on the loop's own thread, in run().
// Connections are owned here and hold a plain reference back: all of them are closed before the loop ends. Deadlines
// are looked at by one sweep every kSweep while there are connections, so a request costs no timer.
// Out of memory: what keeps the loop going (accepting, sweeps, scheduled runs) notes that it is under way only once it
// is, and run() starts again what is not.

#pragma once

#include "http/acceptor.hpp"
#include "http/loop_memory.hpp"
#include "http/server_state.hpp"
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::http {

class Connection;

class IoLoop : public std::enable_shared_from_this<IoLoop> {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kSweep{250};

  IoLoop(std::size_t index, std::shared_ptr<ServerState> state);
  ~IoLoop();
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void listen(const Acceptor::Tcp::endpoint& endpoint, bool share_port) { acceptor_.listen(endpoint, share_port); }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.port(); }
  /// Blocks until end(). No exception of a handler leaves it.
  void run();
  void post(std::function<void()> work);
  void wake() noexcept;  ///< Has ServerOptions::woken run on the loop's thread. Any thread.

  /// Awaits what was begun, then says so to ServerState::awaited.
  void begin_drain();
  void cut_awaited();
  void end() noexcept;

  // For connections.
  [[nodiscard]] const ServerState& state() const noexcept { return *state_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  /// A `date` line with its CR LF, at most one sweep old.
  [[nodiscard]] std::string_view date_line() const noexcept { return date_line_; }
  /// Received bytes that nobody wants go here; one piece for all connections.
  [[nodiscard]] std::array<char, 64U << 10U>& scratch() noexcept { return scratch_; }
  [[nodiscard]] LoopCounters& counters() noexcept { return counters_; }
  [[nodiscard]] const LoopCounters& counters() const noexcept { return counters_; }
  [[nodiscard]] LoopMemory& memory() noexcept { return memory_; }
  void await_one() { state_->awaited.add(); }
  void one_is_over() { state_->awaited.over(); }
  /// Calls connection->run() soon, once for any number of calls: outside the caller's stack.
  void schedule(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);
  /// A request has been handed to its handler: see ServerOptions::after_requests.
  void request_handed_over() noexcept;

 private:
  [[nodiscard]] bool has_room() noexcept;
  void add(Acceptor::Tcp::socket socket, const PeerAddress& peer);
  void keep_going();
  void cut_all();
  void post_scheduled();
  void run_scheduled();
  void begin_sweeps();
  void sweep();
  void write_date();
  void be_woken() noexcept;

  const std::size_t index_;
  std::shared_ptr<ServerState> state_;
  LoopCounters counters_;
  LoopMemory memory_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keeps_running_;
  boost::asio::steady_timer sweep_timer_;
  Acceptor acceptor_;
  std::list<std::shared_ptr<Connection>> connections_;
  std::vector<std::shared_ptr<Connection>> scheduled_;
  std::vector<std::shared_ptr<Connection>> running_;
  std::vector<std::shared_ptr<Connection>> swept_;
  std::string date_line_;
  std::array<char, 64U << 10U> scratch_{};
  std::atomic<bool> wake_is_missed_{false};  // It could not be posted: the next sweep looks.
  bool run_is_posted_ = false;
  bool after_requests_is_posted_ = false;
  bool sweeping_ = false;
  bool draining_ = false;
};

}  // namespace penstock::http
