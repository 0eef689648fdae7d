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
  const std::vector<config::Override>& above = serve.common.overrides.values;
  ASSERT_EQ(above.size(), 3U);
  EXPECT_EQ(above[0].origin, "PENSTOCK_LISTEN");
  EXPECT_EQ(above[1].path, "log.level");
  EXPECT_EQ(above[1].origin, "PENSTOCK_LOG_LEVEL");
  EXPECT_EQ(above[2].path, "listen") << "the later stands above the earlier";
  EXPECT_EQ(above[2].value, "127.0.0.1:2");
  EXPECT_EQ(above[2].origin, "--listen");
}

TEST(CommandLine, EveryKeyOfTheFileThatHoldsOneValueHasAVariable) {
  config::Variables variables{{"PENSTOCK_LIMITS_PAYLOAD", ""}};  // Unset.
  const std::vector<std::string> paths{"listen", "admin.listen", "admin.tokens.read", "limits.head_time", "journal",
                                       "wait",   "drain",        "log.format"};
  for (const std::string& path : paths) variables[config::variable_name(path)] = "of " + path;
  EXPECT_TRUE(variables.contains("PENSTOCK_LIMITS_HEAD_TIME"));
  std::map<std::string, std::string> above;
  for (const config::Override& key : options<CheckOptions>({"check", "p"}, variables).common.overrides.values) {
    above[key.path] = key.value;
  }
  EXPECT_EQ(above.size(), paths.size());
  for (const std::string& path : paths) EXPECT_EQ(above[path], "of " + path);
}

TEST(CommandLine, EveryOptionOfOneValueHasAVariableWithTheNameOfItsCommand) {
  const config::Variables variables{
      {"PENSTOCK_CONFIG", "p.yaml"}, {"PENSTOCK_SEND_TO", "http://h/"}, {"PENSTOCK_SEND_REPEAT", "7"},
      {"PENSTOCK_SEND_RATE", "5/s"}, {"PENSTOCK_SEND_EVENT", "push"},   {"PENSTOCK_SEND_KEEP_ID", "true"},
      {"PENSTOCK_TAIL_N", "3"},      {"PENSTOCK_TAIL_FROM", "now"},     {"PENSTOCK_JSON", "1"},
      {"PENSTOCK_QUIET", "0"},       {"PENSTOCK_EXPLAIN_NOW", "12"},    {"PENSTOCK_EXPLAIN_METHOD", "PUT"}};
  const auto send = options<SendOptions>({"send", "github", "-", "--repeat", "9"}, variables);
  EXPECT_EQ(send.common.config, "p.yaml");
  EXPECT_TRUE(send.common.json);
  EXPECT_FALSE(send.common.quiet);
  EXPECT_EQ(send.to, "http://h/");
  EXPECT_EQ(send.repeat, 9U) << "the flag stands above";
  EXPECT_EQ(send.rate_per_s, 5.0);
  EXPECT_EQ(send.event, "push");
  EXPECT_TRUE(send.keep_id);
  const auto tail = options<TailOptions>({"tail", ">"}, variables);
  EXPECT_EQ(tail.count, 3U);
  EXPECT_EQ(tail.from, "now");
  const auto explain = options<ExplainOptions>({"explain", "--source", "github"}, variables);
  EXPECT_EQ(explain.now_s, 12);
  EXPECT_EQ(explain.method, "PUT");
}

TEST(CommandLine, AVariableOfABadValueIsToldByItsName) {
  for (const auto& [variable, command] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"PENSTOCK_SEND_REPEAT", {"send", "a", "-", "-c", "p"}},
           {"PENSTOCK_TAIL_N", {"tail", ">"}},
           {"PENSTOCK_QUIET", {"version"}}}) {
    const Asked asked = parse(command, {{variable, "some"}});
    ASSERT_TRUE(std::holds_alternative<Answered>(asked)) << variable;
    EXPECT_EQ(std::get<Answered>(asked).status, Exit::wrong_use);
    EXPECT_THAT(std::get<Answered>(asked).err, StartsWith("penstock: " + variable + ": 'some' is no value for --"));
  }
}

TEST(CommandLine, WhatTheCommandLineSaysToLookAtNoVariableOverrules) {
  const config::Variables variables{
      {"PENSTOCK_CONFIG", "env.yaml"}, {"PENSTOCK_SERVE_SOURCE", "gitlab"}, {"PENSTOCK_EXPLAIN_PRESET", "gitlab"}};
  EXPECT_FALSE(options<ServeOptions>({"serve", "-c", "p.yaml"}, variables).source);
  EXPECT_EQ(options<ServeOptions>({"serve", "--source", "github"}, variables).source->preset, "github");
  EXPECT_EQ(options<ExplainOptions>({"explain", "-c", "p.yaml", "--source", "a"}, variables).preset, "");
  EXPECT_EQ(options<ExplainOptions>({"explain", "--source", "a"}, variables).preset, "");
  EXPECT_EQ(options<ExplainOptions>({"explain", "--secret-env", "A"}, variables).preset, "gitlab");
}

TEST(CommandLine, VariablesThatMeanNothingAreNamed) {
  const Asked asked = parse_command_line(
      {"check", "p"}, config::environment_of({{"PENSTOCK_TOKEN_ENV", "PENSTOCK_MINE"}}),
      {"PENSTOCK_LISTEN", "PENSTOCK_LISEN", "PENSTOCK_URL", "PENSTOCK_SEND_RATE", "PENSTOCK_TOKEN_ENV", "PENSTOCK_MINE",
       "PENSTOCK_SERVICE_HOST", "PENSTOCK_PORT", "PENSTOCK_PORT_8080_TCP", "PENSTOCK_VERSION", "PENSTOCK_CHECK_FILE"});
  EXPECT_THAT(std::get<CheckOptions>(asked).common.overrides.unknown_variables,
              ElementsAre("PENSTOCK_LISEN", "PENSTOCK_VERSION", "PENSTOCK_CHECK_FILE"))
      << "what Kubernetes sets for a service called penstock is nobody's mistake";
}

TEST(CommandLine, ExplainTakesAWholeRequest) {
  const auto explain = options<ExplainOptions>({"explain",
                                                "--preset",
                                                "github",
                                                "--secret-env",
                                                "A",
                                                "--secret-env",
                                                "B",
                                                "-H",
                                                "X-B: 1",
                                                "-H",
                                                "X-A: 2",
                                                "-H",
                                                "X-B:",
                                                "--method",
                                                "PUT",
                                                "--target",
                                                "/hooks/x?a=b",
                                                "--public-url",
                                                "https://h/x",
                                                "--public-key",
                                                "k",
                                                "--user",
                                                "u",
                                                "--user",
                                                "",
                                                "--certificate",
                                                "https://h/c.pem=f",
                                                "--now",
                                                "1767225600",
                                                "--body",
                                                "-"});
  EXPECT_EQ(explain.preset, "github");
  EXPECT_THAT(explain.secret_variables, ElementsAre("A", "B"));
  EXPECT_THAT(explain.fields, ElementsAre(Pair("X-B", "1"), Pair("X-A", "2"), Pair("X-B", "")));
  EXPECT_EQ(explain.method, "PUT");
  EXPECT_EQ(explain.target, "/hooks/x?a=b");
  EXPECT_EQ(explain.public_url, "https://h/x");
  EXPECT_THAT(explain.public_keys, ElementsAre("k"));
  EXPECT_THAT(explain.users, ElementsAre("u", ""));
  EXPECT_THAT(explain.certificates, ElementsAre("https://h/c.pem=f"));
  EXPECT_EQ(explain.now_s, 1767225600);
  EXPECT_EQ(explain.body, "-");
  EXPECT_FALSE(options<ExplainOptions>({"explain", "-c", "p"}).now_s);
  EXPECT_EQ(options<ExplainOptions>({"explain", "-c", "p", "-H", "Host: h"}).fields.size(), 1U);
}

TEST(CommandLine, JournalTakesADirectoryAndExportARange) {
  const auto verify = options<JournalCommandOptions>({"journal", "verify", "./data", "--json"});
  EXPECT_EQ(verify.action, JournalAction::verify);
  EXPECT_EQ(verify.dir, "./data");
  EXPECT_TRUE(verify.common.json);
  EXPECT_EQ(options<JournalCommandOptions>({"journal", "stat", "-c", "p.yaml"}).common.config, "p.yaml");
  const auto all = options<JournalCommandOptions>({"journal", "export", "d"});
  EXPECT_EQ(all.action, JournalAction::write_out);
  EXPECT_FALSE(all.range.count);
  const auto some =
      options<JournalCommandOptions>({"journal", "export", "d", "--from", "12", "--to", "now", "-n", "3", "--base64"});
  EXPECT_EQ(some.range.from, "12");
  EXPECT_EQ(some.range.to, "now");
  EXPECT_EQ(some.range.count, 3U);
  EXPECT_TRUE(some.range.base64);
  EXPECT_THAT(answered({"journal", "export", "-h"}).out, HasSubstr("--from"));
}

TEST(CommandLine, AnOptionOfACommandInsideAnotherHasAVariableWithBothNames) {
  const config::Variables variables{{"PENSTOCK_JOURNAL_EXPORT_FROM", "7"}, {"PENSTOCK_JOURNAL_EXPORT_N", "2"}};
  const auto all = options<JournalCommandOptions>({"journal", "export", "d"}, variables);
  EXPECT_EQ(all.range.from, "7");
  EXPECT_EQ(all.range.count, 2U);
  const Asked asked = parse_command_line({"check", "p"}, config::environment_of({}),
                                         {"PENSTOCK_JOURNAL_EXPORT_FROM", "PENSTOCK_EXPORT_FROM"});
  EXPECT_THAT(std::get<CheckOptions>(asked).common.overrides.unknown_variables, ElementsAre("PENSTOCK_EXPORT_FROM"));
}

TEST(CommandLine, PublishTakesATopicAndReadsStdinUnlessAFileIsNamed) {
  const auto publish = options<PublishOptions>({"publish", "github", "f.json", "-H", "a: b", "--url", "http://u"});
  EXPECT_EQ(publish.topic, "github");
  EXPECT_EQ(publish.file, "f.json");
  EXPECT_THAT(publish.fields, ElementsAre(Pair("a", "b")));
  EXPECT_EQ(publish.common.url, "http://u");
  EXPECT_EQ(options<PublishOptions>({"publish", "github"}).file, "-");
}

TEST(CommandLine, HelpGoesToStdoutAndIsDone) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"-h"}, {"--help"}, {"serve", "-h"}}) {
    const Answered help = answered(arguments);
    EXPECT_EQ(help.status, Exit::done);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out,
                AllOf(HasSubstr("Usage: penstock"), HasSubstr("78 bad configuration"), HasSubstr("PENSTOCK_URL")));
    EXPECT_THAT(help.out, Not(HasSubstr("replay"))) << "what is not built is not offered";
  }
  EXPECT_THAT(answered({"send", "--help"}).out, HasSubstr("Usage: penstock send"));
}

TEST(CommandLine, WhatIsNotBuiltYetIsRefusedByName) {
  for (const char* name : {"sub", "dead", "replay"}) {
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

TEST(CommandLine, TheBenchesThatAreNotBuiltYetAreRefusedByName) {
  EXPECT_EQ(answered({"bench", "dispatch", "--events", "10M"}).err, "penstock: 'bench dispatch' is not built yet\n");
  EXPECT_EQ(answered({"bench", "http", "-h"}).err, "penstock: 'bench http' is not built yet\n");
  EXPECT_EQ(answered({"bench"}).err, "penstock: bench what? journal\n");
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
      {{"send", "github", "f", "-c", "p", "-H", "no colon"}, "penstock: -H: write 'name: value'"},
      {{"send", "github", "f", "-c", "p", "-H", "a: b\r\nc: d"}, "penstock: -H 'a': its value holds a control"},
      {{"send", "github", "f", "-c", "p", "-H", "a b: c"}, "penstock: -H: write"},
      {{"send", "github", "f", "-c", "p", "--rate", "fast"}, "penstock: --rate 'fast' is not a rate such as 10/s"},
      {{"send", "github", "f", "-c", "p", "--rate", "0"}, "penstock: --rate must be above 0"},
      {{"send", "github", "f", "-c", "p", "--repeat", "0"}, "penstock: "},
      {{"send", "github", "f", "-c", "p", "--connections", "x"}, "penstock: "},
      {{"publish"}, "penstock: "},
      {{"publish", "a", "-H", "host: b"}, "penstock: -H 'host': the request's own"},
      {{"explain"}, "penstock: explain by what? -c penstock.yaml"},
      {{"explain", "-c", "p", "--preset", "github"}, "penstock: --preset stands instead of a file"},
      {{"explain", "--source", "a", "--preset", "github"}, "penstock: --preset stands instead of a file and its"},
      {{"explain", "-c", "p", "--user", "u"}, "penstock: --secret-env, --user and --public-key go with --preset"},
      {{"explain", "-c", "p", "-H", "nothing"}, "penstock: -H: write 'name: value'"},
      {{"explain", "-c", "p", "--method", "A B"}, "penstock: --method 'A B': write a method"},
      {{"explain", "-c", "p", "--target", "/a\r\nb"}, "penstock: --target: write a path"},
      {{"explain", "-c", "p", "--certificate", "https://h/"}, "penstock: --certificate 'https://h/': write URL=FILE"},
      {{"explain", "-c", "p", "--now", "soon"}, "penstock: "},
      {{"explain", "-c", "p", "--now", "-1"}, "penstock: "},
      {{"explain", "-c", "p", "--now", "99999999999999999"}, "penstock: "},
      {{"explain", "--preset", "github", "--secret-env", "A", "stray"}, "penstock: "},
      {{"send", "github", "f", "-c", "p", "--repeat", "-18446744073709551615"}, "penstock: "},
      {{"tail"}, "penstock: "},
      {{"tail", ">", "-n", "0"}, "penstock: "},
      {{"tail", ">", "-n", "-1"}, "penstock: "},
      {{"journal"}, "penstock: journal what? stat, verify or export"},
      {{"journal", "stats", "d"}, "penstock: "},
      {{"journal", "stat", "d", "e"}, "penstock: "},
      {{"journal", "stat", "d", "--from", "1"}, "penstock: "},
      {{"journal", "export", "d", "-n", "0"}, "penstock: "},
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
