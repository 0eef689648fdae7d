#include "verify/shown_secret.hpp"

#include "verify/encoding.hpp"
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace penstock::verify {
namespace {

struct Shows {
  Scheme scheme;
  std::vector<Field> fields = {};
  std::string_view path_token = {};

  [[nodiscard]] bool within(std::string_view value) const {
    const ShownSecret shown{scheme, {.method = "POST", .path_token = path_token, .fields = fields, .body = "body"}};
    EXPECT_FALSE(shown.empty() && shown.is_within(value)) << "whoever asks empty() first would not have looked";
    return shown.is_within(value);
  }
};

std::string base64(std::string_view text) {
  return encode_base64({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

TEST(ShownSecret, IsEmptyWhereASignatureOpensNothing) {
  const std::vector<Field> fields{{"X-Signature", "sha256=00"}, {"Authorization", "Bearer hush"}};
  const Request request{.method = "POST", .path_token = "t0ken", .fields = fields, .body = {}};
  EXPECT_TRUE((ShownSecret{{.kind = Kind::hmac, .header = "X-Signature"}, request}.empty()));
  EXPECT_TRUE((ShownSecret{{.kind = Kind::none}, request}.empty()));
  EXPECT_FALSE((ShownSecret{{.kind = Kind::bearer}, request}.empty()));
  EXPECT_FALSE((ShownSecret{{.kind = Kind::path_token}, request}.empty()));
}

TEST(ShownSecret, IsFoundWhereProxiesCopyAPathTokenTo) {
  const Shows shows{.scheme = {.kind = Kind::path_token}, .path_token = "t0ken"};
  for (const char* value : {"/hooks/gerrit/t0ken", "https://door.example/hooks/gerrit/t0ken?x=1", "t0ken", "xt0kenx"}) {
    EXPECT_TRUE(shows.within(value)) << value;
  }
  for (const char* value : {"", "t0ke", "/hooks/gerrit/", "T0KEN"}) EXPECT_FALSE(shows.within(value)) << value;
}

TEST(ShownSecret, IsTheTokenOfAHeaderOrABearer) {
  const Shows token{.scheme = {.kind = Kind::token, .header = "X-Token"}, .fields = {{"x-token", "hush"}}};
  EXPECT_TRUE(token.within("copy of hush"));
  EXPECT_FALSE(token.within("x-token"));
  const Shows bearer{.scheme = {.kind = Kind::bearer}, .fields = {{"Authorization", "bearer  hush"}}};
  EXPECT_TRUE(bearer.within("Bearer hush"));
  EXPECT_FALSE(bearer.within("bearer"));
}

TEST(ShownSecret, IsThePasswordAndTheCredentialsOfBasic) {
  const std::string credentials = base64("hook:pass:w");
  ASSERT_TRUE(credentials.ends_with("="));
  const std::string value = "Basic " + credentials;
  const Shows shows{.scheme = {.kind = Kind::basic, .user = "hook"}, .fields = {{"authorization", value}}};
  EXPECT_TRUE(shows.within("basic " + credentials));
  EXPECT_TRUE(shows.within(credentials.substr(0, credentials.find('='))));
  EXPECT_TRUE(shows.within("https://hook:pass:w@door.example/"));
  EXPECT_FALSE(shows.within("hook"));
  EXPECT_FALSE(shows.within("pass"));
}

TEST(ShownSecret, IsNothingWhereNoneIsShown) {
  const std::string value = "Basic " + base64("no colon");
  const std::vector<Shows> all{
      {.scheme = {.kind = Kind::none}, .fields = {{"authorization", "hush"}}, .path_token = "hush"},
      {.scheme = {.kind = Kind::hmac, .header = "X-Sig"}, .fields = {{"x-sig", "hush"}}, .path_token = "hush"},
      {.scheme = {.kind = Kind::path_token}},
      {.scheme = {.kind = Kind::token, .header = "X-Token"}},
      {.scheme = {.kind = Kind::token, .header = "X-Token"}, .fields = {{"x-token", ""}}},
      {.scheme = {.kind = Kind::bearer}, .fields = {{"authorization", "hush"}}},
      {.scheme = {.kind = Kind::basic}, .fields = {{"authorization", "Basic !!!!"}}}};
  for (const Shows& shows : all) {
    for (const char* text : {"hush", "", "!!!!", "x"}) {
      EXPECT_FALSE(shows.within(text)) << to_string(shows.scheme.kind) << " " << text;
    }
  }
  const Shows odd{.scheme = {.kind = Kind::basic}, .fields = {{"authorization", value}}};
  EXPECT_TRUE(odd.within(value));
  EXPECT_FALSE(odd.within("no colon"));
}

}  // namespace
}  // namespace penstock::verify
