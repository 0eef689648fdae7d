#include "admin/guard.hpp"

#include "http/percent.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace penstock::admin {

namespace {

using http::Answer;
using http::equal_without_case;
using http::RequestHead;

constexpr std::array<http::Field, 1> kWantsToken{http::Field{"www-authenticate", "Bearer realm=\"penstock admin\""}};

constexpr Answer kGoOn{.status = 0};
constexpr Answer kMisdirected{
    .status = 421,
    .body = R"({"error":"misdirected","message":"Host is no name of this listener: add it to admin.hosts"})"};
constexpr Answer kForeignOrigin{
    .status = 403,
    .body = R"({"error":"forbidden","message":"Origin is no name of this listener: add it to admin.hosts"})"};
constexpr Answer kCrossSite{
    .status = 403, .body = R"({"error":"forbidden","message":"another site's page may not call the admin API"})"};
constexpr Answer kWrongType{
    .status = 415, .body = R"({"error":"unsupported_media_type","message":"send content-type: application/json"})"};
constexpr Answer kUnauthorized{
    .status = 401,
    .body = R"({"error":"unauthorized","message":"send authorization: Bearer with admin.tokens.read; )"
            R"(to publish, or for overflow=refuse, with admin.tokens.write"})",
    .fields = kWantsToken};

constexpr std::string_view kBearer = "bearer ";

/// `name`, `name:port` or `[v6]:port`, split; nullopt when it is none of these (user info, paths, an empty name …). A
/// colon without digits gives no port (RFC 3986, 3.2.3).
struct Authority {
  std::string_view name;
  std::optional<std::uint16_t> port;
};

std::optional<Authority> split_authority(std::string_view text) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.find(':', bracket);
  Authority authority{.name = text.substr(0, colon), .port = std::nullopt};
  if (authority.name.empty() || authority.name.find_first_of("/@?#") != std::string_view::npos) return std::nullopt;
  if (colon == std::string_view::npos) return authority;
  const std::string_view digits = text.substr(colon + 1);
  if (digits.empty()) return authority;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  authority.port = port;
  return authority;
}

struct Origin {
  Authority authority;
  std::uint16_t default_port;  // Of its scheme: what a browser leaves out (RFC 6454, 6.2).
};

/// nullopt for `null` and for schemes other than http and https.
std::optional<Origin> read_origin(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::uint16_t>, 2> schemes{{{"http://", 80}, {"https://", 443}}};
  for (const auto& [scheme, port] : schemes) {
    if (text.size() < scheme.size() || !equal_without_case(text.substr(0, scheme.size()), scheme)) continue;
    const auto authority = split_authority(text.substr(scheme.size()));
    if (authority) return Origin{.authority = *authority, .default_port = port};
  }
  return std::nullopt;
}

/// Whether a stream is asked for that may make publishers wait. As the stream's own reader takes the query apart:
/// decoded, so that no spelling gets past.
bool holds_back_publishers(const RequestHead& head) {
  if (head.path != "/v1/stream") return false;
  for (std::string_view query = head.query; !query.empty();) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto decoded = http::percent_decoded(pair);
    if (decoded == "overflow=refuse") return true;
  }
  return false;
}

bool is_publish(const RequestHead& head) {
  return head.method == "POST" && head.path.starts_with("/v1/topics/") && head.path.ends_with("/events");
}

bool is_json(const RequestHead& head) {
  const std::string_view type = head.only_field("content-type").value_or("");
  std::string_view media = type.substr(0, type.find(';'));
  while (media.ends_with(' ') || media.ends_with('\t')) media.remove_suffix(1);
  return equal_without_case(media, "application/json");
}

class Guard {
 public:
  explicit Guard(GuardOptions options) : options_{std::move(options)} {
    const std::string& address = options_.listen_address;
    names_ = {"localhost", "127.0.0.1", "[::1]",
              address.find(':') == std::string::npos ? address : "[" + address + "]"};
  }

  [[nodiscard]] Answer ask(const RequestHead& head) const {
    const auto host = split_authority(head.host);
    if (!host || !known(*host)) return kMisdirected;
    if (!origin_is_ours(head, *host)) return kForeignOrigin;
    if (!site_is_ours(head)) return kCrossSite;
    // Before the body's type: a stranger shall not learn which routes there are.
    if (!authorized(head)) return kUnauthorized;
    if (head.has_body() && !is_publish(head) && !is_json(head)) return kWrongType;
    return kGoOn;
  }

 private:
  [[nodiscard]] bool known(const Authority& authority) const {
    const auto is_name = [&](const std::string& name) { return equal_without_case(name, authority.name); };
    return std::any_of(names_.begin(), names_.end(), is_name) ||
           std::any_of(options_.hosts.begin(), options_.hosts.end(), is_name) ||
           (authority.port && is_host_with_port(authority.name, *authority.port));
  }

  /// Whether `hosts` has just this name and port.
  [[nodiscard]] bool is_host_with_port(std::string_view name, std::uint16_t port) const {
    return std::any_of(options_.hosts.begin(), options_.hosts.end(), [&](const std::string& host) {
      const auto listed = split_authority(host);
      return listed && listed->port == port && equal_without_case(listed->name, name);
    });
  }

  [[nodiscard]] bool origin_is_ours(const RequestHead& head, const Authority& host) const {
    return std::all_of(head.fields.begin(), head.fields.end(), [&](const http::Field& field) {
      if (!equal_without_case(field.first, "origin")) return true;
      const auto origin = read_origin(field.second);
      if (!origin) return false;
      // Another server of this machine has another port: its pages are strangers.
      const std::uint16_t port = origin->authority.port.value_or(origin->default_port);
      if (is_host_with_port(origin->authority.name, port)) return true;
      return known({.name = origin->authority.name, .port = port}) &&
             (port == options_.listen_port || port == host.port.value_or(origin->default_port));
    });
  }

  /// W3C Fetch Metadata, 2.4: a browser sends one of four words. What is none of the two good ones may be a third, or
  /// a list that hides one.
  static bool site_is_ours(const RequestHead& head) {
    return std::all_of(head.fields.begin(), head.fields.end(), [](const http::Field& field) {
      return !equal_without_case(field.first, "sec-fetch-site") || equal_without_case(field.second, "same-origin") ||
             equal_without_case(field.second, "none");
    });
  }

  [[nodiscard]] bool authorized(const RequestHead& head) const {
    if (head.path == "/healthz" || head.path == "/readyz") return true;
    if (options_.read_token.empty() && options_.write_token.empty()) return true;
    const bool reads = (head.method == "GET" || head.method == "HEAD") && !holds_back_publishers(head);
    if (reads && options_.read_token.empty()) return true;
    const auto token = bearer_token(head);
    if (!token) return false;
    // Both are compared, whichever fits: the time taken tells nothing.
    const bool writer = options_.write_token.equals(*token);
    const bool reader = options_.read_token.equals(*token);
    return writer || (reads && reader);
  }

  static std::optional<std::string_view> bearer_token(const RequestHead& head) {
    const auto value = head.only_field("authorization");
    if (!value || value->size() <= kBearer.size()) return std::nullopt;
    if (!equal_without_case(value->substr(0, kBearer.size()), kBearer)) return std::nullopt;
    std::string_view token = value->substr(kBearer.size());
    while (token.starts_with(' ')) token.remove_prefix(1);
    return token;
  }

  GuardOptions options_;
  std::vector<std::string> names_;
};

}  // namespace

std::function<Answer(const RequestHead&)> make_guard(GuardOptions options) {
  // Shared, because std::function copies what it holds, and secrets are not copied.
  return
      [guard = std::make_shared<const Guard>(std::move(options))](const RequestHead& head) { return guard->ask(head); };
}

}  // namespace penstock::admin
