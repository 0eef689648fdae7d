// Streams over real sockets: framing, back-pressure, and how their ends are told.

#include "adapters/http/test_handler.hpp"
#include "adapters/http/test_peer.hpp"
#include "http/server.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;

/// GET /s opens a stream that begins with "hello"; the test's thread works on it through post().
class Streams : public testing::Test {
 protected:
  Server& start(ServerOptions options = {}) {
    Script script;
    script.end = [this](const std::string&, Responder& responder) {
      responder_ = responder.later();
      stream_ = responder_->stream({.body = "hello", .content_type = "text/event-stream"});
      stream_->on_event([this](bool gone) {
        if (gone) stream_.reset();
        ++(gone ? gone_ : sent_);
      });
      streams_.push_back(stream_);
      ++opened_;
    };
    server_.emplace(std::move(options), std::vector<Route>{scripted_route("/s", notes_, script, "GET")});
    server_->start();
    return *server_;
  }
  void TearDown() override { server_->stop(); }
  void on_stream(const std::function<void(Stream&)>& work) {
    ASSERT_TRUE(comes_true([this] { return opened_ > 0; }));
    std::atomic<bool> done{false};
    responder_->post([this, &work, &done] {
      if (stream_) work(*stream_);
      done = true;
    });
    ASSERT_TRUE(comes_true([&done] { return done.load(); }));
  }

  static constexpr std::size_t kMoreThanSocketsHold = 20'000'000;
  static constexpr const char* kGet = "GET /s HTTP/1.1\r\nHost: a\r\n\r\n";
  std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::shared_ptr<Responder> responder_;
  std::shared_ptr<Stream> stream_;
  std::vector<std::shared_ptr<Stream>> streams_;
  std::atomic<int> opened_{0};
  std::atomic<int> sent_{0};
  std::atomic<int> gone_{0};
  std::optional<Server> server_;
};

TEST_F(Streams, ArriveInChunksUntilTheirEnd) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("5\r\nhello\r\n"), "");
  on_stream([](Stream& stream) {
    stream.write("data: 1\n\n");
    stream.write("");
    stream.write("data: 2\n\n");
  });
  EXPECT_EQ(peer.receive_until("data: 2\n\n\r\n"), "9\r\ndata: 1\n\n\r\n9\r\ndata: 2\n\n\r\n");
  on_stream([](Stream& stream) { stream.end(); });
  EXPECT_EQ(peer.receive(), "0\r\n\r\n");
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(gone_, 0) << "who ends a stream is not told of its end";
}

TEST_F(Streams, ArriveUnframedInHttp1_0) {
  Peer peer{start().port()};
  peer.send("GET /s HTTP/1.0\r\n\r\n");
  const std::string head = peer.receive_until("\r\n\r\nhello");
  EXPECT_NE(head.find("connection: close"), std::string::npos);
  EXPECT_EQ(head.find("chunked"), std::string::npos);
  on_stream([](Stream& stream) {
    stream.write("more");
    stream.end();
  });
  EXPECT_EQ(peer.receive(), "more");
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Streams, AreToldWhenThePeerLeaves) {
  start();
  {
    Peer peer{server_->port()};
    peer.send(kGet);
    EXPECT_NE(peer.receive_until("hello"), "");
  }
  EXPECT_TRUE(comes_true([this] { return gone_ == 1; }));
  EXPECT_TRUE(comes_true([this] { return server_->stats().connections == 0; }));
}

TEST_F(Streams, AreToldWhenThePeerResets) {
  start();
  Peer peer{server_->port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello"), "");
  peer.reset();
  EXPECT_TRUE(comes_true([this] { return gone_ == 1; }));
}

TEST_F(Streams, TellWhatIsUnsentAndWhenAllIsSent) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  ASSERT_TRUE(comes_true([this] { return sent_ == 1; }));
  std::size_t unsent = 0;
  on_stream([](Stream& stream) { stream.write(std::string(kMoreThanSocketsHold, 'x')); });
  on_stream([&unsent](Stream& stream) { unsent = stream.unsent(); });
  EXPECT_GT(unsent, 1'000'000U);
  EXPECT_EQ(sent_, 1) << "not yet: the peer has not read";
  std::size_t received = 0;
  while (received < kMoreThanSocketsHold) {
    const std::size_t bytes = peer.receive().size();
    ASSERT_GT(bytes, 0U);
    received += bytes;
  }
  EXPECT_TRUE(comes_true([this] { return sent_ == 2; }));
  on_stream([&unsent](Stream& stream) { unsent = stream.unsent(); });
  EXPECT_EQ(unsent, 0U);
}

TEST_F(Streams, MayWriteFromTheirCallback) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  std::atomic<int> left{3};
  on_stream([this, &left](Stream& stream) {
    stream.on_event([this, &left](bool gone) {
      if (gone) return stream_.reset();
      if (left-- > 0) {
        stream_->write("tick");
      } else {
        stream_->end();
      }
    });
    stream.write("first");
  });
  EXPECT_EQ(peer.receive_until("0\r\n\r\n"), "5\r\nfirst\r\n4\r\ntick\r\n4\r\ntick\r\n4\r\ntick\r\n0\r\n\r\n");
}

TEST_F(Streams, AreCutWhenThePeerReadsNothing) {
  Peer peer{start({.unread_time = milliseconds{300}}).port(), 4'096};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello"), "");
  on_stream([](Stream& stream) { stream.write(std::string(kMoreThanSocketsHold, 'x')); });
  EXPECT_TRUE(comes_true([this] { return gone_ == 1; }));
}

TEST_F(Streams, AreNotCutForWhatWasWrittenAMomentBeforeASweep) {
  Peer peer{start({.unread_time = milliseconds{300}}).port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  Peer other{server_->port()};
  other.send(kGet);
  EXPECT_NE(other.receive_until("hello\r\n"), "");
  // The stream of one connection is written in the turn of another. While the loop is held up, that turn and a sweep
  // come due; the stream's own turn comes behind both.
  const auto first = streams_.at(0);
  std::atomic<bool> is_held{false};
  std::atomic<bool> is_posted{false};
  responder_->post([&is_held, &is_posted] {
    is_held = true;
    while (!is_posted) std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds{600});
  });
  ASSERT_TRUE(comes_true([&is_held] { return is_held.load(); }));
  responder_->post([&first] { first->write("for a reader who waits"); });
  is_posted = true;
  EXPECT_NE(peer.receive_until("for a reader who waits"), "");
  EXPECT_EQ(gone_, 0);
}

TEST_F(Streams, GiveTheMemoryOfALongWriteBack) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  on_stream([](Stream& stream) { stream.write(std::string(kMoreThanSocketsHold, 'x')); });
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() > 1'000'000U; }));
  std::size_t received = 0;
  while (received < kMoreThanSocketsHold) {
    const std::size_t bytes = peer.receive().size();
    ASSERT_GT(bytes, 0U);
    received += bytes;
  }
  EXPECT_TRUE(comes_true([this] { return server_->memory_bytes() < 200'000; }));
  on_stream([](Stream& stream) { stream.write("and goes on"); });
  EXPECT_NE(peer.receive_until("and goes on"), "");
}

TEST_F(Streams, OutliveTheDeadlinesOfRequests) {
  ServerOptions options{.head_time = milliseconds{100}, .body_time = milliseconds{100}};
  options.idle_time = milliseconds{100};
  Peer peer{start(options).port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello"), "");
  EXPECT_TRUE(peer.is_quiet(milliseconds{900}));
  EXPECT_EQ(gone_, 0);
}

TEST_F(Streams, IgnoreWhatThePeerSendsMeanwhile) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello"), "");
  peer.send(std::string(100'000, 'x') + kGet);
  on_stream([](Stream& stream) { stream.write("still here"); });
  EXPECT_NE(peer.receive_until("still here"), "");
  EXPECT_EQ(opened_, 1);
}

TEST_F(Streams, EndWellWhenTheServerDrains) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  std::thread draining{[this] { server_->drain(Peer::kPatience); }};
  EXPECT_EQ(peer.receive(), "0\r\n\r\n");
  EXPECT_TRUE(peer.is_closed());
  peer.half_close();
  draining.join();
  EXPECT_EQ(gone_, 1);
}

TEST_F(Streams, AreToldWhenTheServerStops) {
  Peer peer{start().port()};
  peer.send(kGet);
  EXPECT_NE(peer.receive_until("hello\r\n"), "");
  server_->stop();
  EXPECT_EQ(gone_, 1);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(Streams, AreNotOpenedForHead) {
  Peer peer{start({.linger_time = milliseconds{100}}).port()};
  peer.send("HEAD /s HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(peer.answer(true).status, 200);
  EXPECT_EQ(peer.receive(), "");
  EXPECT_TRUE(comes_true([this] { return gone_ == 1; }));
}

}  // namespace
}  // namespace penstock::http
