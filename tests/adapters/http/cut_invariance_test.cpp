// Where packets are cut must change nothing: neither what is refused and why, nor any part of a request, nor its body.
// Seeds are mutated and read once whole and once cut at random. The runs are the same every time.

#include "fuzz/http_request/request_outcome.hpp"
#include "fuzz/http_request/seeds.hpp"
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace penstock::http::fuzz {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr int kInputs = 40'000;
#else
constexpr int kInputs = 200'000;
#endif

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_{std::move(seeds)} {}

  std::string next() {
    std::string bytes = any_seed();
    for (std::size_t changes = below(4); changes > 0; --changes) change(bytes);
    return bytes;
  }

  std::vector<std::size_t> cuts(std::size_t bytes) {
    // All byte by byte now and then: short inputs only, as it takes the square of their length.
    std::vector<std::size_t> places;
    if (bytes < 300 && below(8) == 0) {
      for (std::size_t i = 1; i < bytes; ++i) places.push_back(i);
      return places;
    }
    for (std::size_t n = 1 + below(6); n > 0; --n) places.push_back(below(bytes + 1));
    std::sort(places.begin(), places.end());
    return places;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  const std::string& any_seed() { return seeds_[below(seeds_.size())]; }

  void change(std::string& bytes) {
    static const std::vector<std::string> pieces{"\r\n",
                                                 "\n",
                                                 "\r",
                                                 "\r\n\r\n",
                                                 " ",
                                                 "\t",
                                                 std::string(1, '\0'),
                                                 ":",
                                                 ";",
                                                 "=",
                                                 "\"",
                                                 "0",
                                                 "f",
                                                 "%",
                                                 ",",
                                                 "\x80",
                                                 "\x7f",
                                                 "chunked",
                                                 "Content-Length: 5\r\n",
                                                 "Transfer-Encoding: chunked\r\n",
                                                 "Host: b\r\n"};
    const std::size_t at = below(bytes.size() + 1);
    const std::size_t length = std::min(bytes.size() - at, below(9));
    switch (below(5)) {
      case 0: bytes.insert(at, pieces[below(pieces.size())]); return;
      case 1: bytes.erase(at, length); return;
      case 2: bytes.replace(at, length, pieces[below(pieces.size())]); return;
      case 3:
        if (at < bytes.size()) bytes[at] = static_cast<char>(below(256));
        return;
      default: {
        // The front of one request and the back of another.
        const std::string& other = any_seed();
        bytes = bytes.substr(0, at) + other.substr(below(other.size()));
        return;
      }
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937_64 random_{20'261'124};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same inputs every time.
};

TEST(CutInvariance, HoldsForEverySeedCutAnywhere) {
  const std::vector<std::string> all = seeds(HTTP_CASES);
  ASSERT_GT(all.size(), 120U);
  for (const std::string& bytes : all) {
    const std::string whole = outcome_of(bytes, {});
    // Long ones are long by repetition: their first and last bytes are where something happens.
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      if (cut == 600 && bytes.size() > 1'200) cut = bytes.size() - 600;
      ASSERT_EQ(outcome_of(bytes, {cut}), whole) << "cut behind " << cut << " bytes of " << bytes.substr(0, 300);
    }
  }
}

TEST(CutInvariance, HoldsForMutatedRequestsCutAtRandom) {
  Mutator mutator{seeds(HTTP_CASES)};
  int whole_requests = 0;
  int refused = 0;
  for (int i = 0; i < kInputs; ++i) {
    const std::string bytes = mutator.next();
    const std::vector<std::size_t> cuts = mutator.cuts(bytes.size());
    const std::string whole = outcome_of(bytes, {});
    ASSERT_EQ(outcome_of(bytes, cuts), whole) << "input " << i << ": " << bytes.substr(0, 2'000);
    whole_requests += whole.find("\nwhole\n") != std::string::npos ? 1 : 0;
    refused += whole.find(" refused ") != std::string::npos ? 1 : 0;
  }
  // Inputs that were all refused, or all taken, would prove nothing.
  EXPECT_GT(whole_requests, kInputs / 20);
  EXPECT_GT(refused, kInputs / 20);
}

TEST(CutInvariance, IsFoundBrokenWhenAReaderLooksAtPacketsNotBytes) {
  // The comparison itself must be able to fail: another body is another outcome, and so is a refusal in place of a
  // wait.
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
  EXPECT_NE(outcome_of(bytes + "abc", {}), outcome_of(bytes + "abd", {}));
  EXPECT_NE(outcome_of(bytes + "ab", {}), outcome_of(bytes + "abc", {}));
  EXPECT_NE(outcome_of(bytes, {}), outcome_of("\n" + bytes, {}));
}

}  // namespace
}  // namespace penstock::http::fuzz
