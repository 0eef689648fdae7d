#include "config/endpoint.hpp"

#include "config/problem.hpp"
#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace penstock::config {
namespace {

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

UnitError not_an_endpoint(std::string_view text, std::string_view why) {
  return {shown(text) + ": " + std::string{why} +
          "; write an address and a port, such as 127.0.0.1:8080 or [::1]:8080"};
}

}  // namespace

std::string Endpoint::text() const {
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

bool Endpoint::is_loopback() const noexcept { return address == "::1" || address.rfind("127.", 0) == 0; }

Endpoint Endpoint::reachable() const {
  if (address == "0.0.0.0") return {"127.0.0.1", port};
  if (address == "::") return {"::1", port};
  return *this;
}

Parsed<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_endpoint(text, "the port is missing");
  const std::string_view digits = text.substr(colon + 1);
  Endpoint endpoint;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), endpoint.port);
  if (digits.empty() || error != std::errc{} || end != digits.end()) {
    return not_an_endpoint(text, "the port must be a number from 0 to 65535");
  }
  std::string host{text.substr(0, colon)};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    endpoint.address = host.substr(1, host.size() - 2);
    if (!is_address(AF_INET6, endpoint.address)) return not_an_endpoint(text, "not an IPv6 address");
    return endpoint;
  }
  if (host.find(':') != std::string::npos) return not_an_endpoint(text, "an IPv6 address stands in brackets");
  if (host.empty()) host = "0.0.0.0";
  if (host == "localhost") host = "127.0.0.1";
  if (!is_address(AF_INET, host)) return not_an_endpoint(text, "not an address");
  endpoint.address = host;
  return endpoint;
}

}  // namespace penstock::config
