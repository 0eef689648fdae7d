// Counts what the handler's own thread takes from the general heap through operator new.

#include "adapters/webhook_in/desk.hpp"
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

namespace {
thread_local std::size_t allocations = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
}

void* operator new(std::size_t bytes) {
  ++allocations;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*bytes*/) noexcept { std::free(memory); }

namespace penstock::webhook_in {
namespace {

// Answers are looked at and not kept.
class Counted : public http::Responder {
 public:
  void answer(const http::Answer& answer) override { last_status = answer.status; }
  std::shared_ptr<http::Stream> stream(const http::Answer& /*head*/) override { return nullptr; }
  void post(std::function<void()> /*work*/) override {}
  std::shared_ptr<http::Responder> later() override { return nullptr; }
  int last_status = 0;
};

/// One request through `handler`; its status.
int exchange(http::RequestHandler& handler, const Post& post, std::span<const http::Field> fields) {
  http::RequestHead head;
  head.method = "POST";
  head.path = post.path;
  head.fields = fields;
  head.content_length = post.body.size();
  Counted responder;
  if (handler.begin(head, responder) == http::Begin::answered) return responder.last_status;
  for (std::size_t at = 0; at < post.body.size();) {
    const std::span<char> room = handler.room(post.body.size() - at);
    if (room.empty()) return 0;
    std::copy_n(post.body.data() + at, room.size(), room.data());
    handler.commit(room.size());
    at += room.size();
  }
  handler.end(responder);
  return responder.last_status;
}

TEST(WarmConnection, TakesNothingFromTheHeap) {
  const Hook hook = hook_of("github", "github");
  Broker broker{{.workers = 1}};
  const Subscription all = broker.subscribe("github.push", [](const Event&) {}, {.execution = Execution::in_worker});
  const Hooks hooks{broker, {hook}, {}};
  const auto handler = hooks.routes().at(0).make(0);
  const Post good = signed_post(hook, std::string(8000, ' '), {{"X-GitHub-Event", "push"}});
  const Post forged = {.path = good.path, .fields = good.fields, .body = std::string(8000, 'x')};

  const std::vector<http::Field> fields{good.fields.begin(), good.fields.end()};
  const auto round = [&] {
    EXPECT_EQ(exchange(*handler, good, fields), 200);
    EXPECT_EQ(exchange(*handler, forged, fields), 401);
  };
  for (int i = 0; i < 2000; ++i) round();
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) round();
  EXPECT_EQ(allocations, before);

  const std::string longer(100, 'x');
  EXPECT_GT(allocations, before) << "the count counts";
}

// A handler is kept for as long as its connection, for each source: what it kept would add up.
TEST(FurtherConnection, KeepsNothingOfALongFieldName) {
  const Hook hook = hook_of("github", "github");
  Broker broker{{.workers = 1}};
  const Hooks hooks{broker, {hook}, {}};
  const http::Route route = hooks.routes().at(0);
  const Post post = signed_post(hook, "{}", {{std::string(15'000, 'X'), "1"}});
  const std::vector<http::Field> fields{post.fields.begin(), post.fields.end()};
  const auto first = route.make(0);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(exchange(*first, post, fields), 200);
  const auto second = route.make(0);
  const std::size_t before = allocations;
  EXPECT_EQ(exchange(*second, post, fields), 200);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace penstock::webhook_in
