// POST /v1/topics/{topic}/events: publish over HTTP, for those who hold the write token instead of a webhook's secret.
//
// The body is the payload, received into the event's block; `x-meta-NAME: v` fields and content-type are its metadata.
// The event is routed like any other of its topic and counted under the source `admin`. Nothing is deduplicated.
//
//     routes.push_back(publish_route(broker, {.io_threads = 1}));
//
// Answers: 200 `{"id","topic","receipt":"memory"}` (with a journal, behind its receipt: `"offset"` and `durable`), 400
// bad topic or field, 411 without a length (`content-length: 0` publishes an empty payload; no length at all is a
// mistake: RFC 9112, 6.3), 413 too large, 503 full or closed. Each such request is one event of the source `admin`,
// accepted or refused, whoever answers it. Threads: one Publisher an I/O thread, made here. Errors: SetupError when one
// cannot be made, or a journal has no desks.

#pragma once

#include "http/handler.hpp"
#include <penstock/broker.hpp>
#include <penstock/receipt_desk.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace penstock::admin {

struct PublishOptions {
  std::size_t io_threads = 1;
  std::shared_ptr<ReceiptDesks> receipts = {};  ///< One for each I/O thread, where the broker keeps a journal.
  std::size_t payload_bytes_max = 25U << 20U;
  std::string retry_after = "1";  ///< Seconds, of a 503.
};

[[nodiscard]] http::Route publish_route(Broker& broker, const PublishOptions& options);

}  // namespace penstock::admin
