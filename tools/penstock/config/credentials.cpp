#include "config/credentials.hpp"

#include <stdexcept>

namespace penstock::config {
namespace {

constexpr std::string_view kSecrets = "secrets";
constexpr std::string_view kPathToken = "path_token";

/// What the key of the wrong scheme, or a missing one, should have been. Empty: all is well.
std::string misplaced(const SectionReader& reader, verify::Kind kind) {
  const bool path_token = kind == verify::Kind::path_token;
  if (kind == verify::Kind::none) {
    return reader.find(kPathToken) == nullptr ? ""
                                              : "'path_token' checks nothing under kind none; choose kind path-token";
  }
  if (!path_token && reader.find(kPathToken) != nullptr) {
    return "'path_token' is for kind path-token; write 'secrets' for " + std::string{verify::to_string(kind)};
  }
  if (path_token && reader.find(kSecrets) != nullptr) return "'secrets' is not for kind path-token; write 'path_token'";
  if (path_token && reader.find(kPathToken) == nullptr) {
    return R"(a source without a secret takes anything; add path_token: "${env:NAME}")";
  }
  if (!path_token && reader.find(kSecrets) == nullptr) {
    return R"(a source without a secret takes anything; add secrets: [ "${env:NAME}" ])";
  }
  return {};
}

/// nullopt: one of them is no secret, and a problem was noted.
std::optional<std::vector<verify::Secret>> read_secrets(const SectionReader& reader, std::string_view key) {
  std::vector<verify::Secret> secrets;
  const YamlNode* node = reader.find(key);
  if (node == nullptr) return secrets;
  bool good = true;
  const auto add = [&](const YamlNode& item) {
    std::optional<verify::Secret> secret = read_secret(reader.context(), item, reader.path(key));
    good = good && secret;
    if (secret) secrets.push_back(std::move(*secret));
  };
  if (node->kind == YamlNode::Kind::list) {
    for (const YamlNode& item : node->items) add(item);
  } else {
    add(*node);
  }
  if (!good) return std::nullopt;
  return secrets;
}

/// False: it was noted that basic authentication lacks its user.
bool read_user(const SectionReader& reader, Source& source) {
  constexpr std::string_view user = "user";
  const YamlNode* node = reader.find(user);
  const YamlNode* verify_node = reader.find("verify");
  const bool in_verify = verify_node != nullptr && verify_node->find(user) != nullptr;
  if (source.scheme.kind != verify::Kind::basic) {
    if (node == nullptr) return true;
    reader.error(*node, user,
                 "has no meaning for kind " + std::string{verify::to_string(source.scheme.kind)} + "; take it away");
    return false;
  }
  if (node == nullptr && !in_verify) {
    reader.error(reader.node(), "", "basic authentication needs its user; add user: NAME, or user: \"\" for none");
    return false;
  }
  if (node == nullptr) return true;
  std::optional<Value> value = reader.text(user);
  if (value && value->known) source.scheme.user = std::move(value->text);
  return value.has_value();
}

}  // namespace

void read_credentials(const SectionReader& reader, CredentialsOptions options, Source& source) {
  const bool has_user = read_user(reader, source);
  const bool path_token = source.scheme.kind == verify::Kind::path_token;
  if (const std::string text = misplaced(reader, source.scheme.kind); !text.empty()) {
    reader.error(reader.node(), "", text);
    return;
  }
  std::string_view key = path_token ? kPathToken : kSecrets;
  std::optional<std::vector<verify::Secret>> secrets = read_secrets(reader, key);
  if (!secrets || !has_user) return;
  const YamlNode* node = reader.find(key);
  source.secrets = secrets->size();
  try {
    auto verifier = std::make_shared<const verify::Verifier>(source.scheme, std::move(*secrets));
    if (options.has_environment) source.verifier = std::move(verifier);
  } catch (const std::invalid_argument& error) {  // Names what is wrong with a scheme or a secret, never a secret.
    const YamlNode* verify_node = reader.find("verify");
    const YamlNode* at = verify_node != nullptr ? verify_node : node;
    const std::string text = options.scheme_replaced
                                 ? "what ${…} gave for 'verify' or for the secrets cannot be used together"
                                 : error.what();
    report(reader.context(), at != nullptr ? *at : reader.node(), reader.path(""), text);
  }
}

}  // namespace penstock::config
