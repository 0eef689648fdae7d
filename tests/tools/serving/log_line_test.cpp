#include "serving/log_line.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::serving {
namespace {

using config::LogFormat;
using config::LogLevel;

constexpr std::chrono::system_clock::time_point kTime{std::chrono::milliseconds{1'795'531'003'120}};

std::string logfmt(std::initializer_list<Fact> facts) {
  const std::string line = log_line(LogFormat::logfmt, kTime, LogLevel::info, "m", facts);
  return line.substr(line.find("msg=m") + 5);
}

TEST(LogLine, IsLogfmt) {
  EXPECT_EQ(log_line(LogFormat::logfmt, kTime, LogLevel::warn, "refused 4211 in 1 s",
                     {{"reason", "unauthorized"}, {"source", "github"}}),
            R"(ts=2026-11-24T14:36:43.120Z level=warn msg="refused 4211 in 1 s" reason=unauthorized source=github)");
}

TEST(LogLine, IsJson) {
  EXPECT_EQ(log_line(LogFormat::json, kTime, LogLevel::error, "a \"b\"", {{"err", "c\\d"}}),
            R"({"ts":"2026-11-24T14:36:43.120Z","level":"error","msg":"a \"b\"","err":"c\\d"})");
}

TEST(LogLine, ValuesFromOutsideStayValues) {
  EXPECT_EQ(logfmt({{"a", "x\nlevel=error msg=forged"}}), R"( a="x\u000alevel=error msg=forged")");
  EXPECT_EQ(logfmt({{"a", "x\r\x1b[31m\x7f"}}), R"( a="x\u000d\u001b[31m\u007f")");
  EXPECT_EQ(logfmt({{"a",
                     "\xC2\x9B"
                     "31m\xC2\x85"}}),
            R"( a="\u009b31m\u0085")")
      << "C1 controls";
  EXPECT_EQ(logfmt({{"a", "\xE2\x80\xA8"}}), R"( a="\u2028")");
  EXPECT_EQ(logfmt({{"a", std::string("\0", 1)}}), R"( a="\u0000")");
  EXPECT_EQ(logfmt({{"a", "b=c"}}), R"( a="b=c")");
  EXPECT_EQ(logfmt({{"a", ""}}), R"( a="")");
}

TEST(LogLine, TextIsUtf8WhateverCameIn) {
  EXPECT_EQ(quoted("\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80"), "\"\xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80\"");
  for (const char* bad :
       {"\xFF", "\xC3", "\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x9F"}) {
    const std::string line = quoted(bad);
    EXPECT_EQ(line.substr(0, 7), R"("\ufffd)") << bad;
    for (const char c : line) EXPECT_LT(static_cast<unsigned char>(c), 0x80U);
  }
}

}  // namespace
}  // namespace penstock::serving
