#include "http/server.hpp"

#include "http/io_loop.hpp"
#include "http/server_state.hpp"
#include <boost/asio/ip/address.hpp>

#include <exception>
#include <future>
#include <mutex>
#include <thread>

namespace penstock::http {

namespace asio = boost::asio;
using Endpoint = asio::ip::tcp::endpoint;

namespace {

Endpoint endpoint_of(const ServerOptions& options) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) {
    throw ListenError("cannot listen on '" + options.address + "' (" + options.name +
                      "): not an IPv4 or IPv6 address; write it in digits and without brackets");
  }
  return {address, options.port};
}

// After a cut every connection closes in its loop's next turn; longer than this only a handler that blocks can take.
constexpr std::chrono::seconds kCutTime{1};

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, std::vector<Route> routes)
      : state_{std::make_shared<ServerState>(std::move(options), std::move(routes))},
        endpoint_{endpoint_of(state_->options)} {}

  void start() {
    listen();
    std::vector<std::future<void>> started;
    for (const auto& loop : loops_) {
      std::promise<void> ready;
      started.push_back(ready.get_future());
      threads_.emplace_back([this, &loop = *loop, ready = std::move(ready)]() mutable { run(loop, std::move(ready)); });
    }
    for (auto& thread_started : started) thread_started.get();
  }

  void use(PreparedTable table) noexcept {
    const ServerOptions& options = table->options;
    state_->limits.set(options.connections_max, options.connections_per_address_max);
    state_->table.set(std::move(table));
  }

  void drain(std::chrono::milliseconds limit) {
    const std::lock_guard lock{ending_};
    if (threads_.empty()) return;
    // A loop counts as awaited until it has counted its connections.
    state_->awaited.add(loops_.size());
    for (const auto& loop : loops_) loop->post([&loop = *loop] { loop.begin_drain(); });
    if (state_->awaited.wait_until_none(limit)) return;
    for (const auto& loop : loops_) loop->post([&loop = *loop] { loop.cut_awaited(); });
    static_cast<void>(state_->awaited.wait_until_none(kCutTime));
  }

  void stop() noexcept {
    const std::lock_guard lock{ending_};
    for (const auto& loop : loops_) loop->end();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  [[nodiscard]] std::uint16_t port() const noexcept { return endpoint_.port(); }
  [[nodiscard]] const std::shared_ptr<ServerState>& state() const noexcept { return state_; }
  [[nodiscard]] const std::vector<std::shared_ptr<IoLoop>>& loops() const noexcept { return loops_; }

 private:
  void listen() {
    if (!loops_.empty())
      throw ListenError("the server '" + state_->options.name + "' was started before; make a new one");
    const std::size_t threads = std::max<std::size_t>(state_->options.threads, 1);
    std::vector<std::shared_ptr<IoLoop>> loops;
    for (std::size_t i = 0; i < threads; ++i) loops.push_back(std::make_shared<IoLoop>(i, state_));
    // With SO_REUSEPORT a second daemon could listen on the same port unnoticed and take half of the connections.
    // Hence a first listener without it, which fails if there is one, and makes room at once.
    if (threads > 1 && endpoint_.port() != 0) std::make_shared<IoLoop>(0, state_)->listen(endpoint_, false);
    for (const auto& loop : loops) {
      loop->listen(endpoint_, threads > 1);
      endpoint_.port(loop->port());
    }
    loops_ = std::move(loops);
    state_->loops->assign(loops_.begin(), loops_.end());
  }

  void run(IoLoop& loop, std::promise<void> ready) {
    try {
      if (state_->options.on_thread_start) state_->options.on_thread_start(loop.index());
      ready.set_value();
    } catch (...) {
      return ready.set_exception(std::current_exception());
    }
    loop.run();
  }

  std::shared_ptr<ServerState> state_;
  Endpoint endpoint_;
  std::vector<std::shared_ptr<IoLoop>> loops_;
  std::vector<std::thread> threads_;
  std::mutex ending_;
};

Server::Server(ServerOptions options, std::vector<Route> routes)
    : impl_{std::make_unique<Impl>(std::move(options), std::move(routes))} {}

Server::~Server() { impl_->stop(); }

void Server::start() { impl_->start(); }

std::uint16_t Server::port() const noexcept { return impl_->port(); }

PreparedTable Server::prepare(ServerOptions options, std::vector<Route> routes) {
  return std::make_shared<const ServerTable>(std::move(options), std::move(routes));
}

void Server::use(PreparedTable table) noexcept { impl_->use(std::move(table)); }

void Server::drain(std::chrono::milliseconds limit) { impl_->drain(limit); }

void Server::stop() noexcept { impl_->stop(); }

std::function<void(std::size_t)> Server::waker() const {
  return [loops = impl_->state()->loops](std::size_t io_thread) {
    if (const auto loop = loops->at(io_thread).lock()) loop->wake();
  };
}

ServerStats Server::stats() const {
  ServerStats stats;
  for (const auto& loop : impl_->loops()) {
    const LoopCounters& counters = loop->counters();
    stats.connections += counters.connections.value();
    for (std::size_t i = 0; i < counters.answers.size(); ++i) {
      const std::uint64_t answers = counters.answers.at(i).value();
      if (answers > 0) stats.answers_by_status[LoopCounters::kStatusMin + static_cast<int>(i)] += answers;
    }
  }
  return stats;
}

std::size_t Server::memory_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& loop : impl_->loops()) bytes += loop->counters().memory_bytes.value();
  return bytes;
}

}  // namespace penstock::http
