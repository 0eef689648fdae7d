#include "webhook_in/answers.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace penstock::webhook_in {
namespace {

// EventId::text() gives a std::string, which is an allocation for each request.
char* write_id(const EventId& id, char* out) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';  // RFC 9562, 4.
    *out++ = digits[id.bytes[i] >> 4U];
    *out++ = digits[id.bytes[i] & 15U];
  }
  return out;
}

char* write(std::string_view text, char* out) noexcept { return std::copy(text.begin(), text.end(), out); }

}  // namespace

std::string_view write_receipt(std::string_view status, const EventId& id, ReceiptText& out) noexcept {
  assert(status.size() <= 16);
  char* end = write(R"({"status":")", out.data());
  end = write(status, end);
  end = write(R"(","id":")", end);
  end = write_id(id, end);
  end = write(R"("})", end);
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

std::string_view write_level(std::uint64_t offset, LevelText& out) noexcept {
  if (offset == 0) return "memory";
  char* end = write("durable; offset=", out.data());
  end = std::to_chars(end, out.data() + out.size(), offset).ptr;
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

}  // namespace penstock::webhook_in
