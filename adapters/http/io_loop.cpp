#include "http/io_loop.hpp"

#include "http/connection.hpp"
#include <boost/asio/post.hpp>

#include <ctime>
#include <utility>

namespace penstock::http {

namespace asio = boost::asio;

IoLoop::IoLoop(std::size_t index, std::shared_ptr<ServerState> state)
    : index_{index},
      state_{std::move(state)},
      memory_{state_->options, counters_.memory_bytes},
      keeps_running_{context_.get_executor()},
      sweep_timer_{context_},
      acceptor_{context_, *state_, counters_, [this] { return has_room(); },
                [this](Acceptor::Tcp::socket socket, const PeerAddress& peer) { add(std::move(socket), peer); }} {}

IoLoop::~IoLoop() = default;

void IoLoop::run() {
  bool was_short = false;
  while (!context_.stopped()) {
    try {
      // Short of memory: what can go on without more does, for a while.
      if (was_short) {
        context_.run_for(kSweep);
        acceptor_.restart();
      }
      keep_going();
      was_short = false;
      context_.run();
    } catch (...) {
      // Connections guard the calls into handlers; what ends here failed to get memory. The others go on.
      was_short = true;
    }
  }
  // What the closed connections left behind belongs to this thread and is ended on it.
  context_.restart();
  cut_all();
  context_.poll();
  if (state_->options.after_requests) state_->options.after_requests(index_);
  memory_.end();
}

void IoLoop::keep_going() {
  acceptor_.go_on();
  if (!connections_.empty()) begin_sweeps();
  if (!scheduled_.empty()) post_scheduled();
}

bool IoLoop::has_room() noexcept {
  const std::size_t head_bytes_max = state_->table.get()->options.head_bytes_max;
  return memory_.has_room(sizeof(Connection) + head_bytes_max + Connection::kBehindHeadBytes);
}

void IoLoop::post(std::function<void()> work) { asio::post(context_, std::move(work)); }

void IoLoop::wake() noexcept {
  try {
    asio::post(context_, [this] { be_woken(); });
  } catch (...) {
    wake_is_missed_ = true;
  }
}

void IoLoop::be_woken() noexcept {
  try {
    if (state_->options.woken) state_->options.woken(index_);
  } catch (...) {  // Somebody's fault, or no memory: he is looked after again with the next sweep.
    wake_is_missed_ = true;
  }
}

void IoLoop::add(Acceptor::Tcp::socket socket, const PeerAddress& peer) {
  begin_sweeps();
  auto connection = std::make_shared<Connection>(*this, std::move(socket), peer);
  // Room for all of them in a sweep is made here, where a connection is paid for, not while requests pass.
  const std::size_t connections = connections_.size() + 1;
  if (swept_.capacity() < connections) swept_.reserve(2 * connections);
  connections_.push_front(connection);  // The last that may throw: from here on the connection leaves by remove().
  counters_.connections.add(1);
  connection->start(connections_.begin());
}

void IoLoop::remove(Connection& connection) {
  connections_.erase(connection.place());
  counters_.connections.subtract(1);
  state_->limits.leave(connection.peer());
}

void IoLoop::schedule(std::shared_ptr<Connection> connection) {
  scheduled_.push_back(std::move(connection));
  try {
    post_scheduled();
  } catch (...) {
    return;  // It is in the list; the next one that comes, or the next sweep, posts again.
  }
}

void IoLoop::post_scheduled() {
  if (run_is_posted_) return;
  asio::post(context_, [this] { run_scheduled(); });
  run_is_posted_ = true;
}

void IoLoop::run_scheduled() {
  run_is_posted_ = false;
  running_.swap(scheduled_);
  for (const auto& connection : running_) connection->run_scheduled();
  running_.clear();
}

// Behind the handlers of all sockets that were ready together with this one's.
void IoLoop::request_handed_over() noexcept {
  const auto& after_requests = state_->options.after_requests;
  if (!after_requests || after_requests_is_posted_) return;
  try {
    asio::post(context_, [this] {
      after_requests_is_posted_ = false;
      state_->options.after_requests(index_);
    });
    after_requests_is_posted_ = true;
  } catch (...) {
    after_requests(index_);
  }
}

void IoLoop::begin_sweeps() {
  if (sweeping_) return;
  write_date();
  sweep_timer_.expires_after(kSweep);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) sweep();
  });
  sweeping_ = true;
}

void IoLoop::sweep() {
  sweeping_ = false;
  if (connections_.empty() && scheduled_.empty()) return;
  keep_going();
  if (wake_is_missed_.exchange(false)) be_woken();
  // A copy: a connection that ends takes itself, and perhaps others, out of the list.
  swept_.assign(connections_.begin(), connections_.end());
  const Clock::time_point now = Clock::now();
  for (const auto& connection : swept_) connection->sweep(now);
  swept_.clear();
}

void IoLoop::write_date() {
  // Not strftime's %a and %b: those follow the locale, and HTTP's do not (RFC 9110 5.6.7).
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  if (gmtime_r(&now, &utc) == nullptr) return;
  // Piece by piece into the same memory: this runs every sweep, and costs the steady state no allocation.
  const auto append_two_digits = [this](int number) {
    date_line_ += static_cast<char>('0' + number / 10);
    date_line_ += static_cast<char>('0' + number % 10);
  };
  date_line_.assign("date: ").append(days.at(static_cast<std::size_t>(utc.tm_wday))).append(", ");
  append_two_digits(utc.tm_mday);
  date_line_.append(" ").append(months.at(static_cast<std::size_t>(utc.tm_mon))).append(" ");
  append_two_digits((1900 + utc.tm_year) / 100);
  append_two_digits(utc.tm_year % 100);
  for (const auto& [mark, number] : {std::pair{' ', utc.tm_hour}, {':', utc.tm_min}, {':', utc.tm_sec}}) {
    date_line_ += mark;
    append_two_digits(number);
  }
  date_line_.append(" GMT\r\n");
}

void IoLoop::begin_drain() {
  const bool is_first = !std::exchange(draining_, true);
  if (is_first) {
    swept_.assign(connections_.begin(), connections_.end());
    for (const auto& connection : swept_) connection->drain();
    swept_.clear();
  }
  state_->awaited.over();
}

void IoLoop::cut_awaited() {
  swept_.assign(connections_.begin(), connections_.end());
  for (const auto& connection : swept_) {
    if (connection->is_awaited()) connection->close(Cut::stopped);
  }
  swept_.clear();
}

void IoLoop::cut_all() {
  acceptor_.close();
  while (!connections_.empty()) {
    const std::shared_ptr<Connection> connection = connections_.front();
    connection->close(Cut::stopped);
  }
}

void IoLoop::end() noexcept { context_.stop(); }

}  // namespace penstock::http
