#include "serve.hpp"

#include "tools/config/reading.hpp"
#include "tools/serving/running_daemon.hpp"
#include "tools/written.hpp"
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::HasSubstr;

config::Environment environment() { return config::environment_of({{"S", "hush-4711"}, {"BAD", "hush 4711 "}}); }

TEST(Serve, ABadConfigurationStartsNothing) {
  const Folder folder;
  Written written;
  ServeOptions options;
  options.common.config = folder.write("p.yaml", "listen: x\n");
  EXPECT_EQ(run_serve(options, environment(), written.output()), Exit::bad_configuration);
  EXPECT_THAT(written.err(), HasSubstr("p.yaml:1:9: listen: 'x': the port is missing"));
  EXPECT_EQ(written.out(), "");
}

TEST(Serve, AQuickSourceWithoutItsSecretStartsNothing) {
  Written written;
  EXPECT_EQ(run_serve({.source = config::QuickSource{.preset = "github"}}, environment(), written.output()),
            Exit::bad_configuration);
  EXPECT_THAT(written.err(), HasSubstr("penstock serve: --source: a source without a secret takes anything"));
}

TEST(Serve, APortInUseFailsAndNamesIt) {
  serving::RunningDaemon running{"sources: { open: { verify: { kind: none } } }"};
  const std::string address = running->ingress().text();
  testing::internal::CaptureStderr();
  Written written;
  ServeOptions options{.source = config::QuickSource{.preset = "github", .secret_variables = {"S"}}};
  options.common.overrides.values = {{"listen", address, "--listen"},
                                     {"admin.listen", "127.0.0.1:0", "--admin-listen"},
                                     {"journal", "off", "PENSTOCK_JOURNAL"}};
  EXPECT_EQ(run_serve(options, environment(), written.output()), Exit::failed);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("level=error msg=\"listen " + address + ": "));
  EXPECT_THAT(log, HasSubstr("in use"));
}

}  // namespace
}  // namespace penstock::command
