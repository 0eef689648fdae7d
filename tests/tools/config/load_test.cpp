#include "config/load.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace penstock::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(Load, DefaultsAreThoseOfTheDocumentation) {
  const Read read = read_with_source("");

  ASSERT_TRUE(read.config) << read.lines.front();
  EXPECT_THAT(read.lines, IsEmpty());
  const Config& config = *read.config;
  EXPECT_EQ(config.listen.text(), "127.0.0.1:8080");
  EXPECT_EQ(config.admin.listen.text(), "127.0.0.1:8081");
  EXPECT_EQ(config.limits.payload_bytes_max, 25U << 20U);
  EXPECT_EQ(config.limits.memory_bytes_max, 1U << 30U);
  EXPECT_EQ(config.limits.unverified_bytes_max, 256U << 20U);
  EXPECT_EQ(config.limits.dedup_bytes_max, 64U << 20U);
  EXPECT_EQ(config.limits.connections_max, 1000U);
  EXPECT_EQ(config.limits.connections_per_address_max, 100U);
  EXPECT_EQ(config.limits.head_bytes_max, 16U << 10U);
  EXPECT_EQ(config.limits.target_bytes_max, 8U << 10U);
  EXPECT_EQ(config.limits.head_time, std::chrono::seconds{10});
  EXPECT_EQ(config.limits.body_time, std::chrono::seconds{15});
  EXPECT_EQ(config.limits.idle_time, std::chrono::seconds{15});
  EXPECT_EQ(config.limits.receipt_wait, std::chrono::seconds{1});
  EXPECT_GE(config.threads, 1U);
  EXPECT_GE(config.workers, 1U);
  EXPECT_EQ(config.wait, Wait::park);
  EXPECT_EQ(config.drain, std::chrono::seconds{30});
  EXPECT_EQ(config.log.format, LogFormat::logfmt);
  EXPECT_EQ(config.log.level, LogLevel::info);
}

TEST(Load, EveryKeyReachesItsField) {
  const Read read = read_config(R"(
listen: 0.0.0.0:9000
admin: { listen: "[::1]:9001", hosts: [ ops.example.com ], tokens: { read: "${env:R}", write: "${env:W}" } }
journal: off
limits: { payload: 1MiB, memory: 64MiB, unverified: 8MiB, dedup: 2MiB, connections: 10, connections_per_address: 0, head: 4KiB,
          target: 2KiB, head_time: 1s, body_time: 2s, idle: 3s, receipt_wait: 4s }
threads: 3
workers: 2
wait: spin
drain: 5s
log: { format: json, level: debug }
sources: { github: { preset: github, secrets: [ "${env:S}" ] } }
)",
                                Variables{{"R", "reader"}, {"W", "writer"}, {"S", "hush"}});

  ASSERT_TRUE(read.config) << read.lines.front();
  const Config& config = *read.config;
  EXPECT_EQ(config.listen.text(), "0.0.0.0:9000");
  EXPECT_EQ(config.admin.listen.text(), "[::1]:9001");
  EXPECT_THAT(config.admin.hosts, ElementsAre("ops.example.com"));
  EXPECT_EQ(config.admin.read_token.reveal(), "reader");
  EXPECT_EQ(config.admin.write_token.reveal(), "writer");
  EXPECT_EQ(config.limits.payload_bytes_max, 1U << 20U);
  EXPECT_EQ(config.limits.memory_bytes_max, 64U << 20U);
  EXPECT_EQ(config.limits.unverified_bytes_max, 8U << 20U);
  EXPECT_EQ(config.limits.dedup_bytes_max, 2U << 20U);
  EXPECT_EQ(config.limits.connections_max, 10U);
  EXPECT_EQ(config.limits.connections_per_address_max, 0U);
  EXPECT_EQ(config.limits.head_bytes_max, 4U << 10U);
  EXPECT_EQ(config.limits.target_bytes_max, 2U << 10U);
  EXPECT_EQ(config.limits.head_time, std::chrono::seconds{1});
  EXPECT_EQ(config.limits.body_time, std::chrono::seconds{2});
  EXPECT_EQ(config.limits.idle_time, std::chrono::seconds{3});
  EXPECT_EQ(config.limits.receipt_wait, std::chrono::seconds{4});
  EXPECT_EQ(config.threads, 3U);
  EXPECT_EQ(config.workers, 2U);
  EXPECT_EQ(config.wait, Wait::spin);
  EXPECT_EQ(config.drain, std::chrono::seconds{5});
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_EQ(config.log.level, LogLevel::debug);
}

TEST(Load, UnverifiedBodiesMayHoldAQuarterOfTheMemory) {
  EXPECT_EQ(read_with_source("limits: { memory: 64MiB }\n").config->limits.unverified_bytes_max, 16U << 20U);
}

struct Bad {
  const char* name;
  const char* text;  ///< In front of a good source.
  const char* line;  ///< The one error, to its end.
};

class LoadRefuses : public testing::TestWithParam<Bad> {};

TEST_P(LoadRefuses, WithItsPlaceAndARemedy) {
  const Read read = read_with_source(GetParam().text);
  EXPECT_FALSE(read.config);
  EXPECT_THAT(read.lines, ElementsAre(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Files, LoadRefuses,
    testing::Values(
        Bad{"AnUnknownKey", "lisen: 127.0.0.1:1\n", "penstock.yaml:1:1: unknown key 'lisen'; did you mean 'listen'?"},
        Bad{"AnUnknownKeyInAdmin", "admin: { host: [] }\n",
            "penstock.yaml:1:10: admin: unknown key 'host'; did you mean 'hosts'?"},
        Bad{"AnUnknownToken", "admin: { tokens: { writ: \"${env:S}\" } }\n",
            "penstock.yaml:1:20: admin.tokens: unknown key 'writ'; did you mean 'write'?"},
        Bad{"AnUnknownLogKey", "log: { fromat: json }\n",
            "penstock.yaml:1:8: log: unknown key 'fromat'; did you mean 'format'?"},
        Bad{"ABareSize", "limits: { payload: 25 }\n",
            "penstock.yaml:1:20: limits.payload: '25': a size needs a unit; did you mean 25MiB or 25B?"},
        Bad{"ABareTime", "drain: 30\n",
            "penstock.yaml:1:8: drain: '30': a time needs a unit; did you mean 30s or 30ms?"},
        Bad{"AListenerWithoutAPort", "listen: 8080\n",
            "penstock.yaml:1:9: listen: '8080': the port is missing; write an address and a port, such as "
            "127.0.0.1:8080 or [::1]:8080"},
        Bad{"NoThreads", "threads: 0\n", "penstock.yaml:1:10: threads: 0 is not between 1 and 1024"},
        Bad{"AWordForANumber", "workers: two\n", "penstock.yaml:1:10: workers: 'two' is not a whole number"},
        Bad{"AnUnknownWait", "wait: prk\n", "penstock.yaml:1:7: wait: 'prk' is unknown; did you mean 'park'?"},
        Bad{"AnUnknownLevel", "log: { level: loud }\n",
            "penstock.yaml:1:15: log.level: 'loud' is unknown; write debug, info, warn, error"},
        Bad{"TooLittleMemory", "limits: { memory: 1MiB }\n",
            "penstock.yaml:1:19: limits.memory: 1MiB is not between 16MiB and 1TiB"},
        Bad{"APayloadAboveTheMemory", "limits: { memory: 16MiB, payload: 17MiB }\n",
            "penstock.yaml:1:35: limits.payload: 17MiB is not between 1B and 16MiB"},
        Bad{"ATargetAboveTheHead", "limits: { head: 1KiB, target: 2KiB }\n",
            "penstock.yaml:1:31: limits.target: 2KiB is not between 64B and 1KiB"},
        Bad{"AHostThatIsAUrl", "admin: { hosts: [ \"https://x/\" ] }\n",
            "penstock.yaml:1:17: admin.hosts: 'https://x/' is no name of a host; write it as in hooks.example.com"},
        Bad{"OneAddressForBoth", "listen: 127.0.0.1:9\nadmin: { listen: 127.0.0.1:9 }\n",
            "penstock.yaml:2:8: admin.listen: is the same as listen; give the admin API a port of its own"},
        Bad{"AnOpenAdmin", "admin: { listen: 0.0.0.0:8081 }\n",
            R"(penstock.yaml:1:18: admin.listen: 0.0.0.0:8081 can be reached from outside, so tokens are needed; add )"
            R"(tokens: { read: "${env:NAME}", write: "${env:NAME}" })"},
        Bad{"AHalfOpenAdmin", "admin: { listen: 0.0.0.0:8081, tokens: { read: \"${env:S}\" } }\n",
            R"(penstock.yaml:1:18: admin.listen: 0.0.0.0:8081 can be reached from outside, so tokens are needed; add )"
            R"(tokens: { read: "${env:NAME}", write: "${env:NAME}" })"},
        Bad{"AnAdminThatIsNoMap", "admin: 127.0.0.1:9090\n",
            "penstock.yaml:1:8: admin: a map belongs here, with some of listen, hosts, tokens"},
        Bad{"Tls", "tls: { cert: a, key: b }\n", "penstock.yaml:1:1: tls: not built yet"},
        Bad{"Subscriptions", "subscriptions: { ci: { topics: [ a ] } }\n",
            "penstock.yaml:1:1: subscriptions: not built yet"},
        Bad{"Backstage", "backstage: { listen: 127.0.0.1:7007 }\n", "penstock.yaml:1:1: backstage: not built yet"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Load, AJournalIsADirectoryAndHowLongItKeepsEvents) {
  const std::string source = "sources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }\n";
  const Variables variables{{"S", "x"}};
  const Read read = read_config(
      "journal: { dir: /var/lib/penstock, segment: 16MiB, retain: { bytes: 2GiB, age: 2d } }\n"
      "limits: { receipt_wait: 3s }\n" +
          source,
      variables);
  ASSERT_TRUE(read.config && read.config->journal);
  EXPECT_EQ(read.config->journal->dir, "/var/lib/penstock");
  EXPECT_EQ(read.config->journal->segment_bytes, 16U << 20U);
  EXPECT_EQ(read.config->journal->retain_bytes, std::uint64_t{2} << 30U);
  EXPECT_EQ(read.config->journal->retain_age, std::chrono::hours{48});
  EXPECT_EQ(read.config->journal->receipt_wait, std::chrono::seconds{3});
  EXPECT_FALSE(read.config->journal->skip_damaged);
}

TEST(Load, LeftOutAJournalLiesInTheWorkingDirectoryAndOffThereIsNone) {
  const std::string source = "sources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }\n";
  const Read left_out = read_config(source, Variables{{"S", "x"}});
  ASSERT_TRUE(left_out.config && left_out.config->journal);
  EXPECT_EQ(left_out.config->journal->dir, "./penstock-data");
  EXPECT_THAT(left_out.lines, IsEmpty());
  const Read off = read_config("journal: off\n" + source, Variables{{"S", "x"}});
  ASSERT_TRUE(off.config);
  EXPECT_FALSE(off.config->journal);
}

TEST(Load, AJournalThatIsNeitherOffNorAMapIsRefused) {
  for (const char* journal : {"on", "./penstock-data"}) {
    const Read read = read_config(std::string{"journal: "} + journal + "\n");
    EXPECT_FALSE(read.config);
    EXPECT_THAT(read.lines, Contains(StartsWith("penstock.yaml:1:10: journal: write 'off' (memory only)")));
  }
  EXPECT_THAT(read_config("journal: { dir: \"\" }\n").lines, Contains(HasSubstr("journal.dir: is empty")));
  EXPECT_THAT(read_config("journal: { segment: 1KiB }\n").lines, Contains(HasSubstr("journal.segment")));
  EXPECT_THAT(read_config("journal: { unsettled: hold }\n").lines,
              Contains(HasSubstr("journal.unsettled: not built yet")));
}

TEST(Load, AllErrorsAreToldInOneGo) {
  const Read read =
      read_config("listen: x\nlimit: {}\nlimits: { payload: 1, head: 2 }\nsources: { a: { preset: githup } }\n");
  EXPECT_THAT(
      read.lines,
      ElementsAre(StartsWith("penstock.yaml:1:9: listen: "), StartsWith("penstock.yaml:2:1: unknown key 'limit'"),
                  StartsWith("penstock.yaml:3:20: limits.payload: "), StartsWith("penstock.yaml:3:29: limits.head: "),
                  StartsWith("penstock.yaml:4:25: sources.a: unknown preset 'githup'; did you mean 'github'?")));
}

TEST(Load, AnEmptyFileIsToldWhatTheLeastFileIs) {
  for (const char* text : {"", "# nothing\n", "~\n"}) {
    const Read read = read_config(text);
    EXPECT_FALSE(read.config);
    EXPECT_THAT(read.lines,
                ElementsAre(HasSubstr("the file is empty; the least is: sources: { github: { preset: github")));
  }
  const std::string line = read_config("").lines.front();
  const std::string least = line.substr(line.find("sources:"));
  EXPECT_TRUE(read_config(least, Variables{{"GITHUB_WEBHOOK_SECRET", "x"}}).config) << "what it recommends works";
  EXPECT_THAT(read_config("- a\n").lines, ElementsAre(HasSubstr("a map belongs here")));
}

TEST(Load, WithoutSourcesNothingCanComeIn) {
  EXPECT_THAT(read_config("journal: off\n").lines,
              ElementsAre(StartsWith("penstock.yaml: warning: there is no source")));
}

TEST(Load, OverridesStandAboveTheFileAndAreToldUnderTheirName) {
  const std::string file = "listen: 127.0.0.1:1\njournal: off\nsources: { open: { verify: { kind: none } } }\n";
  LoadOptions options{
      environment_of({}),
      {{{"listen", "127.0.0.1:2", "--listen"}, {"admin.listen", "127.0.0.1:3", "PENSTOCK_ADMIN_LISTEN"}}, {}},
      {}};
  const Read good = read_config(file, options);
  ASSERT_TRUE(good.config);
  EXPECT_EQ(good.config->listen.port, 2);
  EXPECT_EQ(good.config->admin.listen.port, 3);

  options.overrides.values = {{"log.level", "loud", "PENSTOCK_LOG_LEVEL"},
                              {"admin.listen", "0.0.0.0:3", "--admin-listen"}};
  const Read bad = read_config(file, options);
  EXPECT_THAT(bad.lines, Contains(StartsWith("penstock.yaml: PENSTOCK_LOG_LEVEL: 'loud' is unknown")));
  EXPECT_THAT(bad.lines, Contains(StartsWith("penstock.yaml: --admin-listen: 0.0.0.0:3 can be reached from outside")));
}

TEST(Load, AnOverrideIsTakenAsItIsAndMayBeASecret) {
  const std::string file = "journal: off\nsources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }\n";
  const Read read = read_config(file, LoadOptions{environment_of({{"S", "hush"}}),
                                                  {{{"admin.tokens.read", "${env:S}", "PENSTOCK_ADMIN_TOKENS_READ"},
                                                    {"limits.head_time", "7s", "PENSTOCK_LIMITS_HEAD_TIME"}},
                                                   {}},
                                                  {}});
  ASSERT_TRUE(read.config) << read.lines.front();
  EXPECT_THAT(read.lines, IsEmpty()) << "it is not written out in the file";
  EXPECT_EQ(read.config->admin.read_token.reveal(), "${env:S}") << "substitution is the file's";
  EXPECT_EQ(read.config->limits.head_time, std::chrono::seconds{7});
}

TEST(Load, AVariableThatMeansNothingIsAWarning) {
  const Read read =
      read_config("journal: off\nsources: { github: { preset: github, secrets: [ \"${env:PENSTOCK_HUB}\" ] } }\n",
                  LoadOptions{environment_of({{"PENSTOCK_HUB", "hush"}}),
                              {{}, {"PENSTOCK_HUB", "PENSTOCK_LISEN", "PENSTOCK_SOME_OTHER_THING"}},
                              {}});
  EXPECT_TRUE(read.config);
  EXPECT_THAT(read.lines,
              ElementsAre("penstock.yaml: warning: environment variable PENSTOCK_LISEN means nothing; did you mean "
                          "'PENSTOCK_LISTEN'?",
                          "penstock.yaml: warning: environment variable PENSTOCK_SOME_OTHER_THING means nothing"))
      << "what the file itself reads means something";
}

TEST(Load, AVariableOfALaterVersionIsRefusedByName) {
  for (const std::string variable : {"PENSTOCK_JOURNAL_UNSETTLED", "PENSTOCK_TLS_CERT", "PENSTOCK_BACKSTAGE_LISTEN"}) {
    const Read read = read_config("journal: off\nsources: { open: { verify: { kind: none } } }\n",
                                  LoadOptions{environment_of({}), {{}, {variable}}, {}});
    EXPECT_FALSE(read.config);
    EXPECT_THAT(read.lines, Contains("penstock.yaml: environment variable " + variable + ": not built yet"));
  }
}

TEST(Load, APayloadThatCouldNeverBeReceivedIsAWarning) {
  EXPECT_THAT(read_with_source("limits: { memory: 64MiB, payload: 20MiB }\n").lines,
              ElementsAre(StartsWith(
                  "penstock.yaml:1:35: warning: limits.payload: 20MiB is more than limits.unverified (16MiB)")));
  EXPECT_THAT(read_with_source("limits: { memory: 64MiB }\n").lines, IsEmpty()) << "nobody asked for 25MiB";
}

TEST(Load, AFileOfNonsenseIsRefusedWithAHundredErrorsAndACount) {
  std::string file;
  for (int i = 0; i < 20'000; ++i) file += "sourcse" + std::to_string(i) + ": 1\n";
  const Read read = read_config(file);
  EXPECT_FALSE(read.config);
  ASSERT_EQ(read.lines.size(), Problems::kKeptMax + 1);
  EXPECT_EQ(read.lines.back(), "penstock.yaml: and 19900 more errors");
}

TEST(Load, WithoutAnEnvironmentNothingOutsideTheFileIsAsked) {
  const Read read = read_config(
      "listen: \"${env:NOT_SET}\"\nlimits: { payload: \"${file:none}\" }\njournal: off\n"
      "sources: { github: { preset: github, secrets: [ \"${env:NOT_SET}\" ], topic: \"${env:T}\" } }\n",
      LoadOptions{});
  ASSERT_TRUE(read.config) << read.lines.front();
  EXPECT_THAT(read.lines, IsEmpty());
  EXPECT_EQ(read.config->sources[0].secrets, 1U);
  EXPECT_EQ(read.config->sources[0].verifier, nullptr);
  EXPECT_EQ(read.config->listen.text(), "127.0.0.1:8080") << "unknown: the default stands in";
}

TEST(Load, OnlyTheWantedSourcesSecretsAreRead) {
  const std::string file = R"(
admin: { tokens: { read: "${env:NOT_SET}" } }
journal: off
sources:
  github: { preset: github, secrets: [ "${env:S}" ] }
  gitlab: { preset: gitlab, secrets: [ "${env:NOT_SET}" ] }
)";
  const Read read = read_config(file, LoadOptions{environment_of({{"S", "hush"}}), {}, "github"});
  ASSERT_TRUE(read.config) << read.lines.front();
  EXPECT_NE(read.config->source("github")->verifier, nullptr);
  EXPECT_EQ(read.config->source("gitlab")->verifier, nullptr);
  EXPECT_EQ(read.config->source("nobody"), nullptr);
}

TEST(Load, AQuickSourceIsAFileWithThatOneSource) {
  const LoadOptions options{environment_of({{"A", "one"}, {"B", "two"}}), {}, {}};
  const Loaded github = load_quick({"github", {"A", "B"}, {}}, options);
  ASSERT_TRUE(github.config);
  EXPECT_EQ(github.config->sources.at(0).name, "github");
  EXPECT_EQ(github.config->sources.at(0).secrets, 2U);
  EXPECT_TRUE(load_quick({"gerrit", {"A"}, {}}, options).config) << "its secret is the path token";
  EXPECT_TRUE(load_quick({"azure-devops", {"A"}, "ci"}, options).config);
}

TEST(Load, AQuickSourcesErrorsNameTheFlags) {
  const auto lines = [](const QuickSource& source) {
    const Loaded loaded = load_quick(source, LoadOptions{environment_of({{"A", "one"}}), {}, {}});
    std::vector<std::string> all;
    for (const Problem& problem : loaded.problems.list()) {
      if (problem.severity == Severity::error) all.push_back(loaded.problems.line(problem));
    }
    return all;
  };
  EXPECT_THAT(lines({"github", {"NOT_SET"}, {}}),
              ElementsAre("penstock serve: --secret-env: environment variable NOT_SET is not set"));
  const Loaded named = load_quick({"githup", {"A"}, {}}, LoadOptions{environment_of({}), {}, {}}, "penstock explain");
  EXPECT_EQ(named.problems.file(), "penstock explain");
  EXPECT_THAT(lines({"githup", {"A"}, {}}),
              ElementsAre("penstock serve: --source: unknown preset 'githup'; did you mean 'github'?"));
  EXPECT_THAT(lines({"github", {}, {}}),
              ElementsAre(StartsWith("penstock serve: --source: a source without a secret")));
}

TEST(Load, AFileThatCannotBeReadIsAProblemOfItsName) {
  const Loaded missing = load_file("/nowhere/penstock.yaml", {});
  ASSERT_FALSE(missing.config);
  EXPECT_EQ(missing.problems.line(missing.problems.list().at(0)),
            "/nowhere/penstock.yaml: cannot be read: No such file or directory");
  EXPECT_FALSE(load_file("/dev/zero", {}).config);
  EXPECT_FALSE(load_file("/", {}).config);
}

TEST(Load, FilesOfSecretsLieBesideTheConfiguration) {
  const std::filesystem::path folder = std::filesystem::path{testing::TempDir()} / "penstock_load";
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "secret"} << "hush\n";
  std::ofstream{folder / "p.yaml"}
      << "journal: off\nsources: { github: { preset: github, secrets: [ \"${file:secret}\" ] } }\n";
  const Loaded loaded = load_file((folder / "p.yaml").string(), {.environment = environment_of({})});
  EXPECT_TRUE(loaded.config) << loaded.problems.line(loaded.problems.list().at(0));
  std::filesystem::remove_all(folder);
}

TEST(Load, NoProblemEverShowsASecret) {
  const std::string secret = "hush-4711";
  const Variables variables{{"S", secret}, {"E", ""}};
  for (const char* source :
       {R"({ preset: github, secrets: [ "${env:S}", "${env:E}" ] })", R"({ preset: gerrit, path_token: "${env:S} /" })",
        "{ preset: github, secret: hush-4711 }", "{ preset: github, secrets: { a: hush-4711 } }",
        "{ preset: github, secrets: [ hush-4711, [ hush-4711 ] ] }", "{ preset: gitlab, secrets: [ \" ${env:S} \" ] }",
        "{ preset: \"${env:S}\" }", "{ verify: { kind: \"${env:S}\" } }",
        "{ verify: { kind: none }, topic: \"${env:S} x\" }", "{ verify: { kind: none }, event: \"${env:S}\" }",
        "{ verify: { kind: none }, accepted_status: \"${env:S}\" }",
        "{ verify: { kind: none }, dedup: { id: \"${env:S}\" } }", "{ verify: { kind: none }, encoded: \"${env:S}\" }",
        R"({ verify: { kind: hmac, header: "${env:S} x" }, secrets: [ "${env:S}" ] })",
        R"({ verify: { kind: hmac, header: x, item: "${env:S}" }, secrets: [ "${env:S}" ] })",
        R"({ verify: { kind: hmac, header: x, hash: "${env:S}" }, secrets: [ "${env:S}" ] })"}) {
    const Read read = read_config("journal: off\nsources: { a: " + std::string{source} + " }\n", variables);
    EXPECT_THAT(read.lines, Not(IsEmpty())) << source;
    EXPECT_THAT(read.lines, Each(Not(HasSubstr(secret)))) << source;
  }
}

}  // namespace
}  // namespace penstock::config
