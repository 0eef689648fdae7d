#include "option_variables.hpp"

#include "config/problem.hpp"
#include "wrong_use.hpp"
#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <CLI/Option.hpp>

#include <optional>
#include <set>

namespace penstock::command {
namespace {

/// Of an option, without dashes: the long name where there is one.
std::string name_of(const CLI::Option& option) {
  return option.get_lnames().empty() ? option.get_snames().front() : option.get_lnames().front();
}

/// Empty: it has none. Lists have none, nor what only asks for an answer; serve's keys have those of the file.
std::string variable_of(const CLI::App& command, const CLI::Option& option) {
  if (option.get_lnames().empty() && option.get_snames().empty()) return {};
  const std::string name = name_of(option);
  const bool list = option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
  if (list || option.get_group() == kFileKeys || name == "help" || name == "version") return {};
  std::string path = name;
  for (const CLI::App* at = &command; at->get_parent() != nullptr; at = at->get_parent()) {
    path.insert(0, at->get_name() + '-');
  }
  return config::variable_name(path);
}

/// Who says on the command line what to look at has said it, whatever the variables say.
bool is_ruled_out(const CLI::App& command, const CLI::Option& option, bool config_given) {
  const std::string name = name_of(option);
  if (command.get_name() == "serve" && name == "source") return config_given;
  if (command.get_name() != "explain") return false;
  if (name == "preset") return config_given || command.count("--source") > 0;
  return name == "source" && command.count("--preset") > 0;
}

void add_known(const CLI::App& command, std::set<std::string>& known) {
  for (const CLI::Option* option : command.get_options()) known.insert(variable_of(command, *option));
  for (const CLI::App* inner : command.get_subcommands({})) add_known(*inner, known);
}

}  // namespace

void take_variables(CLI::App& command, const config::Environment& environment, bool config_given) {
  for (CLI::Option* option : command.get_options()) {
    const std::string variable = variable_of(command, *option);
    if (variable.empty() || option->count() > 0 || is_ruled_out(command, *option, config_given)) continue;
    const std::optional<std::string> value = environment(variable);
    if (!value || value->empty()) continue;
    try {
      option->add_result(*value);
      option->run_callback();
    } catch (const CLI::Error&) {
      throw WrongUse{variable + ": " + config::shown(*value) + " is no value for --" + name_of(*option)};
    }
  }
}

std::vector<std::string> unknown_variables(const CLI::App& app, const std::vector<std::string>& variables,
                                           const config::Environment& environment) {
  std::set<std::string> known;
  for (const std::string& path : config::scalar_paths()) known.insert(config::variable_name(path));
  add_known(app, known);
  // The token itself may have such a name.
  if (const auto token = environment(config::variable_name("token-env"))) known.insert(*token);
  std::vector<std::string> unknown;
  for (const std::string& variable : variables) {
    if (!known.contains(variable) && !config::is_service_link(variable)) unknown.push_back(variable);
  }
  return unknown;
}

}  // namespace penstock::command
