#include "verify/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <stdexcept>

namespace penstock::verify {
namespace {

constexpr std::size_t kBlockBytes = 64;  // Of SHA-256: FIPS 180-4, 1.

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct FreeAlgorithm {
  void operator()(EVP_MD* algorithm) const noexcept { EVP_MD_free(algorithm); }
};

// Fetched once: a fetch walks OpenSSL's provider store and takes its lock.
const EVP_MD* algorithm() noexcept {
  static const std::unique_ptr<EVP_MD, FreeAlgorithm> fetched{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  return fetched.get();
}

EVP_MD_CTX* scratch() noexcept {
  thread_local const Context context{EVP_MD_CTX_new()};
  return context.get();
}

bool finish(EVP_MD_CTX* context, std::string_view bytes, Digest& out) noexcept {
  return EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
         EVP_DigestFinal_ex(context, out.data(), nullptr) == 1;
}

bool begin(EVP_MD_CTX* context) noexcept {
  return algorithm() != nullptr && context != nullptr && EVP_DigestInit_ex(context, algorithm(), nullptr) == 1;
}

Context keyed(const std::array<unsigned char, kBlockBytes>& key, unsigned char pad) {
  std::array<unsigned char, kBlockBytes> block{};
  for (std::size_t i = 0; i < kBlockBytes; ++i) block[i] = key[i] ^ pad;
  Context context{EVP_MD_CTX_new()};
  const bool done = begin(context.get()) && EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1;
  OPENSSL_cleanse(block.data(), block.size());
  if (!done) throw std::runtime_error("OpenSSL offers no SHA-256 here: check its configuration and providers");
  return context;
}

}  // namespace

struct HmacKey::States {
  Context inner;
  Context outer;
};

HmacKey::HmacKey(std::string_view secret) {
  // RFC 2104, 2: a key longer than a block is hashed first; the rest is filled with zeros.
  std::array<unsigned char, kBlockBytes> key{};
  if (secret.size() <= kBlockBytes) {
    std::memcpy(key.data(), secret.data(), secret.size());
  } else {
    Digest digest{};
    if (!sha256(secret, digest)) throw std::runtime_error("OpenSSL could not hash a long secret");
    std::memcpy(key.data(), digest.data(), digest.size());
    OPENSSL_cleanse(digest.data(), digest.size());
  }
  states_ = std::make_unique<States>(States{.inner = keyed(key, 0x36), .outer = keyed(key, 0x5c)});
  OPENSSL_cleanse(key.data(), key.size());
}

HmacKey::HmacKey(HmacKey&& other) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&& other) noexcept = default;
HmacKey::~HmacKey() = default;

bool HmacKey::sign(std::string_view message, Digest& out) const noexcept {
  EVP_MD_CTX* context = scratch();
  if (context == nullptr || EVP_MD_CTX_copy_ex(context, states_->inner.get()) != 1) return false;
  Digest inner{};
  if (!finish(context, message, inner)) return false;
  const std::string_view digest{reinterpret_cast<const char*>(inner.data()), inner.size()};
  return EVP_MD_CTX_copy_ex(context, states_->outer.get()) == 1 && finish(context, digest, out);
}

bool sha256(std::string_view bytes, Digest& out) noexcept { return begin(scratch()) && finish(scratch(), bytes, out); }

bool equal(const Digest& a, const Digest& b) noexcept { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace penstock::verify
