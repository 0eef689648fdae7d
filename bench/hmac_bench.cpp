// What checking a signature costs, by the size of the body: the keyed HMAC alone, and the whole check of a GitHub hook.

#include "verify/hmac.hpp"
#include "verify/verifier.hpp"
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace penstock::verify {
namespace {

void BM_KeyedHmac(benchmark::State& state) {
  const HmacKey key{"a secret of the usual length, 40 bytes.."};
  const std::string body(static_cast<std::size_t>(state.range(0)), 'x');
  Digest first{};
  if (!key.sign(body, first)) state.SkipWithError("no memory");
  for ([[maybe_unused]] auto _ : state) {
    Digest mac{};
    if (!key.sign(body, mac) || mac != first) state.SkipWithError("another digest of the same bytes");
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_KeyedHmac)->ArgName("bytes")->Arg(1 << 10)->Arg(7'700)->Arg(64 << 10);

void BM_CheckGitHub(benchmark::State& state) {
  std::vector<Secret> secrets;
  for (std::int64_t i = 0; i < state.range(0); ++i) secrets.emplace_back("secret number " + std::to_string(i));
  const Verifier verifier{preset("github")->scheme, std::move(secrets)};
  const std::string body(7'700, 'x');
  const Verifier::Proof proof = verifier.prove(body);
  std::vector<Field> fields{{"host", "hooks.example.com"}, {"content-type", "application/json"}};
  for (const auto& [name, value] : proof.fields) fields.emplace_back(name, value);
  const Request request{.method = "POST", .path_token = {}, .fields = fields, .body = body};
  const auto now = std::chrono::system_clock::now();
  for ([[maybe_unused]] auto _ : state) {
    if (verifier.check(request, now) != Result::authentic) state.SkipWithError("a good signature was refused");
  }
}
BENCHMARK(BM_CheckGitHub)->ArgName("secrets")->Arg(1)->Arg(2);

}  // namespace
}  // namespace penstock::verify
