#include "arguments.hpp"

#include "wrong_use.hpp"
#include <gmock/gmock.h>

namespace penstock::command {
namespace {

using testing::Pair;

TEST(Arguments, AFieldLineIsANameAndAValueWithoutBlanksAround) {
  EXPECT_THAT(field_line("X-A: b c"), Pair("X-A", "b c"));
  EXPECT_THAT(field_line("X-A:\t b \t"), Pair("X-A", "b"));
  EXPECT_THAT(field_line("X-A:"), Pair("X-A", ""));
  EXPECT_THAT(field_line("X-A: b: c"), Pair("X-A", "b: c"));
  EXPECT_THAT(field_line("X-A: \xC3\xA4"), Pair("X-A", "\xC3\xA4"));
  for (const char* bad : {"", ":", ": b", "X A: b", "X-A b", "X-A: b\r\nX-B: c", "X-A: \x7F", "X-A : b"}) {
    EXPECT_THROW((void)field_line(bad), WrongUse) << bad;
  }
}

TEST(Arguments, AValueThatMayBeASecretIsNotQuoted) {
  for (const char* bad : {"X-Gitlab-Token: hush\r", "X-Gitlab-Token hush", ": hush", "Host: hush"}) {
    try {
      (void)own_field_line(bad);
      ADD_FAILURE() << bad;
    } catch (const WrongUse& error) {
      EXPECT_EQ(std::string{error.what()}.find("hush"), std::string::npos) << error.what();
    }
  }
}

TEST(Arguments, WhatFramesARequestIsNotTheUsersWhereWeSend) {
  EXPECT_THAT(field_line("Host: h"), Pair("Host", "h"));
  for (const char* own : {"Host: h", "CONTENT-LENGTH: 1", "transfer-encoding: chunked", "Connection: close"}) {
    EXPECT_THROW((void)own_field_line(own), WrongUse) << own;
  }
  EXPECT_THAT(own_field_line("Hosts: h"), Pair("Hosts", "h"));
}

TEST(Arguments, ARateIsSoManyInATime) {
  EXPECT_EQ(rate(""), 0.0);
  EXPECT_EQ(rate("7"), 7.0);
  EXPECT_EQ(rate("30/m"), 0.5);
  EXPECT_THROW((void)rate("0"), WrongUse);
  EXPECT_THROW((void)rate("fast"), WrongUse);
}

TEST(Arguments, NothingBreaksOutOfTheRequestLine) {
  EXPECT_NO_THROW(require_method("POST"));
  EXPECT_NO_THROW(require_method("x-own"));
  for (const char* bad : {"", "A B", "A\r\n"}) EXPECT_THROW(require_method(bad), WrongUse);
  EXPECT_NO_THROW(require_target("/hooks/x?a=b"));
  EXPECT_NO_THROW(require_target("*"));
  for (const char* bad : {"", "/a b", "/a\r\nb", "/a\t"}) EXPECT_THROW(require_target(bad), WrongUse);
}

TEST(Arguments, ATargetThatIsRefusedIsNotShownSinceItMayHoldAToken) {
  try {
    require_target("/hooks/gerrit/hush 4711");
    FAIL();
  } catch (const WrongUse& wrong) {
    EXPECT_EQ(std::string{wrong.what()}.find("hush"), std::string::npos);
  }
}

TEST(Arguments, ACertificateIsAUrlAndAFile) {
  EXPECT_NO_THROW(require_certificate("https://h/c.pem?a=b=f.pem"));
  for (const char* bad : {"", "https://h/c.pem", "=f", "https://h="}) EXPECT_THROW(require_certificate(bad), WrongUse);
}

}  // namespace
}  // namespace penstock::command
