#include "serving/signals.hpp"

#include "options.hpp"
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <future>
#include <stdexcept>
#include <thread>

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
    if (number == SIGHUP) {
      log.warn("SIGHUP: reloading the configuration is not built yet; restart instead");
    } else if (!first_came) {
      first_came = true;
      first.set_value(number);
    } else {
      log.warn("stopped by a second signal: what was not delivered is lost");
      std::_Exit(static_cast<int>(number == SIGINT ? command::Exit::interrupted : command::Exit::terminated));
    }
  }

  const Log& log;
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM, SIGHUP};
  bool first_came = false;
  std::promise<int> first;
  std::thread thread;
};

Signals::Signals(const Log& log) : impl_{std::make_unique<Impl>(log)} {}

Signals::~Signals() {
  impl_->io.stop();
  impl_->thread.join();
}

std::string_view Signals::wait() { return impl_->first.get_future().get() == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace penstock::serving
