#include "http/chunk_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace penstock::http {
namespace {

constexpr int kWhole = 0;
constexpr int kWaits = -1;
constexpr std::uint64_t kBodyBytesMax = 1U << 20U;

struct Reading {
  int status;
  std::string body;
  std::string rest;  // What is behind the request.
};

Reading read(std::string_view input, std::uint64_t body_bytes_max = kBodyBytesMax) {
  ChunkReader reader;
  reader.start(body_bytes_max);
  Reading reading{};
  while (true) {
    const ChunkStep step = reader.next(input);
    input.remove_prefix(step.consumed);
    if (step.status == ChunkStatus::done) return {kWhole, reading.body, std::string(input)};
    if (step.status == ChunkStatus::refused) return {reader.refusal(), reading.body, std::string(input)};
    if (step.data_bytes == 0) return {kWaits, reading.body, std::string(input)};
    reading.body.append(input.substr(0, step.data_bytes));
    reader.took(step.data_bytes);
    input.remove_prefix(step.data_bytes);
  }
}

struct Case {
  std::string name;
  std::string bytes;
  int status;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string one(const std::string& line) { return line + "\r\nabc\r\n0\r\n\r\n"; }
std::string trailers(const std::string& lines) { return "3\r\nabc\r\n0\r\n" + lines + "\r\n"; }

class Chunk : public testing::TestWithParam<Case> {};

TEST_P(Chunk, IsReadAs) {
  const Reading reading = read(GetParam().bytes);
  EXPECT_EQ(reading.status, GetParam().status);
  EXPECT_TRUE(reading.status != kWhole || reading.body == "abc") << reading.body;
}

const auto kName = [](const auto& test) { return test.param.name; };

INSTANTIATE_TEST_SUITE_P(
    Sizes, Chunk,
    testing::Values(Case{"OneDigit", one("3"), kWhole}, Case{"SixteenDigits", one("0000000000000003"), kWhole},
                    Case{"SeventeenDigits", one("00000000000000003"), 400}, Case{"Letters", one("xyz"), 400},
                    Case{"Empty", one(""), 400}, Case{"Minus", one("-3"), 400}, Case{"Plus", one("+3"), 400},
                    Case{"Prefix0x", one("0x3"), 400}, Case{"SpaceInFront", one(" 3"), 400},
                    Case{"SpaceBehind", one("3 "), 400}, Case{"Underscore", one("0_3"), 400},
                    Case{"Comma", one("3,"), 400}, Case{"LfAlone", "3\nabc\r\n0\r\n\r\n", 400},
                    Case{"CrAlone", "3\rabc\r\n0\r\n\r\n", 400}, Case{"OverTheLimit", one("100001"), 413},
                    Case{"TwoPow63", one("8000000000000000"), 413}, Case{"AllOnes", one("ffffffffffffffff"), 413}),
    kName);

INSTANTIATE_TEST_SUITE_P(Data, Chunk,
                         testing::Values(Case{"WithoutCrLf", "3\r\nabc0\r\n\r\n", 400},
                                         Case{"LfAlone", "3\r\nabc\n0\r\n\r\n", 400},
                                         Case{"CrAlone", "3\r\nabc\r0\r\n\r\n", 400},
                                         Case{"TooLong", "3\r\nabcd\r\n0\r\n\r\n", 400},
                                         Case{"TwoChunks", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", kWhole},
                                         Case{"LastChunkOfManyZeros", "3\r\nabc\r\n0000\r\n\r\n", kWhole},
                                         Case{"NoLastChunk", "3\r\nabc\r\n", kWaits},
                                         Case{"EndOfTrailersMissing", "3\r\nabc\r\n0\r\n", kWaits},
                                         Case{"EndOfTrailersHalf", "3\r\nabc\r\n0\r\n\r", kWaits},
                                         Case{"EndOfTrailersWrong", "3\r\nabc\r\n0\r\n\rX", 400}),
                         kName);

INSTANTIATE_TEST_SUITE_P(
    Extensions, Chunk,
    testing::Values(Case{"NameOnly", one("3;a"), kWhole}, Case{"NameAndToken", one("3;a=b"), kWhole},
                    Case{"Quoted", one("3;a=\"b;\\\"c\""), kWhole}, Case{"Several", one("3;a;b=c;d=\"\""), kWhole},
                    Case{"BlanksAroundTheSemicolon", one("3 \t; \ta=b ;c"), kWhole}, Case{"NoName", one("3;"), 400},
                    Case{"NoValue", one("3;a="), 400}, Case{"OpenQuote", one("3;a=\"b"), 400},
                    Case{"GarbageBehindAQuote", one("3;a=\"b\"c"), 400}, Case{"BlankAtTheEnd", one("3;a "), 400},
                    Case{"BlankAroundTheEqualSign", one("3;a =b"), 400}, Case{"LfInside", one("3;a\nb"), 400},
                    Case{"LfInQuotes", one("3;a=\"\nb\""), 400}, Case{"CrInside", one("3;a\rb"), 400},
                    Case{"NulInside", one(std::string("3;a") + '\0'), 400},
                    Case{"LineOf512Bytes", one("3;" + std::string(508, 'a')), kWhole},
                    Case{"LineOf513Bytes", one("3;" + std::string(509, 'a')), 400}),
    kName);

INSTANTIATE_TEST_SUITE_P(Trailers, Chunk,
                         testing::Values(Case{"OneField", trailers("X: 1\r\n"), kWhole},
                                         Case{"FramingFieldsMeanNothing",
                                              trailers("Content-Length: 9\r\nTransfer-Encoding: gzip\r\n"), kWhole},
                                         Case{"NoColon", trailers("X\r\n"), 400},
                                         Case{"NoName", trailers(": 1\r\n"), 400},
                                         Case{"SpaceBeforeTheColon", trailers("X : 1\r\n"), 400},
                                         Case{"Fold", trailers("X: 1\r\n 2\r\n"), 400},
                                         Case{"LfAlone", trailers("X: 1\n"), 400},
                                         Case{"NulInside", trailers(std::string("X: ") + '\0' + "\r\n"), 400},
                                         Case{"Of4KiB", trailers("X: " + std::string(4089, 'b') + "\r\n"), kWhole},
                                         Case{"Over4KiB", trailers("X: " + std::string(4090, 'b') + "\r\n"), 431},
                                         Case{"NeverEnding", "0\r\nX: " + std::string(5000, 'b'), 431}),
                         kName);

TEST(ChunkReader, LeavesTheNextRequestAlone) {
  EXPECT_EQ(read("3\r\nabc\r\n0\r\n\r\nPOST / HTTP/1.1").rest, "POST / HTTP/1.1");
}

TEST(ChunkReader, RefusesOnTheDeclaredSizeBeforeAnyDataOfIt) {
  const Reading reading = read("2\r\nab\r\n2\r\n", 3);
  EXPECT_EQ(reading.status, 413);
  EXPECT_EQ(reading.body, "ab");
  EXPECT_EQ(read("2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 3).status, kWhole);
}

TEST(ChunkReader, BoundsTheExtensionsOfAllChunksTogether) {
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += "1;" + std::string(250, 'a') + "\r\nx\r\n";
  EXPECT_EQ(read(bytes).status, 400);
}

}  // namespace
}  // namespace penstock::http
