#include "running_broker.hpp"

#include "client/socket.hpp"
#include "config/load.hpp"
#include "wrong_use.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace penstock::command {
namespace {

/// The variable stands above a default as it does above a file.
config::Endpoint listener_without_file(const config::Overrides& overrides) {
  const auto above = std::find_if(overrides.values.begin(), overrides.values.end(),
                                  [](const config::Override& one) { return one.path == "admin.listen"; });
  if (above == overrides.values.end()) return config::Admin{}.listen;
  const config::Parsed<config::Endpoint> parsed = config::parse_endpoint(above->value);
  if (const auto* error = std::get_if<config::UnitError>(&parsed)) throw WrongUse{above->origin + ": " + error->text};
  return std::get<config::Endpoint>(parsed);
}

std::string admin_url(const Common& common, const config::Environment& environment, const Output& output) {
  if (!common.url.empty()) return common.url;
  if (common.config.empty()) return "http://" + listener_without_file(common.overrides).reachable().text();
  // No source is called "\0": nobody's secrets are asked for.
  const config::Loaded loaded = config::load_file(common.config, {environment, common.overrides, std::string(1, '\0')});
  if (loaded.config) return "http://" + loaded.config->admin.listen.reachable().text();
  print_problems(loaded.problems, true, output.err);
  throw BadConfiguration{};
}

std::string token_of(const Common& common, const config::Environment& environment) {
  if (common.token_env.empty()) return {};
  const std::optional<std::string> token = environment(common.token_env);
  if (!token || token->empty()) throw WrongUse{"--token-env: environment variable " + common.token_env + " is not set"};
  const bool clean =
      std::none_of(token->begin(), token->end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
  if (!clean) throw WrongUse{"--token-env: " + common.token_env + " holds blanks or control bytes: no token"};
  return *token;
}

}  // namespace

client::Url url_of(const std::string& text, std::string_view flag) {
  std::variant<client::Url, std::string> parsed = client::parse_url(text);
  if (const auto* error = std::get_if<std::string>(&parsed)) throw WrongUse{std::string{flag} + ": " + *error};
  return std::get<client::Url>(std::move(parsed));
}

Exit exit_of(std::string_view command, const Output& output, const std::function<Exit()>& work) {
  const auto tell = [&](const char* why) { output.err << "penstock " << command << ": " << why << '\n'; };
  try {
    return work();
  } catch (const BadConfiguration&) {
    return Exit::bad_configuration;
  } catch (const WrongUse& wrong) {
    tell(wrong.what());
    return Exit::wrong_use;
  } catch (const client::ClientError& error) {
    tell(error.what());
    return error.kind == client::ClientError::Kind::no_server ? Exit::no_broker : Exit::failed;
  }
}

RunningBroker find_broker(const Common& common, const config::Environment& environment, const Output& output) {
  return {url_of(admin_url(common, environment, output), "--url"), token_of(common, environment)};
}

}  // namespace penstock::command
