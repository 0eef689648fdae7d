#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock::http {
namespace {

constexpr int kAccepted = 0;

struct Case {
  std::string name;
  std::string bytes;
  int status;  // kAccepted, or the refusal.
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string post(const std::string& fields) { return "POST /hooks/a HTTP/1.1\r\n" + fields + "\r\n"; }
std::string with(const std::string& line) { return post("Host: a\r\n" + line + "\r\n"); }
std::string target(const std::string& text) { return "POST " + text + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string line(const std::string& text) { return text + "\r\nHost: a\r\n\r\n"; }
std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

/// -1: the reader waits for more.
int status_of(const std::string& bytes) {
  RequestReader reader;
  const ReadStatus status = reader.read(bytes);
  if (status == ReadStatus::need_more) return -1;
  return status == ReadStatus::ready ? kAccepted : reader.refusal();
}

class Rule : public testing::TestWithParam<Case> {};

TEST_P(Rule, Holds) { EXPECT_EQ(status_of(GetParam().bytes), GetParam().status); }

const auto kName = [](const auto& test) { return test.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Lines, Rule,
    testing::Values(Case{"EndInCrLf", with("X: 1"), kAccepted},
                    Case{"LfAloneEndsNoField", "POST / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 400},
                    Case{"LfAloneEndsNoRequestLine", "POST / HTTP/1.1\nHost: a\r\n\r\n", 400},
                    Case{"LfAloneEndsNoHead", "POST / HTTP/1.1\r\nHost: a\r\n\n", 400},
                    Case{"CrInsideAValue", with("X: 1\r2"), 400}, Case{"TwoCrBeforeTheLf", with("X: 1\r"), 400},
                    Case{"NulInsideAValue", with(std::string("X: 1") + '\0' + "2"), 400},
                    Case{"DelInsideAValue", with("X: 1\x7f"), 400}, Case{"TabInsideAValue", with("X: 1\t2"), kAccepted},
                    Case{"BytesAbove0x80InAValue", with("X: caf\xc3\xa9"), kAccepted},
                    Case{"FourEmptyLinesBefore", repeat("\r\n", 4) + with("X: 1"), kAccepted},
                    Case{"FiveEmptyLinesBefore", repeat("\r\n", 5) + with("X: 1"), 400},
                    Case{"LfAloneBefore", "\n" + with("X: 1"), 400}, Case{"CrAloneBefore", "\r" + with("X: 1"), 400}),
    kName);

INSTANTIATE_TEST_SUITE_P(RequestLine, Rule,
                         testing::Values(Case{"SpaceInFront", line(" POST / HTTP/1.1"), 400},
                                         Case{"TwoSpacesBeforeTheTarget", line("POST  / HTTP/1.1"), 400},
                                         Case{"TwoSpacesBehindTheTarget", line("POST /  HTTP/1.1"), 400},
                                         Case{"SpaceAtItsEnd", line("POST / HTTP/1.1 "), 400},
                                         Case{"TabForASpace", line("POST\t/ HTTP/1.1"), 400},
                                         Case{"NoTarget", line("POST HTTP/1.1"), 400},
                                         Case{"NoVersion", line("POST /"), 400}, Case{"MethodAlone", line("POST"), 400},
                                         Case{"MethodWithAByteThatIsNoToken", line("PO(ST / HTTP/1.1"), 400},
                                         Case{"MethodOf32Bytes", line(std::string(32, 'M') + " / HTTP/1.1"), kAccepted},
                                         Case{"MethodOf33Bytes", line(std::string(33, 'M') + " / HTTP/1.1"), 501},
                                         Case{"Version1_0", "POST / HTTP/1.0\r\n\r\n", kAccepted},
                                         Case{"Version1_2IsReadAs1_1", line("POST / HTTP/1.2"), kAccepted},
                                         Case{"Version2_0", line("POST / HTTP/2.0"), 505},
                                         Case{"Version0_9", line("POST / HTTP/0.9"), 505},
                                         Case{"Version9_9", line("POST / HTTP/9.9"), 505},
                                         Case{"VersionWithTwoMinorDigits", line("POST / HTTP/1.10"), 400},
                                         Case{"VersionWithoutMinor", line("POST / HTTP/1"), 400},
                                         Case{"VersionInLowerCase", line("POST / http/1.1"), 400},
                                         Case{"OtherProtocol", line("POST / HTCPCP/1.0"), 400},
                                         Case{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
                                         Case{"TargetOf8KiB", target("/" + std::string(8191, 'a')), kAccepted},
                                         Case{"TargetOver8KiB", target("/" + std::string(8192, 'a')), 414},
                                         Case{"TargetOf70KiB", target("/" + std::string(70'000, 'a')), 414},
                                         Case{"TargetThatNeverEnds", "POST /" + std::string(9'000, 'a'), 414}),
                         kName);

INSTANTIATE_TEST_SUITE_P(
    Fields, Rule,
    testing::Values(Case{"SpaceBeforeTheColon", with("X : 1"), 400}, Case{"TabBeforeTheColon", with("X\t: 1"), 400},
                    Case{"NoName", with(": 1"), 400}, Case{"NoColon", with("X"), 400},
                    Case{"SpaceInTheName", with("X Y: 1"), 400}, Case{"NonAsciiName", with("X\xc3\xa9: 1"), 400},
                    Case{"NulInTheName", with(std::string("X") + '\0' + ": 1"), 400},
                    Case{"EmptyValue", with("X:"), kAccepted}, Case{"FoldBySpace", with("X: 1\r\n 2"), 400},
                    Case{"FoldByTab", with("X: 1\r\n\t2"), 400}, Case{"FoldAfterAnEmptyValue", with("X:\r\n 2"), 400},
                    Case{"SpaceBeforeTheFirstField", post(" X: 1\r\nHost: a\r\n"), 400},
                    Case{"HundredFields", post("Host: a\r\n" + repeat("X: 1\r\n", 99)), kAccepted},
                    Case{"HundredAndOneFields", post("Host: a\r\n" + repeat("X: 1\r\n", 100)), 431},
                    Case{"HeadOver16KiB", with("X: " + std::string(17'000, 'b')), 431},
                    Case{"HeadThatNeverEnds", "POST / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'b'), 431},
                    Case{"NameThatNeverEnds", "POST / HTTP/1.1\r\nHost: a\r\nX" + std::string(17'000, 'b'), 431}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    Host, Rule,
    testing::Values(
        Case{"Missing", post("X: 1\r\n"), 400}, Case{"MissingIn1_0", "POST / HTTP/1.0\r\n\r\n", kAccepted},
        Case{"MissingWithAnAbsoluteTarget", "POST http://a/ HTTP/1.1\r\n\r\n", 400},
        Case{"Twice", post("Host: a\r\nHost: a\r\n"), 400},
        Case{"TwiceIn1_0", "POST / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400}, Case{"Empty", post("Host:\r\n"), 400},
        Case{"Name", post("Host: hooks.example.com\r\n"), kAccepted},
        Case{"NameInAnyCase", post("hOST: a\r\n"), kAccepted}, Case{"NameAndPort", post("Host: a:8080\r\n"), kAccepted},
        Case{"V4", post("Host: 127.0.0.1:8080\r\n"), kAccepted}, Case{"V6", post("Host: [::1]:8080\r\n"), kAccepted},
        Case{"V6WithoutEnd", post("Host: [::1\r\n"), 400}, Case{"V6WithoutBrackets", post("Host: ::1\r\n"), 400},
        Case{"V6ThenGarbage", post("Host: [::1]x\r\n"), 400}, Case{"SixDigitPort", post("Host: a:123456\r\n"), 400},
        Case{"PortTooLarge", post("Host: a:65536\r\n"), 400}, Case{"PortOfLetters", post("Host: a:http\r\n"), 400},
        Case{"PortAlone", post("Host: :80\r\n"), 400}, Case{"Userinfo", post("Host: u@a\r\n"), 400},
        Case{"Slash", post("Host: a/b\r\n"), 400}, Case{"Comma", post("Host: a,b\r\n"), 400},
        Case{"Space", post("Host: a b\r\n"), 400}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    ContentLength, Rule,
    testing::Values(Case{"Digits", with("Content-Length: 17"), kAccepted},
                    Case{"LeadingZeros", with("Content-Length: 0017"), kAccepted},
                    Case{"NineteenDigits", with("Content-Length: 9999999999999999999"), kAccepted},
                    Case{"TwentyDigits", with("Content-Length: 00000000000000000017"), 400},
                    Case{"FourHundredDigits", with("Content-Length: " + std::string(400, '9')), 400},
                    Case{"Empty", with("Content-Length:"), 400}, Case{"Plus", with("Content-Length: +17"), 400},
                    Case{"Minus", with("Content-Length: -17"), 400}, Case{"Hex", with("Content-Length: 0x11"), 400},
                    Case{"Exponent", with("Content-Length: 1e1"), 400},
                    Case{"List", with("Content-Length: 17, 17"), 400},
                    Case{"CommaOnly", with("Content-Length: ,"), 400},
                    Case{"Fraction", with("Content-Length: 17.0"), 400},
                    Case{"SpaceInside", with("Content-Length: 1 7"), 400},
                    Case{"NonAsciiDigit", with("Content-Length: 1\xb2"), 400},
                    Case{"TwiceTheSame", with("Content-Length: 17\r\nContent-Length: 17"), 400},
                    Case{"TwiceDifferent", with("Content-Length: 17\r\nContent-Length: 18"), 400}),
    kName);

INSTANTIATE_TEST_SUITE_P(
    TransferEncoding, Rule,
    testing::Values(
        Case{"Chunked", with("Transfer-Encoding: chunked"), kAccepted},
        Case{"ChunkedInAnyCase", with("Transfer-Encoding: ChUnKeD"), kAccepted},
        Case{"Gzip", with("Transfer-Encoding: gzip"), 501}, Case{"Identity", with("Transfer-Encoding: identity"), 501},
        Case{"GzipThenChunked", with("Transfer-Encoding: gzip, chunked"), 501},
        Case{"ChunkedThenGzip", with("Transfer-Encoding: chunked, gzip"), 501},
        Case{"LeadingComma", with("Transfer-Encoding: , chunked"), 501},
        Case{"Suffix", with("Transfer-Encoding: chunkedfoo"), 501},
        Case{"Prefix", with("Transfer-Encoding: xchunked"), 501},
        Case{"Quoted", with("Transfer-Encoding: \"chunked\""), 501},
        Case{"Parameter", with("Transfer-Encoding: chunked;a=b"), 501},
        Case{"NoBreakSpace",
             with("Transfer-Encoding: \xa0"
                  "chunked"),
             501},
        Case{"FormFeed", with("Transfer-Encoding: chunked\f"), 400},
        Case{"VerticalTab", with("Transfer-Encoding:\vchunked"), 400}, Case{"Empty", with("Transfer-Encoding:"), 400},
        Case{"Twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400},
        Case{"WithContentLength", with("Transfer-Encoding: chunked\r\nContent-Length: 17"), 400},
        Case{"WithContentLengthInFront", with("Content-Length: 17\r\nTransfer-Encoding: chunked"), 400},
        Case{"In1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Case{"UnderscoreIsAnotherField", with("Transfer_Encoding: chunked\r\nContent-Length: 17"), kAccepted}),
    kName);

INSTANTIATE_TEST_SUITE_P(ConnectionAndExpect, Rule,
                         testing::Values(Case{"ListOfTokens", with("Connection: foo, ,close"), kAccepted},
                                         Case{"EmptyConnection", with("Connection:"), kAccepted},
                                         Case{"ItemWithASpace", with("Connection: foo close"), 400},
                                         Case{"ItemInQuotes", with("Connection: \"close\""), 400},
                                         Case{"Continue", with("Expect: 100-continue"), kAccepted},
                                         Case{"ContinueInAnyCase", with("Expect: 100-CONTINUE"), kAccepted},
                                         Case{"OtherExpectation", with("Expect: 200-ok"), 417},
                                         Case{"EmptyExpectation", with("Expect:"), 417},
                                         Case{"OtherExpectationIn1_0IsIgnored",
                                              "POST / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n", kAccepted}),
                         kName);

RequestHead head_of(RequestReader& reader, const std::string& bytes) {
  EXPECT_EQ(reader.read(bytes), ReadStatus::ready);
  return reader.head();
}

TEST(RequestReader, GivesAllPartsOfAHead) {
  const std::string bytes =
      "POST /hooks/a%20b?x=1?y HTTP/1.1\r\nHost: h:1\r\nX-Event: \t push \r\nx-event: tag\r\nContent-Length: "
      "2\r\n\r\n{}";
  RequestReader reader;
  const RequestHead head = head_of(reader, bytes);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/hooks/a%20b?x=1?y");
  EXPECT_EQ(head.path, "/hooks/a%20b");
  EXPECT_EQ(head.query, "x=1?y");
  EXPECT_EQ(head.host, "h:1");
  EXPECT_EQ(head.minor_version, 1);
  EXPECT_EQ(head.content_length, 2U);
  EXPECT_FALSE(head.chunked);
  ASSERT_EQ(head.fields.size(), 4U);
  EXPECT_EQ(head.fields[1], Field("X-Event", "push"));
  EXPECT_EQ(head.fields[2], Field("x-event", "tag"));
  EXPECT_EQ(bytes.substr(reader.head_bytes()), "{}");
}

TEST(RequestReader, LetsAnAbsoluteTargetWinOverHost) {
  RequestReader reader;
  const std::string bytes = "POST http://h:1?q HTTP/1.1\r\nHost: other\r\n\r\n";
  const RequestHead head = head_of(reader, bytes);
  EXPECT_EQ(head.host, "h:1");
  EXPECT_EQ(head.path, "/");
  EXPECT_EQ(head.query, "q");
}

TEST(RequestReader, KnowsWhetherTheConnectionPersists) {
  const auto keeps_alive = [](const std::string& bytes) {
    RequestReader reader;
    return head_of(reader, bytes).keep_alive;
  };
  EXPECT_TRUE(keeps_alive(with("X: 1")));
  EXPECT_FALSE(keeps_alive(with("Connection: foo, CLOSE")));
  EXPECT_FALSE(keeps_alive(with("Connection: keep-alive\r\nConnection: close")));
  EXPECT_FALSE(keeps_alive("POST / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps_alive("POST / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestReader, ExpectsContinueOnlyIn1_1) {
  RequestReader reader;
  const std::string expects = with("Expect: 100-continue\r\nContent-Length: 1");
  head_of(reader, expects);
  EXPECT_TRUE(reader.expects_continue());
  reader.restart();
  const std::string old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n";
  head_of(reader, old);
  EXPECT_FALSE(reader.expects_continue());
}

TEST(RequestReader, CarriesNothingOverToTheNextHead) {
  RequestReader reader;
  const std::string first = with("Transfer-Encoding: chunked\r\nConnection: close");
  head_of(reader, first);
  reader.restart();
  const std::string second = with("Content-Length: 1");
  const RequestHead head = head_of(reader, second);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_EQ(head.fields.size(), 2U);
}

TEST(RequestReader, RefusesAtOnceWhatCannotBecomeARequest) {
  EXPECT_EQ(status_of(std::string(1, '\0')), 400);
  EXPECT_EQ(status_of("\x16\x03\x01"), 400);
  EXPECT_EQ(status_of("\r\r"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: a\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/3.0\r\n"), 505);
}

TEST(RequestReader, WaitsForWhatMayStillBecomeOne) {
  const std::string whole = "\r\n" + with("X: 1");
  for (std::size_t cut = 0; cut < whole.size(); ++cut) EXPECT_EQ(status_of(whole.substr(0, cut)), -1) << cut;
}

TEST(RequestReader, CountsEmptyLinesInFrontIntoTheHead) {
  RequestReader reader;
  const std::string bytes = "\r\n\r\n" + with("X: 1") + "body";
  head_of(reader, bytes);
  EXPECT_EQ(bytes.substr(reader.head_bytes()), "body");
}

TEST(RequestReader, KeepsTheLimitsItWasGiven) {
  const auto status = [](HeadLimits limits, const std::string& bytes) {
    RequestReader reader{limits};
    return reader.read(bytes) == ReadStatus::refused ? reader.refusal() : kAccepted;
  };
  const std::string bytes = with("X: 1");
  EXPECT_EQ(status({.head_bytes_max = bytes.size()}, bytes), kAccepted);
  EXPECT_EQ(status({.head_bytes_max = bytes.size() - 1}, bytes), 431);
  EXPECT_EQ(status({.target_bytes_max = 7}, bytes), 414);
  EXPECT_EQ(status({.fields_max = 1}, bytes), 431);
}

}  // namespace
}  // namespace penstock::http
