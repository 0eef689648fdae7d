// JSON by hand, for text that is written once per event: check a value without building it, escape a string.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace penstock::streams {

/// Deeper nesting is not checked further, so that no payload can exhaust the stack: it counts as not valid.
inline constexpr std::size_t kJsonDepthMax = 512;

/// Whether text is exactly one JSON value (RFC 8259) in valid UTF-8. One checker serves one thread.
class JsonChecker {
 public:
  JsonChecker();
  JsonChecker(JsonChecker&& other) noexcept;
  JsonChecker& operator=(JsonChecker&& other) noexcept;
  JsonChecker(const JsonChecker&) = delete;
  JsonChecker& operator=(const JsonChecker&) = delete;
  ~JsonChecker();
  [[nodiscard]] bool valid(std::string_view text);  ///< O(text). Allocates nothing.

 private:
  struct Parser;  // Boost.JSON is heavy to include: only json_text.cpp sees it.
  std::unique_ptr<Parser> parser_;
};

/// Appends `text` as a JSON string, quotes included. Each byte that is part of no valid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends `bytes` in base64 with padding (RFC 4648, 4).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace penstock::streams
