#include "http/target.hpp"

#include "http/grammar.hpp"
#include "http/request.hpp"
#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace penstock::http {

namespace {

bool is_port(std::string_view text) noexcept {
  if (text.size() > 5 || !std::all_of(text.begin(), text.end(), grammar::is_digit)) return false;
  int port = 0;
  for (const char c : text) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool is_v6_literal(std::string_view text) noexcept {
  // Zone ids and versions to come (RFC 3986 3.2.2, RFC 6874) are nobody's webhook address: only what is read is taken.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  std::copy(text.begin(), text.end(), terminated.begin());
  in6_addr address{};
  return ::inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

bool is_host_name(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), grammar::is_host_byte) &&
         grammar::has_only_good_escapes(text);
}

void split_query(std::string_view text, Target& target) noexcept {
  const std::size_t mark = text.find('?');
  target.path = text.substr(0, mark);
  if (mark != std::string_view::npos) target.query = text.substr(mark + 1);
}

bool read_absolute(std::string_view rest, Target& target) noexcept {
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  target.host = rest.substr(0, end);
  if (!is_authority(target.host)) return false;
  split_query(rest.substr(end), target);
  if (target.path.empty()) target.path = "/";
  return true;
}

}  // namespace

bool is_authority(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_v6_literal(text.substr(1, end - 1))) return false;
    const std::string_view rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  return is_host_name(text.substr(0, colon));
}

bool read_target(std::string_view method, std::string_view text, Target& target) noexcept {
  target = {};
  if (text.empty() || !std::all_of(text.begin(), text.end(), grammar::is_target_byte) ||
      !grammar::has_only_good_escapes(text)) {
    return false;
  }
  if (method == "CONNECT") {
    target.path = target.host = text;
    return is_authority(text) && text.find(':') != std::string_view::npos && grammar::is_digit(text.back());
  }
  if (text.front() == '/') {
    split_query(text, target);
    return true;
  }
  if (text == "*") {
    target.path = text;
    return method == "OPTIONS";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equal_without_case(text.substr(0, scheme.size()), scheme))
      return read_absolute(text.substr(scheme.size()), target);
  }
  return false;
}

}  // namespace penstock::http
