#include "verify/secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace penstock::verify {
namespace {

// Up to its capacity: a moved-from or shortened string still holds the old bytes behind its end.
void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // NOLINT(clang-analyzer-cplusplus.Move): what a move leaves behind
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace

Secret::Secret(std::string&& text) noexcept
    : bytes_{std::move(text)}, usable_{!bytes_.empty() && sha256(bytes_, digest_)} {
  wipe(text);  // NOLINT(bugprone-use-after-move): what a move leaves behind
}

Secret::Secret(Secret&& other) noexcept
    : bytes_{std::move(other.bytes_)}, digest_{other.digest_}, usable_{std::exchange(other.usable_, false)} {
  wipe(other.bytes_);
  OPENSSL_cleanse(other.digest_.data(), other.digest_.size());
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(bytes_);
  bytes_ = std::move(other.bytes_);
  digest_ = other.digest_;
  usable_ = std::exchange(other.usable_, false);
  wipe(other.bytes_);
  OPENSSL_cleanse(other.digest_.data(), other.digest_.size());
  return *this;
}

Secret::~Secret() {
  wipe(bytes_);
  OPENSSL_cleanse(digest_.data(), digest_.size());
}

bool Secret::equals(std::string_view given) const noexcept {
  Digest other{};
  return sha256(given, other) && has_digest(other);
}

}  // namespace penstock::verify
