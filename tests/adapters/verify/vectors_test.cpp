// Requests that the senders' own libraries signed (vectors.json: octokit, shopify-api; the senders' documentation where
// there is no library), each with what must be said of it.

#include "verify/encoding.hpp"
#include "verify/verifier.hpp"
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::verify {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) { return json::value_to<std::string>(value); }

Scheme scheme_of(const json::object& vector) {
  // Senders that are no preset yet, but whose form a configuration can write down.
  static const std::map<std::string, Scheme> written_down{
      {"bearer", {.kind = Kind::bearer}},
      {"shopify", {.kind = Kind::hmac, .header = "X-Shopify-Hmac-SHA256", .encoding = Encoding::base64}},
      {"heroku", {.kind = Kind::hmac, .header = "Heroku-Webhook-Hmac-SHA256", .encoding = Encoding::base64}},
      {"gitea", {.kind = Kind::hmac, .header = "X-Gitea-Signature"}}};
  const std::string name = text_of(vector.at("preset"));
  Scheme scheme = preset(name) != nullptr ? preset(name)->scheme : written_down.at(name);
  if (vector.contains("user")) scheme.user = text_of(vector.at("user"));
  return scheme;
}

std::string_view judge(const json::object& vector) {
  std::vector<Secret> secrets;
  for (const json::value& secret : vector.at("secrets").as_array()) secrets.emplace_back(text_of(secret));
  std::vector<std::pair<std::string, std::string>> lines;
  for (const json::value& line : vector.at("headers").as_array()) {
    lines.emplace_back(text_of(line.at(0)), text_of(line.at(1)));
  }
  const std::string encoded = text_of(vector.at("body_b64"));
  std::vector<unsigned char> body(encoded.size());
  body.resize(decode_base64(encoded, body).value());

  const Verifier verifier{scheme_of(vector), std::move(secrets)};
  const std::vector<Field> fields{lines.begin(), lines.end()};
  const std::string_view bytes{reinterpret_cast<const char*>(body.data()), body.size()};
  return to_string(verifier.check({.method = "POST", .path_token = {}, .fields = fields, .body = bytes},
                                  std::chrono::system_clock::time_point{}));
}

TEST(Vectors, AreJudgedAsTheirSendersDo) {
  std::ifstream file{VECTORS};
  const json::value vectors = json::parse(std::string{std::istreambuf_iterator<char>{file}, {}});
  std::map<std::string, int> seen;
  for (const json::value& value : vectors.as_array()) {
    const json::object& vector = value.as_object();
    ++seen[text_of(vector.at("preset"))];
    EXPECT_EQ(judge(vector), text_of(vector.at("result"))) << vector.at("id") << ": " << vector.at("why");
  }
  const std::map<std::string, int> wanted{{"azure-devops", 4}, {"bearer", 2}, {"bitbucket-cloud", 2}, {"gitea", 1},
                                          {"github", 18},      {"gitlab", 4}, {"heroku", 2},          {"shopify", 4}};
  EXPECT_EQ(seen, wanted);
}

}  // namespace
}  // namespace penstock::verify
