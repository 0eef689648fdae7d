// A check that an embedding program writes: Verifier::from_function().

#include "verify/scheme_rules.hpp"
#include "verify/shown_secret.hpp"
#include "verify/verifier.hpp"
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace penstock::verify {
namespace {

using std::chrono::system_clock;

CheckFunction always(Result result) {
  return [result](const Request&, system_clock::time_point) { return result; };
}

Result check(const Verifier& verifier, std::string_view body = "body", system_clock::time_point now = {}) {
  return verifier.check({.method = "POST", .path_token = {}, .fields = {}, .body = body}, now);
}

std::string refusal(const std::string& name, CheckFunction function, FunctionOptions options = {}) {
  try {
    const Verifier made = Verifier::from_function(name, std::move(function), std::move(options));
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(FunctionCheck, DecidesFromTheRequestAndTheTime) {
  const system_clock::time_point now{std::chrono::seconds{1'700'000'000}};
  const Verifier verifier = Verifier::from_function("acme", [now](const Request& request, system_clock::time_point t) {
    if (t != now) return Result::stale;
    return request.body == "good" && request.method == "POST" ? Result::authentic : Result::forged;
  });
  EXPECT_EQ(check(verifier, "good", now), Result::authentic);
  EXPECT_EQ(check(verifier, "bad", now), Result::forged);
  EXPECT_EQ(check(verifier, "good"), Result::stale);
}

TEST(FunctionCheck, GivesEachOfTheSixResults) {
  for (const Result result :
       {Result::authentic, Result::forged, Result::unsigned_, Result::stale, Result::malformed, Result::unavailable}) {
    EXPECT_EQ(check(Verifier::from_function("acme", always(result))), result) << to_string(result);
  }
}

TEST(FunctionCheck, IsUnavailableAndNeverAuthenticWhenItThrowsOrAnswersNonsense) {
  EXPECT_EQ(
      check(Verifier::from_function(
          "acme", [](const Request&, system_clock::time_point) -> Result { throw std::runtime_error("no database"); })),
      Result::unavailable);
  EXPECT_EQ(check(Verifier::from_function("acme", [](const Request&, system_clock::time_point) -> Result { throw 1; })),
            Result::unavailable);
  EXPECT_EQ(check(Verifier::from_function("acme", always(static_cast<Result>(200)))), Result::unavailable);
}

TEST(FunctionCheck, MayRunOnManyThreadsAtOnce) {
  std::atomic<int> calls = 0;
  const Verifier verifier = Verifier::from_function("acme", [&calls](const Request&, system_clock::time_point) {
    ++calls;
    return Result::authentic;
  });
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> authentic = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) authentic += check(verifier) == Result::authentic ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, 400);
  EXPECT_EQ(authentic, 400);
}

TEST(FunctionCheck, IsNamedAndCannotBeWrittenInAConfiguration) {
  const Verifier verifier = Verifier::from_function("acme-v2", always(Result::authentic));
  EXPECT_EQ(verifier.scheme().kind, Kind::function);
  EXPECT_EQ(verifier.scheme().name, "acme-v2");
  EXPECT_EQ(to_string(Kind::function), "function");
  EXPECT_EQ(kind_named("function"), std::nullopt);
  EXPECT_THROW((Verifier{{.kind = Kind::function, .name = "acme"}, {}}), std::invalid_argument);
}

TEST(FunctionCheck, ProvesNothing) {
  const Verifier verifier = Verifier::from_function("acme", always(Result::authentic));
  EXPECT_THROW(static_cast<void>(verifier.prove("body")), std::logic_error);
}

TEST(FunctionCheck, CannotBeMadeFromWhatCannotWork) {
  EXPECT_EQ(refusal("acme", {}), "verify function: acme is empty: nothing would decide");
  EXPECT_EQ(refusal("a\nb", always(Result::authentic)),
            "verify function: 'a\nb' cannot be its name: use letters, digits and - . _");
  EXPECT_EQ(refusal("", always(Result::authentic)),
            "verify function: '' cannot be its name: use letters, digits and - . _");
  EXPECT_EQ(refusal("acme", always(Result::authentic), {.secret_fields = {"x token"}}),
            "verify function: 'x token' cannot be the name of a header");
  const std::vector<std::string> most(kSecretFieldsMax, "x-token");
  EXPECT_EQ(refusal("acme", always(Result::authentic), {.secret_fields = most}), "");
  std::vector<std::string> more = most;
  more.emplace_back("x-one-more");
  EXPECT_EQ(refusal("acme", always(Result::authentic), {.secret_fields = more}),
            "verify function: acme declares more than 8 secret fields");
}

TEST(FunctionCheck, SaysWhetherItReadsThePath) {
  EXPECT_FALSE(Verifier::from_function("acme", always(Result::authentic)).reads_path());
  EXPECT_TRUE(Verifier::from_function("acme", always(Result::authentic), {.path_token = true}).reads_path());
  EXPECT_FALSE((Verifier{{.kind = Kind::none}, {}}.reads_path()));
}

TEST(DeclaredSecretFields, AreKeptOutOfMetadata) {
  const Verifier verifier = Verifier::from_function("acme", always(Result::authentic), {.secret_fields = {"X-Acme"}});
  for (const char* name : {"x-acme", "X-ACME", "authorization", "cookie"}) {
    EXPECT_TRUE(verifier.is_secret_field(name)) << name;
  }
  EXPECT_FALSE(verifier.is_secret_field("x-acme-event"));
}

TEST(DeclaredSecretFields, AreFoundWhereTheyAreCopied) {
  const Verifier verifier = Verifier::from_function("acme", always(Result::authentic),
                                                    {.secret_fields = {"x-acme", "Authorization"}, .path_token = true});
  const std::vector<Field> fields{{"X-Acme", "hush"}, {"authorization", "Acme  t0ken"}, {"x-other", "open"}};
  const Request request{.method = "POST", .path_token = "inpath", .fields = fields, .body = "body"};
  const ShownSecret shown{verifier.scheme(), request};
  for (const char* value : {"hush", "is hush hush", "Acme  t0ken", "bearer t0ken", "/hooks/acme/inpath"}) {
    EXPECT_TRUE(shown.is_within(value)) << value;
  }
  for (const char* value : {"", "open", "Acme", "hus", "HUSH"}) EXPECT_FALSE(shown.is_within(value)) << value;
}

TEST(DeclaredSecretFields, ShownMoreOftenThanCanBeLookedForHideEverything) {
  const Verifier verifier = Verifier::from_function("acme", always(Result::authentic), {.secret_fields = {"x-acme"}});
  std::vector<Field> fields(kSecretFieldsMax, Field{"x-acme", "hush"});
  const auto within = [&](std::string_view value) {
    return ShownSecret{verifier.scheme(), {.method = "POST", .path_token = {}, .fields = fields, .body = {}}}.is_within(
        value);
  };
  EXPECT_FALSE(within("open"));
  fields.emplace_back("x-acme", "the ninth");
  EXPECT_TRUE(within("open"));
}

TEST(DeclaredSecretFields, HideNothingWhereTheyAreEmpty) {
  const Verifier verifier = Verifier::from_function("acme", always(Result::authentic), {.secret_fields = {"x-acme"}});
  const std::vector<Field> fields{{"x-acme", ""}};
  const Request request{.method = "POST", .path_token = {}, .fields = fields, .body = {}};
  EXPECT_FALSE((ShownSecret{verifier.scheme(), request}.is_within("open")));
}

}  // namespace
}  // namespace penstock::verify
