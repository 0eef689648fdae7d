// What becomes of a good proof when OpenSSL cannot allocate.

#include "adapters/verify/openssl_memory.hpp"
#include "verify/verifier.hpp"
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace penstock::verify {
namespace {

std::vector<Secret> key() {
  std::vector<Secret> secrets;
  secrets.emplace_back(std::string{"key"});
  return secrets;
}

TEST(ExhaustedOpenssl, NeverMakesAGoodProofAForgery) {
  ASSERT_TRUE(openssl_memory_is_ours());
  for (const Scheme& scheme : std::vector<Scheme>{{.kind = Kind::hmac, .header = "X-Sig"},
                                                  {.kind = Kind::token, .header = "X-Token"},
                                                  {.kind = Kind::basic, .user = "hook"},
                                                  {.kind = Kind::bearer},
                                                  {.kind = Kind::path_token}}) {
    const Verifier verifier{scheme, key()};
    const Verifier::Proof proof = verifier.prove("body");
    const std::vector<Field> fields{proof.fields.begin(), proof.fields.end()};
    const auto check = [&] {
      return verifier.check({.method = "POST", .path_token = proof.path_token, .fields = fields, .body = "body"},
                            std::chrono::system_clock::time_point{});
    };
    EXPECT_EQ(check(), Result::authentic) << to_string(scheme.kind);
    {
      const NoOpensslMemory none;
      EXPECT_EQ(check(), Result::unavailable) << to_string(scheme.kind);
    }
    EXPECT_EQ(check(), Result::authentic) << "and then goes on: " << to_string(scheme.kind);
  }
}

TEST(ExhaustedOpenssl, StillTellsARequestWithoutAProof) {
  const Verifier verifier{{.kind = Kind::token, .header = "X-Token"}, key()};
  const NoOpensslMemory none;
  EXPECT_EQ(verifier.check({.method = "POST", .path_token = {}, .fields = {}, .body = {}}, {}), Result::unsigned_);
}

TEST(ExhaustedOpenssl, MakesNoVerifierThatWouldTakeNothing) {
  std::vector<Secret> secrets = key();  // OpenSSL sets itself up at its first use, which must not fail.
  {
    const NoOpensslMemory none;
    secrets = key();
  }
  EXPECT_FALSE(secrets.at(0).usable());
  EXPECT_THROW((Verifier{{.kind = Kind::path_token}, std::move(secrets)}), std::runtime_error);
}

TEST(Result, HasAWordForEach) { EXPECT_EQ(to_string(Result::unavailable), "unavailable"); }

}  // namespace
}  // namespace penstock::verify
