#include "config/substitution.hpp"

#include "config/problem.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace penstock::config {
namespace {

constexpr std::size_t kSecretFileBytesMax = 64U << 10U;
constexpr std::size_t kReadBytes = 64U << 10U;
constexpr std::string_view kOpen = "${";
constexpr std::string_view kForms = "; what can stand here is ${env:NAME}, ${env:NAME:-default} or ${file:PATH}";

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

bool has_substitution(std::string_view text) noexcept { return text.find(kOpen) != std::string_view::npos; }

Substituted Substitution::apply(std::string_view text) const {
  Substituted result;
  while (result.error.empty()) {
    const std::size_t open = text.find(kOpen);
    result.text += text.substr(0, open);
    if (open == std::string_view::npos) return result;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      result.error = "${ without its }" + std::string{kForms};
    } else {
      replace(text.substr(open + kOpen.size(), close - open - kOpen.size()), result);
      text.remove_prefix(close + 1);
    }
  }
  return result;
}

void Substitution::replace(std::string_view place, Substituted& into) const {
  std::string_view rest = place;
  into.replaced = true;
  if (take_prefix(rest, "env:")) {
    replace_variable(rest, into);
  } else if (take_prefix(rest, "file:")) {
    replace_file(rest, into);
  } else {
    into.error = "unknown substitution " + shown("${" + std::string{place} + "}") + std::string{kForms};
  }
}

void Substitution::replace_variable(std::string_view text, Substituted& into) const {
  constexpr std::string_view default_mark = ":-";
  const std::size_t at = text.find(default_mark);
  const std::string name{text.substr(0, at)};
  if (!is_variable_name(name)) {
    into.error = shown(name) + " is not the name of an environment variable" + std::string{kForms};
    return;
  }
  if (!environment_) {
    into.known = false;
    return;
  }
  if (std::optional<std::string> value = environment_(name);
      value && (!value->empty() || at == std::string_view::npos)) {
    into.text += *value;
  } else if (at != std::string_view::npos) {
    into.text += text.substr(at + default_mark.size());  // As in a shell: also for a variable that is set and empty.
  } else {
    into.error = "environment variable " + name + " is not set";
  }
}

void Substitution::replace_file(std::string_view path, Substituted& into) const {
  if (path.empty()) {
    into.error = "${file:} names no file" + std::string{kForms};
    return;
  }
  if (!environment_) {
    into.known = false;
    return;
  }
  FileText file = read_file(folder_ / std::filesystem::path{path}, kSecretFileBytesMax);
  if (!file.error.empty()) {
    into.error = "file " + shown(path) + ": " + file.error;
    return;
  }
  std::string_view text = file.text;
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);  // Editors and `echo` put one there.
  if (!text.empty() && text.back() == '\r' && text.size() < file.text.size()) text.remove_suffix(1);
  into.text += text;
}

FileText read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return {.error = "cannot be read: " + (error ? error.message() : std::string{"No such file or directory"})};
  }
  if (!std::filesystem::is_regular_file(status)) return {.error = "is not a regular file"};
  errno = 0;
  std::ifstream stream{path, std::ios::binary};
  if (!stream) return {.error = "cannot be read: " + std::generic_category().message(errno)};
  FileText file;
  // In steps: a file may say nothing of its size (/proc), and the most that may come is a lot to ask for at once.
  for (std::size_t wanted = kReadBytes; stream && file.text.size() <= bytes_max; wanted = file.text.size()) {
    const std::size_t at = file.text.size();
    file.text.resize(at + std::min(wanted, bytes_max + 1 - at));
    stream.read(file.text.data() + at, static_cast<std::streamsize>(file.text.size() - at));
    file.text.resize(at + static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return {.error = "cannot be read"};
  if (file.text.size() > bytes_max) return {.error = "is larger than " + std::to_string(bytes_max) + " bytes"};
  return file;
}

}  // namespace penstock::config
