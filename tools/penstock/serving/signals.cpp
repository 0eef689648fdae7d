#include "serving/signals.hpp"

#include "options.hpp"
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

namespace penstock::serving {

struct Signals::Impl {
  explicit Impl(const Log& to) : log{to} {
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw std::runtime_error{"SIGPIPE cannot be ignored"};
    listen();
    thread = std::thread{[this] { io.run(); }};
  }

  void listen() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
      if (error) return;
      take(number);
      listen();
    });
  }

  void take(int number) {
    std::unique_lock lock{mutex};
    if (number == SIGHUP && first == 0) {
      hangup = true;
      came.notify_one();
    } else if (number == SIGHUP) {
      lock.unlock();
      log.warn("SIGHUP: ignored in a drain");
    } else if (first == 0) {
      first = number;
      came.notify_one();
    } else {
      log.warn("stopped by a second signal: what was not delivered is lost");
      std::_Exit(static_cast<int>(number == SIGINT ? command::Exit::interrupted : command::Exit::terminated));
    }
  }

  const Log& log;
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM, SIGHUP};
  std::mutex mutex;
  std::condition_variable came;
  bool hangup = false;
  bool journal_failed = false;
  int first = 0;  // SIGTERM or SIGINT, once it has come.
  std::thread thread;
};

Signals::Signals(const Log& log) : impl_{std::make_unique<Impl>(log)} {}

Signals::~Signals() {
  impl_->io.stop();
  impl_->thread.join();
}

std::string_view Signals::wait() {
  std::unique_lock lock{impl_->mutex};
  impl_->came.wait(lock, [this] { return impl_->hangup || impl_->journal_failed || impl_->first != 0; });
  if (impl_->first != 0) return impl_->first == SIGINT ? "SIGINT" : "SIGTERM";
  if (std::exchange(impl_->journal_failed, false)) return kJournalFailed;
  impl_->hangup = false;
  return "SIGHUP";
}

void Signals::note_journal_failure() noexcept {
  const std::lock_guard lock{impl_->mutex};
  impl_->journal_failed = true;
  impl_->came.notify_one();
}

bool Signals::stop_comes_within(std::chrono::milliseconds time) {
  std::unique_lock lock{impl_->mutex};
  return impl_->came.wait_for(lock, time, [this] { return impl_->first != 0; });
}

}  // namespace penstock::serving
