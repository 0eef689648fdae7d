#include "verify/reason.hpp"

#include "verify/scheme_rules.hpp"

#include <algorithm>

namespace penstock::verify {
namespace {

constexpr std::string_view kAuthorization = "Authorization";

/// Where the proof stands.
std::string_view field_of(const Scheme& scheme) {
  return scheme.kind == Kind::basic || scheme.kind == Kind::bearer ? kAuthorization : std::string_view{scheme.header};
}

std::string authentic(const Scheme& scheme) {
  switch (scheme.kind) {
    case Kind::hmac: return scheme.header + " fits the body under a secret of this source";
    case Kind::token: return scheme.header + " is a secret of this source";
    case Kind::basic: return "Authorization holds the user and a secret of this source";
    case Kind::bearer: return "Authorization holds a secret of this source";
    case Kind::path_token: return "the path ends in the token of this source";
    case Kind::none: return "kind none: whoever sends is believed";
    case Kind::function: break;
  }
  return scheme.name + " says so";
}

std::string forged(const Scheme& scheme) {
  switch (scheme.kind) {
    case Kind::hmac:
      return scheme.header + " fits the body under no secret of this source: another secret signed it, or another body";
    case Kind::token: return scheme.header + " is no secret of this source";
    case Kind::basic: return "Authorization holds another user, or no secret of this source";
    case Kind::bearer: return "Authorization holds no secret of this source";
    case Kind::path_token: return "the path ends in another token than this source's";
    case Kind::none:
    case Kind::function: break;
  }
  return scheme.name + " says so";
}

std::string wanted_form(const Scheme& scheme) {
  switch (scheme.kind) {
    case Kind::hmac:
      return " is not written as " + scheme.item + ", with " +
             (scheme.encoding == Encoding::hex ? "64 hexadecimal digits" : "44 characters of base64") + " for {sig}";
    case Kind::basic: return " is not 'Basic' and the base64 of USER:PASSWORD";
    case Kind::bearer: return " is not 'Bearer' and a token";
    default: return " is not written as this kind wants it";
  }
}

std::string malformed(const Scheme& scheme, const Request& request) {
  if (scheme.kind == Kind::function) return scheme.name + " says so";
  const std::string name{field_of(scheme)};
  const auto is_it = [&](const Field& field) { return equal_without_case(field.first, name); };
  const auto count = std::count_if(request.fields.begin(), request.fields.end(), is_it);
  if (count > 1) return name + " stands " + std::to_string(count) + " times, and must stand once";
  const auto found = std::find_if(request.fields.begin(), request.fields.end(), is_it);
  if (found != request.fields.end() && found->second.empty()) return name + " is empty";
  return name + wanted_form(scheme);
}

}  // namespace

std::string reason(const Scheme& scheme, const Request& request, Result result) {
  switch (result) {
    case Result::authentic: return authentic(scheme);
    case Result::forged: return forged(scheme);
    case Result::unsigned_:
      if (scheme.kind == Kind::function) return scheme.name + " says so";
      if (scheme.kind == Kind::path_token) return "the path ends without a token";
      return std::string{field_of(scheme)} + " is missing";
    case Result::stale: return "the time that was signed is too far from now";
    case Result::malformed: return malformed(scheme, request);
    case Result::unavailable: break;
  }
  return "it could not be checked: out of memory";
}

}  // namespace penstock::verify
