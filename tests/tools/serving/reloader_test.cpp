#include "serving/reloader.hpp"

#include "support/http_client.hpp"
#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include <gmock/gmock.h>

#include <new>

namespace penstock::serving {
namespace {

using support::HttpClient;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOpen = "sources: { open: { verify: { kind: none } } }\n";

class ReloaderTest : public testing::Test {
 protected:
  /// What the log says of one reload from `text`.
  std::string reload(const std::string& text) {
    return reload_with([&] {
      return config::load_text("listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\njournal: off\n" + text, "p.yaml",
                               {.environment = config::environment_of({{"S", "hush"}})});
    });
  }
  std::string reload_with(Reloader::Load load) {
    Reloader reloader{std::move(load), *running_, log_};
    testing::internal::CaptureStderr();
    reloader.reload();
    return testing::internal::GetCapturedStderr();
  }
  int post_to(const std::string& source) {
    return HttpClient{running_.ingress_port()}.ask("POST", "/hooks/" + source, {}, "{}").status;
  }
  bool was_successful() {
    const std::string text = metrics();
    const bool successful = text.find("\npenstock_config_last_reload_successful 1\n") != std::string::npos;
    EXPECT_NE(successful, text.find("\npenstock_config_last_reload_successful 0\n") != std::string::npos);
    return successful;
  }
  std::string metrics() { return HttpClient{running_.admin_port()}.ask("GET", "/metrics").body; }

  RunningDaemon running_{kOpen};
  Log log_{{}};
};

TEST_F(ReloaderTest, SwitchesTheDaemonAndSaysSo) {
  const std::string said = reload("sources: { added: { verify: { kind: none } } }\n");
  EXPECT_THAT(said, AllOf(HasSubstr("msg=reloaded file=p.yaml sources=1"), HasSubstr("level=warn")))
      << "what may surprise is told as at the start";
  EXPECT_EQ(post_to("added"), 200);
  EXPECT_EQ(post_to("open"), 404);
  EXPECT_TRUE(was_successful());
}

TEST_F(ReloaderTest, KeepsTheOldConfigurationAndSaysEveryReasonForIt) {
  const std::string said = reload("sources: { open: { verify: { kind: nine } }, second: { presets: github } }\n");
  EXPECT_THAT(said, AllOf(HasSubstr("level=error msg=\"p.yaml:4:36: "), HasSubstr("p.yaml:4:56: "),
                          HasSubstr("not reloaded"), Not(HasSubstr("msg=reloaded"))));
  EXPECT_EQ(post_to("open"), 200);
  EXPECT_FALSE(was_successful());
  EXPECT_THAT(reload(kOpen), HasSubstr("msg=reloaded"));
  EXPECT_TRUE(was_successful());
}

TEST_F(ReloaderTest, RefusesByNameWhatCannotChangeAndThenChangesNothing) {
  const std::string said =
      reload("workers: 77\nlog: { format: json }\nsources: { added: { verify: { kind: none } } }\n");
  EXPECT_THAT(said, AllOf(HasSubstr("level=error msg=\"p.yaml: workers: cannot change from "), HasSubstr("to 77"),
                          Not(HasSubstr("{\""))));
  EXPECT_EQ(post_to("open"), 200);
  EXPECT_EQ(post_to("added"), 404);
  EXPECT_EQ(metrics().find("source=\"added\""), std::string::npos) << "no counter of a source that never was";
}

TEST_F(ReloaderTest, SwitchesTheLog) {
  EXPECT_THAT(reload(std::string{"log: { format: json }\n"} + kOpen), HasSubstr(R"("msg":"reloaded")"));
  EXPECT_EQ(reload(std::string{"log: { level: error }\n"} + kOpen), "");
}

TEST_F(ReloaderTest, SurvivesAFailureOfAnyKind) {
  EXPECT_THAT(reload_with([]() -> config::Loaded { throw std::bad_alloc{}; }), HasSubstr("not reloaded"));
  EXPECT_THAT(reload_with([]() -> config::Loaded { throw 1; }), HasSubstr("not reloaded"));
  EXPECT_EQ(post_to("open"), 200);
  EXPECT_FALSE(was_successful());
}

}  // namespace
}  // namespace penstock::serving
