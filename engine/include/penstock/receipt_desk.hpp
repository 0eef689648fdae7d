// Brings receipts back to a thread with an event loop: one wake-up for all of a batch, no allocation per event.
//
//     penstock::ReceiptDesk desk{[&] { loop.wake(); }};                 // wake(): any thread may call it
//     const std::uint64_t tag = desk.expect(request);                   // the loop's thread
//     if (publisher.publish(std::move(event), desk, tag) != penstock::Verdict::accepted) desk.withdraw(tag);
//     desk.give_out();                                                  // the loop, woken: calls request.on_receipt()
//
// A tag names a place and how often it was taken: a receipt whose taker was forgotten meanwhile reaches nobody.
// Threads: on_receipts() by the broker; all else on the loop's thread. Blocking: a lock, held for copying a batch.
// Allocation: none once as many receipts were owed at a time as ever will be. Errors: expect() throws std::bad_alloc.
// Lifetime: until the broker is closed, see ReceiptSink.

#pragma once

#include <penstock/export.hpp>
#include <penstock/publisher.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace penstock {

class Broker;

class PENSTOCK_EXPORT ReceiptTaker {
 public:
  virtual ~ReceiptTaker() = default;
  virtual void on_receipt(const Receipt& receipt) = 0;
};

class PENSTOCK_EXPORT ReceiptDesk final : public ReceiptSink {
 public:
  /// `wake` is called from the commit thread when receipts lie here and the desk was empty. Must not block or throw.
  explicit ReceiptDesk(std::function<void()> wake);
  ReceiptDesk(const ReceiptDesk&) = delete;
  ReceiptDesk& operator=(const ReceiptDesk&) = delete;
  ~ReceiptDesk() override;

  /// The tag to publish with. The taker must live until it has its receipt or is forgotten.
  [[nodiscard]] std::uint64_t expect(ReceiptTaker& taker);
  void withdraw(std::uint64_t tag) noexcept;  ///< publish() refused: no receipt will come.
  void forget(std::uint64_t tag) noexcept;    ///< Nobody wants it any more. Of an old tag: nothing.
  /// Hands out what lies here. What a taker throws ends nothing: the others are served, and it is thrown then.
  void give_out();

  void on_receipts(std::span<const Receipt> receipts) noexcept override;

 private:
  struct Place {
    ReceiptTaker* taker = nullptr;
    std::uint32_t times_taken = 0;
    std::uint32_t next_free = 0;
  };

  [[nodiscard]] Place* place_of(std::uint64_t tag) noexcept;

  const std::function<void()> wake_;
  std::vector<Place> places_;
  std::uint32_t first_free_ = 0;  // Past the last place: none is free.
  std::vector<Receipt> giving_out_;
  std::mutex mutex_;
  std::vector<Receipt> came_;  // Under the lock. Has room for every receipt that is owed.
  std::size_t owed_ = 0;       // Under the lock: expected, and not come yet; forgotten ones too.
};

/// A desk for each I/O thread of a server whose requests wait for receipts:
///
///     const auto desks = penstock::ReceiptDesks::make(broker, threads);
///     if (desks) options.woken = [desks](std::size_t io_thread) { desks->at(io_thread).give_out(); };
///     …  if (desks) desks->wake_with(server.waker());      // http::Server's, before it starts
class PENSTOCK_EXPORT ReceiptDesks {
 public:
  /// Null where the broker keeps no journal: every receipt is known inside publish() then. Else the broker keeps them
  /// until the last receipt has come (Broker::keep), whoever lets go of them before.
  [[nodiscard]] static std::shared_ptr<ReceiptDesks> make(Broker& broker, std::size_t threads);

  /// For who would wait there: throws SetupError when the broker keeps a journal and there are fewer than `threads`.
  static void require(const Broker& broker, const ReceiptDesks* desks, std::size_t threads);

  /// How a thread is woken; called by the commit thread, also when whoever gave it is gone. Before the first publish.
  void wake_with(std::function<void(std::size_t thread)> wake);
  [[nodiscard]] ReceiptDesk& at(std::size_t thread) { return desks_.at(thread); }

 private:
  ReceiptDesks() = default;

  std::function<void(std::size_t)> wake_;
  std::deque<ReceiptDesk> desks_;  // They do not move.
};

}  // namespace penstock
