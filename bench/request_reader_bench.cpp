// What reading the head of a request costs: a webhook's dozen fields, whole and in two pieces, and a browser's few.

#include "http/request_reader.hpp"
#include <benchmark/benchmark.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::http {
namespace {

// As GitHub sends it, with a signature that nobody checks here.
constexpr std::string_view kWebhook =
    "POST /hooks/github HTTP/1.1\r\nHost: hooks.example.com\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n"
    "Content-Type: application/json\r\nContent-Length: 7700\r\nX-GitHub-Event: push\r\n"
    "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\nX-GitHub-Hook-ID: 292430182\r\n"
    "X-GitHub-Hook-Installation-Target-ID: 79929171\r\nX-GitHub-Hook-Installation-Target-Type: repository\r\n"
    "X-Hub-Signature-256: sha256=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0\r\n\r\n";
constexpr std::string_view kSmall = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

void BM_ReadHead(benchmark::State& state) {
  const std::string head{state.range(0) == 0 ? kSmall : kWebhook};
  const std::size_t fields = state.range(0) == 0 ? 1 : 11;
  const std::size_t first = state.range(1) == 0 ? head.size() : head.size() / 2;
  RequestReader reader;
  for ([[maybe_unused]] auto _ : state) {
    reader.restart();
    ReadStatus status = reader.read({head.data(), first});
    if (first != head.size()) status = reader.read(head);
    if (status != ReadStatus::ready || reader.head().fields.size() != fields || reader.head_bytes() != head.size()) {
      state.SkipWithError("not read as it stands");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(head.size()));
}
BENCHMARK(BM_ReadHead)->ArgNames({"webhook", "in_two"})->ArgsProduct({{0, 1}, {0, 1}});

}  // namespace
}  // namespace penstock::http
