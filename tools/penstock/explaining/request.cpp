#include "explaining/request.hpp"

#include "config/problem.hpp"
#include "http/request.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace penstock::explaining {
namespace {

constexpr std::string_view kHooks = "/hooks/";

bool has(const std::vector<command::FieldLine>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const command::FieldLine& field) { return http::equal_without_case(field.first, name); });
}

bool is_chunked(const std::vector<command::FieldLine>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const command::FieldLine& field) {
    return http::equal_without_case(field.first, "transfer-encoding") &&
           http::equal_without_case(field.second, "chunked");
  });
}

std::string one_chunk(std::string_view body) {
  if (body.empty()) return "0\r\n\r\n";
  std::array<char, 16> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size(), 16).ptr;
  return std::string{digits.data(), end} + "\r\n" + std::string{body} + "\r\n0\r\n\r\n";
}

/// A number that is not the body's; what is no number is the ingress's to refuse.
void correct_length(GivenRequest& request) {
  const std::string length = std::to_string(request.body.size());
  for (auto& [name, value] : request.fields) {
    const bool number =
        !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!http::equal_without_case(name, "content-length") || !number || value == length) continue;
    request.notes.push_back("content-length says " + config::shown(value) + ", and the body has " + length +
                            " bytes: taken as that");
    value = length;
  }
}

/// What stands behind scheme and authority of an absolute-form (RFC 9112, 3.2.2).
std::string_view path_of(std::string_view target) noexcept {
  const std::size_t authority = target.find("://");
  if (target.starts_with('/') || authority == std::string_view::npos) return target;
  const std::size_t path = target.find('/', authority + 3);
  return path == std::string_view::npos ? std::string_view{} : target.substr(path);
}

}  // namespace

std::string_view source_in(std::string_view target) noexcept {
  target = path_of(target);
  if (!target.starts_with(kHooks)) return {};
  target.remove_prefix(kHooks.size());
  return target.substr(0, target.find_first_of("/?#"));
}

GivenRequest given_request(const command::ExplainOptions& options, std::string_view source, std::string body) {
  const std::string path = std::string{kHooks} + std::string{source};
  GivenRequest request{.method = options.method,
                       .target = options.target.empty() ? path : options.target,
                       .fields = options.fields,
                       .body = std::move(body)};
  const std::string_view path_and_query = path_of(request.target);
  const std::string_view sent = path_and_query.substr(0, path_and_query.find('?'));
  if (sent.size() > path.size() && sent.starts_with(path) && sent[path.size()] == '/') {
    request.path_token = sent.substr(path.size() + 1);
  }
  correct_length(request);
  return request;
}

std::string GivenRequest::wire() const {
  std::string text = method + ' ' + target + " HTTP/1.1\r\n";
  if (!has(fields, "host")) text += "Host: localhost\r\n";
  for (const auto& [name, value] : fields) {
    text += name;
    text += ": ";
    text += value;
    text += "\r\n";
  }
  const bool framed = has(fields, "content-length") || has(fields, "transfer-encoding");
  if (!framed) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + (is_chunked(fields) ? one_chunk(body) : body);
}

}  // namespace penstock::explaining
