#include "client/url.hpp"

#include <algorithm>
#include <charconv>

namespace penstock::client {
namespace {

/// Host and port of `authority`; false when they are none.
bool split(std::string_view authority, Url& url) {
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else {
    const std::size_t colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (url.host.empty()) return false;
  if (port.empty()) return true;
  const auto [end, error] = std::from_chars(port.begin() + 1, port.end(), url.port);
  return port.front() == ':' && error == std::errc{} && end == port.end();
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

std::variant<Url, std::string> parse_url(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  constexpr std::string_view tls_scheme = "https://";
  if (text.substr(0, tls_scheme.size()) == tls_scheme) return "https is not built yet; write http://HOST:PORT/PATH";
  if (text.substr(0, scheme.size()) != scheme) return "not a URL; write http://HOST:PORT/PATH";
  const auto bad = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '#'; };
  if (std::any_of(text.begin(), text.end(), bad)) return "blanks, control bytes and # cannot stand in the URL";
  text.remove_prefix(scheme.size());
  const std::size_t slash = text.find_first_of("/?");
  const std::string_view authority = text.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) return "a user or password cannot stand in the URL";
  Url url;
  if (!split(authority, url)) return "the URL names no host, or a port that is none";
  if (slash != std::string_view::npos) url.target = text.substr(slash);
  if (url.target.front() == '?') url.target.insert(0, 1, '/');
  return url;
}

std::string query_value(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~"}.find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
    }
  }
  return encoded;
}

}  // namespace penstock::client
