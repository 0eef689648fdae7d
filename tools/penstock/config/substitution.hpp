// ${env:NAME}, ${env:NAME:-default} and ${file:PATH} in quoted scalars, replaced after the YAML was read: what comes in
// can change a value, never the structure.
//
//     Substitution substitution{environment, "/etc/penstock"};
//     Substituted value = substitution.apply("${env:GITHUB_WEBHOOK_SECRET}");   // .error says what is missing
//
// Threads: one. Reads files: blocks. Errors name the variable or the file, never its content.

#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::config {

/// How the environment is asked: nullopt when there is no such variable.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct Substituted {
  std::string text = {};
  std::string error = {};  ///< Not empty: text is of no use.
  bool replaced = false;   ///< Something of it came from outside.
  bool known = true;       ///< False: --no-environment, so nobody can say what it would be.
};

class Substitution {
 public:
  /// `folder`: what relative paths of ${file:…} start from: the configuration file's. Without an environment
  /// (--no-environment) only the grammar is checked.
  Substitution(Environment environment, std::filesystem::path folder)
      : environment_{std::move(environment)}, folder_{std::move(folder)} {}

  /// Replaces each place once; what was put in is not read again.
  [[nodiscard]] Substituted apply(std::string_view text) const;

  /// A substitution that checks the grammar only.
  [[nodiscard]] Substitution without_environment() const { return {Environment{}, folder_}; }
  [[nodiscard]] bool has_environment() const noexcept { return static_cast<bool>(environment_); }

 private:
  void replace(std::string_view place, Substituted& into) const;
  void replace_variable(std::string_view text, Substituted& into) const;
  void replace_file(std::string_view path, Substituted& into) const;

  Environment environment_;
  std::filesystem::path folder_;
};

/// Whether `text` holds a place to be replaced.
[[nodiscard]] bool has_substitution(std::string_view text) noexcept;

/// The bytes of a regular file of at most `bytes_max`; else what is wrong with it.
struct FileText {
  std::string text = {};
  std::string error = {};
};
[[nodiscard]] FileText read_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace penstock::config
