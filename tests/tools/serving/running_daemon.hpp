// The daemon inside a test, on free ports of loopback.
//
//     RunningDaemon running{"sources: { open: { verify: { kind: none } } }"};
//     HttpClient client{running.ingress_port()};

#pragma once

#include "serving/daemon.hpp"
#include "tools/config/reading.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace penstock::serving {

class RunningDaemon {
 public:
  explicit RunningDaemon(const std::string& text, config::Variables variables = {{"S", "hush"}})
      : daemon_{read(text, std::move(variables)), log_} {
    daemon_.start();
  }

  [[nodiscard]] Daemon& operator*() { return daemon_; }
  [[nodiscard]] Daemon* operator->() { return &daemon_; }
  [[nodiscard]] std::uint16_t ingress_port() const { return daemon_.ingress().port; }
  [[nodiscard]] std::uint16_t admin_port() const { return daemon_.admin().port; }
  [[nodiscard]] std::string hook(const std::string& source) const {
    return "http://" + daemon_.ingress().text() + "/hooks/" + source;
  }
  [[nodiscard]] std::string admin_url() const { return "http://" + daemon_.admin().text(); }

 private:
  static config::Config read(const std::string& text, config::Variables variables) {
    const bool has_admin = text.find("admin:") != std::string::npos;
    config::Read read =
        config::read_config("listen: 127.0.0.1:0\njournal: off\n" +
                                std::string{has_admin ? "" : "admin: { listen: 127.0.0.1:0 }\n"} + text + "\n",
                            std::move(variables));
    if (!read.config) throw std::runtime_error{read.lines.front()};
    return std::move(*read.config);
  }

  Log log_{{.level = config::LogLevel::error}};
  Daemon daemon_;
};

}  // namespace penstock::serving
