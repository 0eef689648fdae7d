// The request that is explained: as verifiers see it, and as it stands on the wire.
//
//     const GivenRequest request = given_request(options, "github", body);
//     request.path_token, request.fields; request.wire();
//
// Threads: one. Errors: none; what is no HTTP is sent all the same, for the ingress to judge.

#pragma once

#include "options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace penstock::explaining {

struct GivenRequest {
  std::string method = {};
  std::string target = {};
  std::string path_token = {};  ///< What follows /hooks/{source}/.
  std::vector<command::FieldLine> fields = {};
  std::string body = {};
  std::vector<std::string> notes = {};  ///< What was given and is not taken as it stands.

  /// Host and Content-Length are added where they are not given; with `Transfer-Encoding: chunked` the body is one
  /// chunk.
  [[nodiscard]] std::string wire() const;
};

/// The source's name that a target of the form /hooks/{source}… says; empty for any other.
[[nodiscard]] std::string_view source_in(std::string_view target) noexcept;

/// A Content-Length that is not the body's is corrected, with a note: captured requests lose or gain a line end.
[[nodiscard]] GivenRequest given_request(const command::ExplainOptions& options, std::string_view source,
                                         std::string body);

}  // namespace penstock::explaining
