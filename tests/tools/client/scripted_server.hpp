// A server for tests that says what it was told, byte for byte, and remembers what it was sent.
//
//     ScriptedServer server{{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}};   // one connection
//     ... server.port() ... server.received(0)
//
// Each script is one connection: the request's head and body (by its content-length) are read, the text is written, and
// so on for each further request of that connection with the next text; then it is closed.

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace penstock::client {

class ScriptedServer {
 public:
  using Connection = std::vector<std::string>;

  explicit ScriptedServer(std::vector<Connection> script)
      : script_{std::move(script)},
        acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}},
        port_{acceptor_.local_endpoint().port()},
        thread_{[this] { run(); }} {}
  ~ScriptedServer() { thread_.join(); }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string received(std::size_t request) {
    const std::lock_guard lock{mutex_};
    return received_.at(request);
  }

 private:
  void run() {
    for (const Connection& answers : script_) {
      boost::asio::ip::tcp::socket socket{io_};
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (error) return;
      for (const std::string& answer : answers) {
        std::string request = read_request(socket);
        {
          const std::lock_guard lock{mutex_};
          received_.push_back(std::move(request));
        }
        boost::asio::write(socket, boost::asio::buffer(answer), error);
      }
      socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
      std::string rest;
      boost::asio::read(socket, boost::asio::dynamic_buffer(rest), error);  // Until the client has gone as well.
    }
  }

  static std::string read_request(boost::asio::ip::tcp::socket& socket) {
    std::string text;
    boost::system::error_code error;
    const std::size_t head = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n", error);
    const std::size_t field = text.find("Content-Length: ");
    if (error || field == std::string::npos) return text;
    const std::size_t body = std::stoul(text.substr(field + 16));
    if (text.size() < head + body) {
      boost::asio::read(socket, boost::asio::dynamic_buffer(text),
                        boost::asio::transfer_exactly(head + body - text.size()), error);
    }
    return text;
  }

  std::vector<Connection> script_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::mutex mutex_;
  std::vector<std::string> received_;
  std::thread thread_;
};

/// A port that nobody listens on: bound a moment ago, and given back.
inline std::uint16_t free_port() {
  boost::asio::io_context io;
  return boost::asio::ip::tcp::acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}}.local_endpoint().port();
}

}  // namespace penstock::client
