#include "client/socket.hpp"

#include "tools/client/scripted_server.hpp"
#include <gtest/gtest.h>

#include <array>

namespace penstock::client {
namespace {

using namespace std::chrono_literals;

ClientError::Kind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const ClientError& error) {
    return error.kind;
  }
  throw std::logic_error{"no error"};
}

TEST(Socket, WritesAndReadsUntilTheEnd) {
  ScriptedServer server{{{"answer"}}};
  std::string got;
  {
    Socket socket = Socket::connect("127.0.0.1", server.port(), 5s);
    socket.write("GET / HTTP/1.1\r\n\r\n", 5s);
    std::array<char, 3> buffer{};
    while (const std::size_t bytes = socket.read(buffer, 5s)) got.append(buffer.data(), bytes);
  }
  EXPECT_EQ(got, "answer");
}

TEST(Socket, NobodyThereIsNoServer) {
  EXPECT_EQ(kind_of([] { (void)Socket::connect("127.0.0.1", free_port(), 5s); }), ClientError::Kind::no_server);
  EXPECT_EQ(kind_of([] { (void)Socket::connect("no.such.host.invalid", 80, 5s); }), ClientError::Kind::no_server);
}

TEST(Socket, SilenceIsTooSlow) {
  ScriptedServer server{{{"never asked for"}}};
  Socket socket = Socket::connect("127.0.0.1", server.port(), 5s);
  std::array<char, 3> buffer{};
  EXPECT_EQ(kind_of([&] { (void)socket.read(buffer, 50ms); }), ClientError::Kind::too_slow);
}

TEST(Socket, APeerThatTakesNothingIsTooSlow) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  Socket socket = Socket::connect("127.0.0.1", acceptor.local_endpoint().port(), 5s);
  const std::string much(64U << 20U, 'x');
  EXPECT_EQ(kind_of([&] { socket.write(much, 100ms); }), ClientError::Kind::too_slow);
}

}  // namespace
}  // namespace penstock::client
