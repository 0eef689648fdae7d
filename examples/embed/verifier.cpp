// A verifier of your own, in front of webhooks: HMAC over "time.body", at most five minutes old. Ends with its input.
#include <penstock/broker.hpp>
#include <penstock/http/server.hpp>
#include <penstock/verify/encoding.hpp>
#include <penstock/verify/hmac.hpp>
#include <penstock/webhook_in/hooks.hpp>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace verify = penstock::verify;
using namespace std::chrono_literals;

namespace {

std::string_view only(const verify::Request& request, std::string_view name) {
  std::string_view found;
  for (const auto& [field, value] : request.fields) {
    if (penstock::http::equal_without_case(field, name)) found = found.empty() ? value : "twice";
  }
  return found;
}

}  // namespace

int main() {
  const char* const secret = std::getenv("ACME_SECRET");  // NOLINT(concurrency-mt-unsafe): no thread yet.
  if (secret == nullptr) return 2;
  // Called on the I/O thread, by many at once in a server of many: it only reads. An exception would answer 503.
  const auto check = [key = std::make_shared<verify::HmacKey>(secret)](const verify::Request& request, auto now) {
    const std::string_view time = only(request, "acme-time");
    const std::string_view hex = only(request, "acme-signature");
    verify::Digest given{};
    verify::Digest wanted{};
    long long seconds = 0;
    if (time.empty() || hex.empty()) return verify::Result::unsigned_;
    const auto read = std::from_chars(time.data(), time.data() + time.size(), seconds);
    if (read.ec != std::errc{} || !verify::decode_hex(hex, given)) return verify::Result::malformed;
    if (!key->sign(std::string{time}.append(".").append(request.body), wanted)) return verify::Result::unavailable;
    if (!verify::equal(given, wanted)) return verify::Result::forged;
    const auto age = now - std::chrono::sys_seconds{std::chrono::seconds{seconds}};
    return std::chrono::abs(age) > 5min ? verify::Result::stale : verify::Result::authentic;
  };

  penstock::Broker broker{{.workers = 1}};
  const auto events = broker.subscribe("acme", [](const penstock::Event& e) { std::cout << e.payload() << std::endl; });
  const auto verifier = std::make_shared<verify::Verifier>(verify::Verifier::from_function("acme-hmac", check));
  const penstock::webhook_in::Hooks hooks{broker, {{.source = "acme", .verifier = verifier}}, {}};
  penstock::http::Server server{{.name = "ingress"}, hooks.routes()};
  server.start();
  std::cout << "POST http://127.0.0.1:" << server.port() << "/hooks/acme" << std::endl;
  while (std::cin.get() != std::char_traits<char>::eof()) continue;
  server.drain(5s);
  return broker.close() ? 0 : 1;
}
