// A webhook as one sender makes it: its usual headers, the event, a delivery id, the proof.
//
//     DeliveryMaker maker{source, options, body};
//     Delivery delivery = maker.make(ids);     // delivery.body, .fields, .path_token
//
// Threads: make() of one maker from any thread, each with its own DeliveryIds. Errors: the constructor throws WrongUse;
// make() throws what Verifier::prove throws.

#pragma once

#include "config/config.hpp"
#include "options.hpp"
#include "sending/delivery_id.hpp"
#include "wrong_use.hpp"

#include <optional>
#include <string>
#include <vector>

namespace penstock::sending {

using command::WrongUse;

struct Delivery {
  std::string body = {};
  std::vector<command::FieldLine> fields = {};
  std::string path_token = {};
};

class DeliveryMaker {
 public:
  /// `source` must have its verifier. Throws WrongUse when --event is given and the source's body, or nothing, routes.
  DeliveryMaker(const config::Source& source, const command::SendOptions& options, std::string body);

  [[nodiscard]] Delivery make(DeliveryIds& ids) const;

  /// What the user should know: no event header, or a body without the id that its sender puts there. May be empty.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept { return notes_; }

 private:
  void look_for_id();
  void look_for_event(const command::SendOptions& options);
  /// Sets a field unless -H gave one of that name.
  void add(Delivery& delivery, const std::string& name, const std::string& value) const;

  const config::Source& source_;
  const std::vector<command::FieldLine> given_;
  bool keep_id_;
  std::string body_;
  std::string kept_id_;    // With --keep-id, for a header.
  std::string id_header_;  // Empty: the id, if any, is in the body.
  std::optional<Place> id_place_ = {};
  std::vector<command::FieldLine> fixed_ = {};
  std::vector<std::string> notes_ = {};
};

}  // namespace penstock::sending
