#include "explain.hpp"

#include "tools/config/reading.hpp"
#include "tools/written.hpp"
#include "verify/verifier.hpp"
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "hush-4711";
constexpr const char* kConfig = R"(journal: off
limits: { payload: 1KiB, memory: 16MiB }
sources:
  github: { preset: github, secrets: [ "${env:OTHER}", "${env:S}" ] }
  gitlab: { preset: gitlab, secrets: [ "${env:S}" ], dedup: off }
  ado: { preset: azure-devops, user: ci, secrets: [ "${env:S}" ], topic: azureDevOps }
  gerrit: { preset: gerrit, path_token: "${env:S}" }
  plain: { verify: { kind: none } }
  leaky: { preset: gitlab, secrets: [ "${env:S}" ], event: "header:X-Gitlab-Token", dedup: { id: "header:X-Gitlab-Token" } }
)";

class Explain : public testing::Test {
 protected:
  /// With `--json`.
  json::value explain(ExplainOptions options) {
    options.common.json = true;
    Written written;
    status_ = run_explain(complete(std::move(options)), environment(), written.output());
    out_ = written.out();
    err_ = written.err();
    return out_.empty() ? json::value{} : json::parse(out_);
  }

  std::string steps(ExplainOptions options) {
    Written written;
    status_ = run_explain(complete(std::move(options)), environment(), written.output());
    err_ = written.err();
    return written.out();
  }

  /// The file, unless a preset is asked for.
  ExplainOptions complete(ExplainOptions options) {
    if (options.preset.empty() && options.common.config.empty())
      options.common.config = folder_.write("p.yaml", kConfig);
    return options;
  }

  std::string body(const std::string& text) { return folder_.write("body", text); }

  static config::Environment environment() {
    return config::environment_of({{"S", kSecret}, {"OTHER", "second-4712"}, {"EMPTY", ""}});
  }

  /// What GitHub would put beside that body.
  static FieldLine signature(const std::string& text) {
    std::vector<verify::Secret> secrets;
    secrets.emplace_back(std::string{kSecret});
    return verify::Verifier{verify::preset("github")->scheme, std::move(secrets)}.prove(text).fields.at(0);
  }

  Folder folder_;
  Exit status_ = Exit::done;
  std::string out_;
  std::string err_;
};

TEST_F(Explain, GivesOneObjectWithExactlyTheKeysOfTheContract) {
  const json::value told =
      explain({.source = "github",
               .fields = {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", "d-1"}, signature("{}")},
               .body = body("{}")});
  EXPECT_EQ(status_, Exit::done);
  EXPECT_EQ(
      json::serialize(told),
      R"({"verify":"authentic","reason":"X-Hub-Signature-256 fits the body under a secret of this source",)"
      R"("handshake":null,"status":200,"topic":"github.push","unrouted":false,"dedup_id":"d-1","subscriptions":[]})");
  EXPECT_EQ(err_, "");
}

TEST_F(Explain, PrintsEachStepAndWhy) {
  EXPECT_EQ(steps({.source = "github",
                   .fields = {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", "d-1"}, signature("{}")},
                   .body = body("{}")}),
            "handshake  none: this source has none\n"
            "verify     authentic: X-Hub-Signature-256 fits the body under a secret of this source\n"
            "dedup      id d-1 (header:X-GitHub-Delivery), window 24h\n"
            "route      github.push: read at header:X-GitHub-Event\n"
            "filter     none: no subscription can be configured yet\n"
            "answer     200\n");
  EXPECT_EQ(status_, Exit::done);
  EXPECT_EQ(
      steps({.source = "gitlab", .body = body(R"({"object_kind":"a b"})")}),
      "handshake  none: this source has none\n"
      "verify     unsigned: X-Gitlab-Token is missing\n"
      "dedup      off: this source names no delivery id\n"
      "route      gitlab: unrouted, nothing at json:/event_name, json:/object_kind that can be a sub-topic; if it "
      "were authentic\n"
      "filter     none: no subscription can be configured yet\n"
      "answer     401 {\"error\":\"unauthorized\"}\n");
  EXPECT_EQ(status_, Exit::failed);
}

TEST_F(Explain, SaysWhereARequestWouldGoThatIsNotAuthentic) {
  const json::value told = explain({.source = "github", .fields = {{"x-github-event", "push"}}, .body = body("{}")});
  EXPECT_EQ(status_, Exit::failed);
  EXPECT_EQ(told.at("verify"), "unsigned");
  EXPECT_EQ(told.at("status"), json::value(401));
  EXPECT_EQ(told.at("topic"), "github.push");
  EXPECT_TRUE(told.at("dedup_id").is_null());
}

TEST_F(Explain, JudgesAsTheIngressDoes) {
  const auto status = [&](ExplainOptions options) { return explain(std::move(options)).at("status"); };
  const ExplainOptions good{.source = "plain", .body = body("{}")};
  EXPECT_EQ(status(good), json::value(200));
  ExplainOptions other = good;
  other.method = "GET";
  EXPECT_EQ(status(other), json::value(405));
  EXPECT_EQ(status_, Exit::done) << "it is authentic";
  other = good;
  other.target = "/hooks/nobody";
  EXPECT_EQ(status(other), json::value(404));
  other = good;
  other.fields = {{"Content-Encoding", "gzip"}};
  EXPECT_EQ(status(other), json::value(415));
  other = good;
  other.fields = {{"Transfer-Encoding", "gzip"}};
  EXPECT_EQ(status(other), json::value(501));
  other = good;
  other.fields = {{"Host", "a"}, {"Host", "b"}};
  EXPECT_EQ(status(other), json::value(400));
  other = good;
  other.fields = {{"X-Long", std::string(20'000, 'x')}};
  EXPECT_EQ(status(other), json::value(431));
  other = good;
  other.target = "/hooks/plain?" + std::string(10'000, 'x');
  EXPECT_EQ(status(other), json::value(414));
  other = good;
  other.body = body(std::string(1025, 'x'));
  const json::value told = explain(other);
  EXPECT_EQ(told.at("status"), json::value(413));
  EXPECT_TRUE(told.at("topic").is_null()) << "there is no event";
  EXPECT_THAT(std::string{told.at("reason").as_string().c_str()}, HasSubstr("answered 413"));
  other.body = body(std::string(1024, 'x'));
  other.fields = {{"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(status(other), json::value(200));
}

TEST_F(Explain, SaysThatALineEndTooMuchWasTheReason) {
  for (const std::string end : {"\n", "\r\n"}) {
    const json::value told = explain({.source = "github", .fields = {signature("{}")}, .body = body("{}" + end)});
    EXPECT_EQ(told.at("verify"), "forged");
    EXPECT_THAT(std::string{told.at("reason").as_string().c_str()},
                HasSubstr("without the line end at its end the body fits"));
  }
  const json::value told = explain({.source = "github", .fields = {signature("{}")}, .body = body("{ }\n")});
  EXPECT_THAT(std::string{told.at("reason").as_string().c_str()}, Not(HasSubstr("line end")));
}

TEST_F(Explain, TakesAPresetInsteadOfAFile) {
  const json::value github = explain({.preset = "github",
                                      .secret_variables = {"OTHER", "S"},
                                      .target = "/hooks/elsewhere?a=b",
                                      .fields = {{"X-GitHub-Event", "push"}, signature("{}")},
                                      .body = body("{}")});
  EXPECT_EQ(status_, Exit::done) << err_;
  EXPECT_EQ(github.at("topic"), "github.push") << "as with serve --source, whatever the path is called";
  const json::value gerrit = explain({.preset = "gerrit",
                                      .secret_variables = {"S"},
                                      .target = "/hooks/review/" + std::string{kSecret},
                                      .body = body(R"({"type":"ref-updated"})")});
  EXPECT_EQ(gerrit.at("verify"), "authentic");
  EXPECT_EQ(gerrit.at("topic"), "gerrit.ref-updated");
  EXPECT_EQ(explain({.preset = "gerrit", .secret_variables = {"S"}, .body = body("{}")}).at("verify"), "unsigned");
}

TEST_F(Explain, TakesASendersOwnPathAsTheSources) {
  const json::value told = explain({.preset = "gitlab",
                                    .secret_variables = {"S"},
                                    .target = "/receiver.php?x=1",
                                    .fields = {{"X-Gitlab-Token", kSecret}},
                                    .body = body(R"({"event_name":"push"})")});
  EXPECT_EQ(told.at("status"), json::value(200));
  EXPECT_EQ(told.at("topic"), "gitlab.push");
  EXPECT_THAT(err_, HasSubstr("taken as /hooks/gitlab"));
}

TEST_F(Explain, TriesEveryUserAndEverySecret) {
  ExplainOptions options{.preset = "azure-devops",
                         .secret_variables = {"OTHER", "S"},
                         .users = {"someone", "ci"},
                         .fields = {{"Authorization", "Basic Y2k6aHVzaC00NzEx"}},
                         .body = body(R"({"eventType":"git.push","id":17})")};
  const json::value told = explain(options);
  EXPECT_EQ(told.at("verify"), "authentic");
  EXPECT_EQ(told.at("dedup_id"), "17");
  options.users = {"someone"};
  EXPECT_EQ(explain(options).at("verify"), "forged");
  EXPECT_EQ(explain({.source = "ado",
                     .fields = {{"Authorization", "Basic Y2k6aHVzaC00NzEx"}},
                     .body = body(R"({"eventType":"git.push"})")})
                .at("topic"),
            "azureDevOps.git.push");
}

TEST_F(Explain, SaysWhatItHasNoUseFor) {
  const json::value told = explain({.preset = "gitlab",
                                    .secret_variables = {"S"},
                                    .users = {"ci"},
                                    .public_keys = {"k"},
                                    .fields = {{"X-Gitlab-Token", kSecret}, {"Content-Length", "77"}},
                                    .public_url = "https://h/x",
                                    .certificates = {"https://h/c.pem=f"},
                                    .body = body("{}")});
  EXPECT_EQ(told.at("status"), json::value(200));
  for (const char* flag : {"--user", "--public-url", "--public-key", "--certificate"}) {
    EXPECT_THAT(err_, HasSubstr(std::string{"penstock explain: "} + flag + " is not used by this scheme\n"));
  }
  EXPECT_THAT(err_, HasSubstr("content-length says '77', and the body has 2 bytes"));
}

TEST_F(Explain, RefusesWhatItCannotJudge) {
  const auto refusal = [&](ExplainOptions options) {
    EXPECT_EQ(steps(std::move(options)), "");
    return err_;
  };
  EXPECT_EQ(refusal({.preset = "stripe", .secret_variables = {"S"}}),
            "penstock explain: --preset: preset 'stripe' is not built yet\n");
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_EQ(refusal({.preset = "githup", .secret_variables = {"S"}}),
            "penstock explain: --preset: unknown preset 'githup'; did you mean 'github'?\n");
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({.preset = "github"}), HasSubstr("--secret-env NAME"));
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({.preset = "azure-devops", .secret_variables = {"S"}}), HasSubstr("--user NAME"));
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({.source = "githup"}), HasSubstr("no source 'githup' in"));
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({}), HasSubstr("explain for which source of"));
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({.source = "github", .body = "/nowhere"}), HasSubstr("/nowhere: cannot be read"));
  EXPECT_EQ(status_, Exit::wrong_use);
  EXPECT_THAT(refusal({.preset = "github", .secret_variables = {"NOT_SET"}}),
              HasSubstr("penstock explain: --secret-env: environment variable NOT_SET is not set"));
  EXPECT_EQ(status_, Exit::bad_configuration);
  EXPECT_THAT(refusal({.common = {.config = folder_.write("bad.yaml", "lisen: x\n")}, .source = "a"}),
              HasSubstr("bad.yaml:1:1: unknown key 'lisen'"));
  EXPECT_EQ(status_, Exit::bad_configuration);
}

TEST_F(Explain, TakesTheOnlySourceOfAFile) {
  const std::string file = folder_.write("one.yaml", "sources: { open: { verify: { kind: none } } }\n");
  EXPECT_EQ(explain({.common = {.config = file}}).at("topic"), "open");
  EXPECT_EQ(status_, Exit::done);
}

TEST_F(Explain, NeverShowsASecretNorASignatureThatItComputed) {
  const std::string wanted = signature("{}").second;
  const std::string gerrit = "gerrit";
  std::string all;
  for (const std::string source : {"github", "gitlab", "ado", "gerrit", "plain", "leaky"}) {
    for (const char* value : {"", "sha256=00", kSecret}) {
      for (const bool as_json : {false, true}) {
        all += steps({.common = {.json = as_json, .verbose = true},
                      .source = source,
                      .target = "/hooks/" + source + (source == gerrit ? std::string{"/"} + value : ""),
                      .fields = {{"X-Hub-Signature-256", value}, {"X-Gitlab-Token", value}, {"Authorization", value}},
                      .body = body("{}")});
        all += err_;
      }
    }
  }
  EXPECT_THAT(all, AllOf(HasSubstr("authentic"), HasSubstr("forged"), HasSubstr("malformed"), HasSubstr("unsigned")));
  EXPECT_THAT(all, AllOf(Not(HasSubstr(kSecret)), Not(HasSubstr("second-4712")), Not(HasSubstr(wanted.substr(10)))));
}

}  // namespace
}  // namespace penstock::command
