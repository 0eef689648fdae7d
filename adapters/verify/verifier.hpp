// Who sent this? Pure: request, secrets and the time in; one of six results out. Nothing is parsed but the scheme's
// own header, and nothing at all of the body.
//
//     verify::Verifier verifier{verify::preset("github")->scheme, std::move(secrets)};
//     if (verifier.check(request, now) != verify::Result::authentic) answer(401);
//
// Rules that no key switches off: the field that carries the proof must be there exactly once; what is given is decoded
// strictly and compared in constant time; every secret is tried, the same work whichever fits; nothing empty ever fits;
// no algorithm is tried but the configured one. A sender with a scheme of its own gets a function: from_function().
// Threads: check() from any number of threads at once. Never blocks; O(secrets * body) for hmac. Allocation: hmac.hpp.
// Errors: the constructor throws std::invalid_argument: what is wrong and how to mend it, never the secret; and
// std::runtime_error when OpenSSL has no memory. check() then says `unavailable`.

#pragma once

#include "verify/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::verify {

using Field = std::pair<std::string_view, std::string_view>;

enum class Result : std::uint8_t {
  authentic,
  forged,       ///< A proof in the right form that fits no secret.
  unsigned_,    ///< No proof at all. NOLINT(readability-identifier-naming): `unsigned` is a keyword.
  stale,        ///< A proof that fits, of another time.
  malformed,    ///< The proof stands twice, or is not written as the scheme says.
  unavailable,  ///< It could not be checked: OpenSSL has no memory. Not the sender's fault: ask for it again, later.
};
[[nodiscard]] std::string_view to_string(Result result) noexcept;  // "unsigned" for unsigned_

struct Request {
  std::string_view method;
  std::string_view path_token;  ///< What follows /hooks/{source}/ in the path; empty if nothing does.
  std::span<const Field> fields;
  std::string_view body;  ///< As received.
};

/// `function` is an embedding program's own; a configuration cannot write it.
enum class Kind : std::uint8_t { hmac, token, basic, bearer, path_token, none, function };
enum class Encoding : std::uint8_t { hex, base64 };

/// As configurations write them: "hmac", "path-token" …, "hex", "base64".
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;
[[nodiscard]] std::optional<Kind> kind_named(std::string_view name) noexcept;
[[nodiscard]] std::optional<Encoding> encoding_named(std::string_view name) noexcept;

inline constexpr std::size_t kSecretsMax = 16;      ///< Of one source: each costs a hash of every body.
inline constexpr std::size_t kSecretFieldsMax = 8;  ///< That a function declares: each is looked for in every field.

/// How one sender proves itself. hmac: HMAC-SHA256 (RFC 2104, FIPS 180-4) over the raw body.
struct Scheme {
  Kind kind = Kind::none;
  std::string header = {};            ///< hmac, token: the field that carries it.
  std::string item = "{sig}";         ///< hmac: how the value is written, e.g. "sha256={sig}"; exactly one {sig}.
  Encoding encoding = Encoding::hex;  ///< hmac. hex: 64 digits, either case; base64: 44 characters with padding.
  std::string user = {};              ///< basic (RFC 7617): may be empty, holds no colon.
  std::string name = {};              ///< function: what messages call it.
  std::vector<std::string> secret_fields = {};  ///< function: see FunctionOptions.
  bool reads_path = false;                      ///< function: see FunctionOptions.
};

/// An embedding program's own check. Called on I/O threads, by any number at once, for every request of the source
/// whose body is whole: it must be thread-safe and must not block, and takes its secrets along (verify::Secret). `now`
/// judges a signed time. An exception that leaves it makes the request `unavailable` (503), never authentic.
using CheckFunction = std::function<Result(const Request& request, std::chrono::system_clock::time_point now)>;

struct FunctionOptions {
  /// Fields that hold a secret as it is (a token, not a signature), at most kSecretFieldsMax: they and copies of their
  /// values in other fields do not become metadata. Of a value with a blank, what stands behind it: the scheme's name
  /// is no secret. A request that repeats them beyond that number keeps no metadata.
  std::vector<std::string> secret_fields = {};
  bool path_token = false;  ///< It reads Request::path_token, a secret too: the path is then /hooks/{source}/{token}.
};

struct Preset {
  std::string_view name;  ///< "github", "bitbucket-cloud" …
  Scheme scheme;
  std::vector<std::string> event;  ///< Places of the sub-topic, in order: "header:X-GitHub-Event", "json:/type".
  std::string dedup;               ///< Place of the delivery id, or empty.
};

/// The preset of that name; nullptr if there is none.
[[nodiscard]] const Preset* preset(std::string_view name) noexcept;
[[nodiscard]] std::span<const Preset> presets() noexcept;

class Verifier {
 public:
  /// Throws std::invalid_argument when the scheme is not whole, when a secret is missing, empty or such that no sender
  /// could send it, or when `none` is given one.
  Verifier(Scheme scheme, std::vector<Secret> secrets);
  /// For a scheme that is none of ours: `check` decides. Throws std::invalid_argument when `name` is no field-name-like
  /// word, when there is no function, or when a secret field cannot be one.
  [[nodiscard]] static Verifier from_function(std::string name, CheckFunction check, FunctionOptions options = {});
  Verifier(Verifier&& other) noexcept;
  Verifier& operator=(Verifier&& other) noexcept;
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;
  ~Verifier();

  /// `now` judges schemes that sign a time; none of today's does, so none of them but a function says `stale`.
  [[nodiscard]] Result check(const Request& request, std::chrono::system_clock::time_point now) const noexcept;

  [[nodiscard]] const Scheme& scheme() const noexcept;
  [[nodiscard]] bool reads_path() const noexcept;  ///< Whether what follows /hooks/{source}/ is a part of the proof.

  /// Whether a field of that name holds a secret under this scheme and must not become metadata: the header of a
  /// token, basic or bearer scheme; what a function declares; and always authorization, proxy-authorization, cookie,
  /// x-amz-security-token. The header of a signature is none: it proves one body and opens nothing else. A copy of the
  /// secret in any other field is found by ShownSecret.
  [[nodiscard]] bool is_secret_field(std::string_view name) const noexcept;

  /// The sender's side: the field lines (or the path token) that make `body` authentic under the first secret.
  struct Proof {
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string path_token = {};
  };
  /// Throws std::runtime_error when OpenSSL has no memory, std::logic_error when a function checks: it proves nothing.
  [[nodiscard]] Proof prove(std::string_view body) const;

 private:
  struct Impl;
  explicit Verifier(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock::verify
