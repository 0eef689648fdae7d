// The one type that holds a secret: it cannot be printed, copied or compared by accident.
//
//     verify::Secret secret{std::move(text)};     // wipes `text`
//     if (secret.equals(given)) ...               // constant time for a given length

#pragma once

#include <string>
#include <string_view>

namespace penstock::verify {

class Secret {
 public:
  explicit Secret(std::string&& text) noexcept;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();  ///< Wipes the bytes.

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  /// Takes as long whatever differs; an empty secret equals nothing.
  [[nodiscard]] bool equals(std::string_view given) const noexcept;

  /// The bytes, for a key schedule or for a sender's side (penstock send). Never for logs, answers or metadata.
  [[nodiscard]] std::string_view reveal() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace penstock::verify
