#include "config/variables.hpp"

#include "config/keys.hpp"
#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

#include <cstdlib>

namespace penstock::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;

TEST(Variables, AreNamedAfterTheirKey) {
  EXPECT_EQ(variable_name("listen"), "PENSTOCK_LISTEN");
  EXPECT_EQ(variable_name("admin.tokens.read"), "PENSTOCK_ADMIN_TOKENS_READ");
  EXPECT_EQ(variable_name("limits.connections_per_address"), "PENSTOCK_LIMITS_CONNECTIONS_PER_ADDRESS");
  EXPECT_EQ(variable_name("token-env"), "PENSTOCK_TOKEN_ENV");
}

TEST(Variables, StandForEveryKeyOfOneValueAndForNothingElse) {
  EXPECT_THAT(scalar_paths(),
              IsSupersetOf({"listen", "admin.listen", "admin.tokens.read", "admin.tokens.write", "journal", "threads",
                            "workers", "wait", "drain", "log.format", "log.level"}));
  for (const Key& key : keys(Section::limits)) EXPECT_THAT(scalar_paths(), Contains("limits." + std::string{key.name}));
  for (const char* map : {"admin", "admin.hosts", "admin.tokens", "limits", "log", "sources", "tls", "subscriptions"}) {
    EXPECT_THAT(scalar_paths(), Not(Contains(map)));
  }
}

TEST(Variables, ThatAreSetAndNotEmptyAreOverrides) {
  const std::vector<Override> above = overrides_of(
      environment_of({{"PENSTOCK_DRAIN", "5s"}, {"PENSTOCK_LISTEN", ""}, {"PENSTOCK_LIMITS_MEMORY", "64MiB"}}));
  ASSERT_EQ(above.size(), 2U);
  EXPECT_EQ(above[0].path, "drain");
  EXPECT_EQ(above[0].value, "5s");
  EXPECT_EQ(above[0].origin, "PENSTOCK_DRAIN");
  EXPECT_EQ(above[1].path, "limits.memory");
}

TEST(Variables, OfKubernetesAreKnown) {
  for (const char* name : {"PENSTOCK_PORT", "PENSTOCK_PORT_8080_TCP_ADDR", "PENSTOCK_SERVICE_HOST"}) {
    EXPECT_TRUE(is_service_link(name)) << name;
  }
  for (const char* name : {"PENSTOCK_PORTS", "PENSTOCK_SERVE_SOURCE", "PENSTOCK_LISTEN"}) {
    EXPECT_FALSE(is_service_link(name)) << name;
  }
}

TEST(Variables, OfTheProcessAreThoseWithThePrefix) {
  ASSERT_EQ(::setenv("PENSTOCK_TEST_B", "x=y", 1), 0);  // NOLINT(concurrency-mt-unsafe): one thread.
  ASSERT_EQ(::setenv("PENSTOCK_TEST_A", "", 1), 0);     // NOLINT(concurrency-mt-unsafe): one thread.
  std::vector<std::string> names = process_variables();
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return name.rfind("PENSTOCK_TEST_", 0) != 0; }),
              names.end());
  EXPECT_THAT(names, ElementsAre("PENSTOCK_TEST_A", "PENSTOCK_TEST_B"));
  EXPECT_EQ(process_environment()("PENSTOCK_TEST_B"), "x=y");
  ::unsetenv("PENSTOCK_TEST_A");  // NOLINT(concurrency-mt-unsafe): one thread.
  ::unsetenv("PENSTOCK_TEST_B");  // NOLINT(concurrency-mt-unsafe): one thread.
  EXPECT_EQ(process_environment()("PENSTOCK_TEST_B"), std::nullopt);
}

}  // namespace
}  // namespace penstock::config
