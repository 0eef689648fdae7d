// One event as JSON: the form in which events leave by HTTP.
//
//     EnvelopeWriter writer;
//     writer.append(line, event, PayloadAs::json);   // {"id":"...","source":"github", ... ,"payload":{...}}
//
// A payload that is one valid JSON value stands there byte for byte (`5.0` stays `5.0`, spaces and line ends stay);
// any other, or one nested deeper than kJsonDepthMax, as "payload_base64" (RFC 4648, 4). Metadata names are lower case,
// in order of first appearance; a repeated name has an array. No "offset" without a journal.
// Only the payload can hold CR or LF, and only as white space between tokens: everything else is escaped.
// Threads: a writer belongs to one thread. Blocks never. Allocates what `out` needs to grow.
// O(payload + fields squared): fields are few, bounded by the engine's 64 KiB of metadata and the server's head limit.

#pragma once

#include "streams/json_text.hpp"
#include <penstock/event.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::streams {

enum class PayloadAs : std::uint8_t {
  json,    ///< As it is when it is one valid JSON value, else base64.
  base64,  ///< Always base64.
};

class EnvelopeWriter {
 public:
  void append(std::string& out, const Event& event, PayloadAs as);

 private:
  JsonChecker checker_;
};

}  // namespace penstock::streams
