#include "command_line.hpp"

#include "tools/config/reading.hpp"
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

Asked parse(std::vector<std::string> arguments, config::Variables variables = {}) {
  return parse_command_line(std::move(arguments), config::environment_of(std::move(variables)));
}

template <typename T>
T options(std::vector<std::string> arguments, config::Variables variables = {}) {
  Asked asked = parse(std::move(arguments), std::move(variables));
  if (const auto* answered = std::get_if<Answered>(&asked)) throw std::runtime_error{answered->err};
  return std::get<T>(std::move(asked));
}

Answered answered(std::vector<std::string> arguments) { return std::get<Answered>(parse(std::move(arguments))); }

TEST(CommandLine, ServeTakesAFileOrOneSource) {
  EXPECT_EQ(options<ServeOptions>({"serve", "-c", "p.yaml"}).common.config, "p.yaml");
  EXPECT_EQ(options<ServeOptions>({"-c", "p.yaml", "serve"}).common.config, "p.yaml");
  const auto quick = options<ServeOptions>({"serve", "--source", "github", "--secret-env", "A", "--secret-env", "B"});
  EXPECT_EQ(quick.source->preset, "github");
  EXPECT_THAT(quick.source->secret_variables, ElementsAre("A", "B"));
  EXPECT_FALSE(quick.source->user);
  EXPECT_EQ(options<ServeOptions>({"serve", "--source", "azure-devops", "--user", ""}).source->user, "");
}

TEST(CommandLine, CheckTakesItsFileEitherWay) {
  const auto check = options<CheckOptions>({"check", "p.yaml", "--no-environment", "--deny-warnings", "--json"});
  EXPECT_EQ(check.common.config, "p.yaml");
  EXPECT_TRUE(check.no_environment);
  EXPECT_TRUE(check.deny_warnings);
  EXPECT_TRUE(check.common.json);
  EXPECT_EQ(options<CheckOptions>({"check", "-c", "q.yaml"}).common.config, "q.yaml");
}

TEST(CommandLine, SendTakesAllItNeeds) {
  const auto send = options<SendOptions>({"send",      "github",   "push.json", "-c",     "p.yaml", "--event",
                                          "push",      "-H",       "X-A:  b ",  "-H",     "X-B:",   "--to",
                                          "http://h/", "--repeat", "10",        "--rate", "100/s",  "--connections",
                                          "2",         "--keep-id"});
  EXPECT_EQ(send.source, "github");
  EXPECT_EQ(send.file, "push.json");
  EXPECT_EQ(send.event, "push");
  EXPECT_THAT(send.fields, ElementsAre(Pair("X-A", "b"), Pair("X-B", "")));
  EXPECT_EQ(send.to, "http://h/");
  EXPECT_EQ(send.repeat, 10U);
  EXPECT_EQ(send.rate_per_s, 100.0);
  EXPECT_EQ(send.connections, 2U);
  EXPECT_TRUE(send.keep_id);
  EXPECT_EQ(options<SendOptions>({"send", "a", "-", "-c", "p", "--rate", "30/m"}).rate_per_s, 0.5);
  EXPECT_EQ(options<SendOptions>({"send", "a", "-", "-c", "p", "--rate", "7"}).rate_per_s, 7.0);
}

TEST(CommandLine, SendPutsNothingIntoTheHeadThatIsNotAValue) {
  const std::vector<std::string> send = {"send", "github", "push.json", "-c", "p.yaml"};
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{{"--event", "push\r\nx-more: y"},
                                                                                    {"-H", "x: a\r\nb: c"},
                                                                                    {"-H", "Host: evil"},
                                                                                    {"-H", "content-length: 5"}}) {
    std::vector<std::string> arguments = send;
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(answered(arguments).status, Exit::wrong_use) << more.back();
  }
}

TEST(CommandLine, TailTakesPatterns) {
  const auto tail = options<TailOptions>(
      {"tail", "github.*", ">", "-n", "3", "--from", "now", "--forward-to", "http://h/", "--url", "http://u"});
  EXPECT_THAT(tail.patterns, ElementsAre("github.*", ">"));
  EXPECT_EQ(tail.count, 3U);
  EXPECT_EQ(tail.from, "now");
  EXPECT_EQ(tail.forward_to, "http://h/");
  EXPECT_EQ(tail.common.url, "http://u");
  EXPECT_FALSE(options<TailOptions>({"tail", ">"}).count);
}

TEST(CommandLine, VariablesStandBelowFlagsAndAboveTheFile) {
  const config::Variables variables{{"PENSTOCK_CONFIG", "env.yaml"},
                                    {"PENSTOCK_URL", "http://env"},
                                    {"PENSTOCK_LISTEN", "127.0.0.1:1"},
                                    {"PENSTOCK_LOG_LEVEL", "debug"},
                                    {"PENSTOCK_TOKEN_ENV", "T"}};
  EXPECT_EQ(options<CheckOptions>({"check"}, variables).common.config, "env.yaml");
  EXPECT_EQ(options<CheckOptions>({"check", "-c", "flag.yaml"}, variables).common.config, "flag.yaml");
  EXPECT_EQ(options<TailOptions>({"tail", ">"}, variables).common.url, "http://env");
  EXPECT_EQ(options<TailOptions>({"tail", ">"}, variables).common.token_env, "T");
  EXPECT_EQ(options<TailOptions>({"tail", ">", "--url", "http://flag"}, variables).common.url, "http://flag");

  const auto serve = options<ServeOptions>({"serve", "--listen", "127.0.0.1:2"}, variables);
  ASSERT_EQ(serve.common.overrides.size(), 2U);
  EXPECT_EQ(serve.common.overrides[0].path, "listen");
  EXPECT_EQ(serve.common.overrides[0].value, "127.0.0.1:2");
  EXPECT_EQ(serve.common.overrides[0].origin, "--listen");
  EXPECT_EQ(serve.common.overrides[1].path, "log.level");
  EXPECT_EQ(serve.common.overrides[1].origin, "PENSTOCK_LOG_LEVEL");
}

TEST(CommandLine, HelpGoesToStdoutAndIsDone) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"-h"}, {"--help"}, {"serve", "-h"}}) {
    const Answered help = answered(arguments);
    EXPECT_EQ(help.status, Exit::done);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out,
                AllOf(HasSubstr("Usage: penstock"), HasSubstr("78 bad configuration"), HasSubstr("PENSTOCK_URL")));
    EXPECT_THAT(help.out, Not(HasSubstr("explain"))) << "what is not built is not offered";
  }
  EXPECT_THAT(answered({"send", "--help"}).out, HasSubstr("Usage: penstock send"));
}

TEST(CommandLine, WhatIsNotBuiltYetIsRefusedByName) {
  for (const char* name : {"explain", "publish", "sub", "dead", "replay", "journal", "bench"}) {
    for (const std::vector<std::string>& rest :
         std::vector<std::vector<std::string>>{{}, {"-h"}, {"x", "--all", "-c", "y"}}) {
      std::vector<std::string> arguments{name};
      arguments.insert(arguments.end(), rest.begin(), rest.end());
      const Answered later = answered(arguments);
      EXPECT_EQ(later.status, Exit::wrong_use);
      EXPECT_EQ(later.err, std::string{"penstock: '"} + name + "' is not built yet\n");
      EXPECT_EQ(later.out, "");
    }
  }
}

TEST(CommandLine, WrongUseIsOneLineOnStderrAndTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"tial"}, "penstock: unknown command 'tial'; did you mean 'tail'?"},
      {{"serve"}, "penstock: serve what? -c penstock.yaml"},
      {{"serve", "-c", "p", "--source", "github"}, "penstock: --source stands instead of a file"},
      {{"serve", "-c", "p", "--secret-env", "A"}, "penstock: --secret-env and --user go with --source"},
      {{"serve", "--nonsense"}, "penstock: "},
      {{"check"}, "penstock: check which file?"},
      {{"check", "a", "b"}, "penstock: "},
      {{"send", "github"}, "penstock: "},
      {{"send", "github", "f"}, "penstock: send needs the configuration"},
      {{"send", "github", "f", "-c", "p", "-H", "no colon"}, "penstock: -H 'no colon': write 'name: value'"},
      {{"send", "github", "f", "-c", "p", "-H", "a: b\r\nc: d"}, "penstock: -H 'a: b\\x0d\\x0ac: d': write"},
      {{"send", "github", "f", "-c", "p", "-H", "a b: c"}, "penstock: -H 'a b: c': write"},
      {{"send", "github", "f", "-c", "p", "--rate", "fast"}, "penstock: --rate 'fast' is not a rate such as 10/s"},
      {{"send", "github", "f", "-c", "p", "--rate", "0"}, "penstock: --rate must be above 0"},
      {{"send", "github", "f", "-c", "p", "--repeat", "0"}, "penstock: "},
      {{"send", "github", "f", "-c", "p", "--connections", "x"}, "penstock: "},
      {{"tail"}, "penstock: "},
      {{"tail", ">", "-n", "0"}, "penstock: "},
      {{"version", "x"}, "penstock: "}};
  for (const auto& [arguments, start] : cases) {
    const Answered wrong = answered(arguments);
    EXPECT_EQ(wrong.status, Exit::wrong_use) << start;
    EXPECT_THAT(wrong.err, StartsWith(start));
    EXPECT_EQ(std::count(wrong.err.begin(), wrong.err.end(), '\n'), 1) << wrong.err;
    EXPECT_EQ(wrong.out, "");
  }
  EXPECT_EQ(answered({}).status, Exit::wrong_use);
  EXPECT_THAT(answered({}).err, HasSubstr("Usage: penstock"));
}

TEST(CommandLine, VersionIsACommandAndAFlag) {
  EXPECT_TRUE(options<VersionOptions>({"version", "--json"}).common.json);
  EXPECT_FALSE(options<VersionOptions>({"--version"}).common.json);
}

}  // namespace
}  // namespace penstock::command
