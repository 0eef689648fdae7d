// The fields that decide how a request is framed, addressed and answered: Host, Content-Length, Transfer-Encoding,
// Connection, Expect. One object serves one head at a time.
//
//     FieldRules rules;
//     for (const Field& field : fields) if (const int status = rules.take(field)) return status;
//     if (const int status = rules.finish(minor_version)) return status;
//
// take() and finish() give 0 or the status that refuses the request; every refusal closes the connection, because how
// long the request is can no longer be known. No allocation, never throw, linear in the value.

#pragma once

#include "http/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock::http {

class FieldRules {
 public:
  void reset() noexcept { *this = FieldRules{}; }

  [[nodiscard]] int take(const Field& field) noexcept;
  [[nodiscard]] int finish(int minor_version) noexcept;

  [[nodiscard]] std::string_view host() const noexcept { return host_.value_or(std::string_view{}); }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }
  [[nodiscard]] bool chunked() const noexcept { return chunked_; }
  /// After finish(): 1.1 persists unless `close`; 1.0 only with `keep-alive` (RFC 9112 9.3).
  [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
  /// After finish(): the client waits for `100 Continue`. Never true in HTTP/1.0 (RFC 9110 10.1.1).
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }

 private:
  [[nodiscard]] int take_host(std::string_view value) noexcept;
  [[nodiscard]] int take_content_length(std::string_view value) noexcept;
  [[nodiscard]] int take_transfer_encoding(std::string_view value) noexcept;
  [[nodiscard]] int take_connection(std::string_view value) noexcept;
  [[nodiscard]] int take_expect(std::string_view value) noexcept;

  std::optional<std::string_view> host_;
  std::optional<std::uint64_t> content_length_;
  bool transfer_encoding_ = false;
  bool chunked_ = false;
  bool names_close_ = false;
  bool names_keep_alive_ = false;
  bool names_continue_ = false;
  bool names_other_expectation_ = false;
  bool keep_alive_ = false;
  bool expects_continue_ = false;
};

}  // namespace penstock::http
