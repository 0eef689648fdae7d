// One connection's requests to one source: head → body into the block → verify → publish → answer.
// With a journal the answer waits for the receipt, which the lane's desk brings to the I/O thread.
//
// Threads: all on the connection's I/O thread. Allocation: none of ours once the lane has seen the longest name.
// A handler at rest holds nothing: it is kept for each source that its connection ever posted to.

#pragma once

#include "http/handler.hpp"
#include "webhook_in/hook_state.hpp"
#include <penstock/publisher.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace penstock::webhook_in {

class HookRequest : public http::RequestHandler, private ReceiptTaker {
 public:
  HookRequest(std::shared_ptr<const HookState> state, Lane& lane, const Door& door) noexcept;
  ~HookRequest() override;
  HookRequest(const HookRequest&) = delete;
  HookRequest& operator=(const HookRequest&) = delete;

  http::Begin begin(const http::RequestHead& head, http::Responder& responder) override;
  std::span<char> room(std::size_t wanted) override;
  void commit(std::size_t bytes) override;
  void end(http::Responder& responder) override;
  void cut(http::Cut why) override;

 private:
  void add_metadata(const http::RequestHead& head);
  [[nodiscard]] verify::Request request_of(const http::RequestHead& head, std::string_view body) const;
  [[nodiscard]] bool charge_up_to(std::size_t bytes);
  void forget() noexcept;
  void await_receipt(http::Responder& responder);
  void on_receipt(const Receipt& receipt) override;
  void answer_receipt(const Receipt& receipt, http::Responder& responder);
  void answer_later_please(std::string_view body, http::Responder& responder) const;

  std::shared_ptr<const HookState> state_;
  Lane& lane_;
  const Door& door_;
  const http::RequestHead* head_ = nullptr;  // Of the request that is being received.
  std::optional<EventBuilder> event_ = {};
  std::size_t charged_bytes_ = 0;
  std::optional<Refusal> no_room_ = {};          // Why room() gave none.
  std::shared_ptr<http::Responder> later_ = {};  // While a receipt is awaited.
  std::uint64_t tag_ = 0;                        // Of that receipt.
};

}  // namespace penstock::webhook_in
