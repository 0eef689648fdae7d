#include "verify/reason.hpp"

#include <gmock/gmock.h>

namespace penstock::verify {
namespace {

using testing::HasSubstr;

std::string reason_of(const Scheme& scheme, const std::vector<Field>& fields, Result result) {
  return reason(scheme, {.method = "POST", .path_token = {}, .fields = fields, .body = "{}"}, result);
}

TEST(Reason, NamesTheFieldAndWhatIsWrongWithIt) {
  const Scheme hmac{.kind = Kind::hmac, .header = "X-Sig", .item = "v1={sig}", .encoding = Encoding::base64};
  const Scheme token{.kind = Kind::token, .header = "X-Token"};
  EXPECT_EQ(reason_of(hmac, {}, Result::unsigned_), "X-Sig is missing");
  EXPECT_EQ(reason_of(hmac, {{"x-sig", ""}}, Result::malformed), "X-Sig is empty");
  EXPECT_EQ(reason_of(hmac, {{"x-sig", "a"}, {"X-SIG", "b"}, {"X-Sig", "c"}}, Result::malformed),
            "X-Sig stands 3 times, and must stand once");
  EXPECT_EQ(reason_of(hmac, {{"X-Sig", "a"}}, Result::malformed),
            "X-Sig is not written as v1={sig}, with 44 characters of base64 for {sig}");
  EXPECT_THAT(reason_of({.kind = Kind::hmac, .header = "X"}, {{"X", "a"}}, Result::malformed),
              HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(reason_of(hmac, {}, Result::forged), HasSubstr("X-Sig fits the body under no secret"));
  EXPECT_EQ(reason_of(token, {}, Result::forged), "X-Token is no secret of this source");
  EXPECT_EQ(reason_of({.kind = Kind::basic}, {}, Result::unsigned_), "Authorization is missing");
  EXPECT_THAT(reason_of({.kind = Kind::basic}, {{"Authorization", "x"}}, Result::malformed), HasSubstr("'Basic'"));
  EXPECT_THAT(reason_of({.kind = Kind::bearer}, {{"Authorization", "x"}}, Result::malformed), HasSubstr("'Bearer'"));
  EXPECT_EQ(reason_of({.kind = Kind::path_token}, {}, Result::unsigned_), "the path ends without a token");
}

TEST(Reason, NamesAFunction) {
  const Scheme own{.kind = Kind::function, .name = "acme"};
  for (const Result result : {Result::authentic, Result::forged, Result::unsigned_, Result::malformed}) {
    EXPECT_EQ(reason_of(own, {}, result), "acme says so");
  }
}

TEST(Reason, ShowsNothingThatWasSent) {
  const std::vector<Field> fields{{"X-Sig", "v1=hush"}, {"X-Token", "hush"}, {"Authorization", "Bearer hush"}};
  const Request request{.method = "POST", .path_token = "hush", .fields = fields, .body = "hush"};
  for (const Kind kind : {Kind::hmac, Kind::token, Kind::basic, Kind::bearer, Kind::path_token, Kind::none}) {
    const Scheme scheme{.kind = kind, .header = kind == Kind::token ? "X-Token" : "X-Sig"};
    for (const Result result : {Result::authentic, Result::forged, Result::unsigned_, Result::stale, Result::malformed,
                                Result::unavailable}) {
      const std::string text = reason(scheme, request, result);
      EXPECT_NE(text, "");
      EXPECT_EQ(text.find("hush"), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace penstock::verify
