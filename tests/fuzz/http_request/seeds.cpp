#include "fuzz/http_request/seeds.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace penstock::http::fuzz {

namespace {

namespace json = boost::json;

constexpr std::size_t kSeedBytesMax = 20'000;

/// The file holds one code point for each byte.
std::string latin1(std::string_view utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      bytes += utf8[i];
    } else {
      const auto next = static_cast<unsigned char>(utf8.at(++i));
      bytes += static_cast<char>((byte & 3U) << 6U | (next & 0x3fU));
    }
  }
  return bytes;
}

std::string expanded(std::string text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{
      std::pair{"{path}", "/hooks/a"}, {"{host}", "127.0.0.1:8080"}, {"{id}", "00000001"}, {"{over}", "1048577"}};
  for (const auto& [name, value] : names) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

std::string text_of(const json::value& value) { return expanded(latin1(std::string_view(value.as_string()))); }

/// Empty for parts that only wait.
std::string bytes_of(const json::value& part) {
  if (part.is_string()) return text_of(part);
  const json::object& object = part.as_object();
  if (const auto* drip = object.if_contains("drip")) return text_of(*drip);
  if (const auto* chunk = object.if_contains("as_chunk")) {
    const std::string text = text_of(*chunk);
    constexpr std::string_view digits = "0123456789abcdef";
    return std::string{digits[text.size() / 16 % 16], digits[text.size() % 16]} + "\r\n" + text + "\r\n";
  }
  if (const auto* with_length = object.if_contains("with_length")) {
    const std::string text = text_of(*with_length);
    return "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  }
  if (const auto* repeat = object.if_contains("repeat")) {
    const std::string one = text_of(*repeat);
    const json::value& times = object.at("times");
    std::string all;
    const std::int64_t most = times.is_int64() ? times.as_int64() : 1'048'577;
    for (std::int64_t i = 0; i < most && all.size() < kSeedBytesMax; ++i) all += one;
    return all;
  }
  return {};
}

std::vector<std::string> of_cases(const std::string& case_file) {
  std::ifstream file{case_file, std::ios::binary};
  if (!file) throw std::runtime_error("cannot read " + case_file);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> found;
  const json::value parsed = json::parse(text);
  for (const json::value& one : parsed.as_object().at("cases").as_array()) {
    std::string bytes;
    for (const json::value& part : one.as_object().at("send").as_array()) bytes += bytes_of(part);
    if (!bytes.empty()) found.push_back(bytes.substr(0, kSeedBytesMax));
  }
  return found;
}

std::string post(const std::string& fields_and_body) {
  return "POST /hooks/a HTTP/1.1\r\nHost: a\r\n" + fields_and_body;
}

}  // namespace

std::vector<std::string> seeds(const std::string& case_file) {
  std::vector<std::string> all = of_cases(case_file);
  const std::string long_field = "X: " + std::string(15'900, 'b') + "\r\n";
  const std::vector<std::string> own{
      post("Content-Length: 3\r\n\r\nabc") + post("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") +
          post("\r\n"),
      post("Transfer-Encoding: Chunked\r\nTrailer: X\r\n\r\n3 ; a=b;c=\"d\\\"e\"\r\nabc\r\n000\r\nX: 1\r\nY:\t2 "
           "\r\n\r\n"),
      post("Connection: keep-alive, close,\r\nExpect: 100-Continue\r\nContent-Length: 0003\r\n\r\nabc"),
      "\r\n\r\nOPTIONS * HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nCONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
      "GET HTTP://u.example:80?x=%41%zz HTTP/1.3\r\nHost: [::1]:8080\r\nX-A: caf\xc3\xa9\t!\r\n\r\n",
      post(long_field + "Content-Length: 1\r\n\r\na"),
      post(long_field + "X: " + std::string(600, 'c') + "\r\n\r\n"),
      "POST /" + std::string(8'180, 'q') + " HTTP/1.1\r\nHost: a\r\n\r\n",
      post("Transfer-Encoding: chunked\r\n\r\n1;" + std::string(500, 'e') +
           "\r\na\r\n0\r\nX: " + std::string(4'080, 't') + "\r\n\r\n"),
  };
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace penstock::http::fuzz
