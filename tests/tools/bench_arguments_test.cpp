#include "bench_arguments.hpp"

#include "command_line.hpp"
#include "tools/config/reading.hpp"
#include "wrong_use.hpp"
#include <gmock/gmock.h>

#include <string>
#include <variant>

namespace penstock::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BenchArguments, WithoutAnyAreAHundredThousandEventsOfAKibibyteHere) {
  const BenchOptions options = bench_options({});
  EXPECT_EQ(options.dir, ".");
  EXPECT_EQ(options.events, 100'000U);
  EXPECT_EQ(options.payload_bytes, 1'024U);
  EXPECT_THAT(options.in_flight, ElementsAre(1, 64, 1'024));
  EXPECT_EQ(options.rate_per_s, 0);
  EXPECT_EQ(options.time_max, std::chrono::seconds{10});
}

TEST(BenchArguments, AreReadFromTheCommandLine) {
  const Asked asked = parse_command_line({"bench", "journal", "/data", "--events", "2M", "--payload", "8KiB",
                                          "--in-flight", "1,128", "--rate", "500/s", "--time", "2m", "--json"},
                                         config::environment_of({}), {});
  const auto* options = std::get_if<BenchOptions>(&asked);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->dir, "/data");
  EXPECT_EQ(options->events, 2'000'000U);
  EXPECT_EQ(options->payload_bytes, 8'192U);
  EXPECT_THAT(options->in_flight, ElementsAre(1, 128));
  EXPECT_EQ(options->rate_per_s, 500);
  EXPECT_EQ(options->time_max, std::chrono::minutes{2});
  EXPECT_TRUE(options->common.json);
}

TEST(BenchArguments, ThatMakeNoSenseAreNamed) {
  const auto refused = [](BenchFields fields) -> std::string {
    try {
      (void)bench_options(fields);
    } catch (const WrongUse& wrong) {
      return wrong.what();
    }
    return "taken";
  };
  for (const char* events : {"", "0", "-1", "1.5", "k", "51M", "9999999999999999999999", "1kk"}) {
    EXPECT_THAT(refused({.events = events}), HasSubstr("--events: write a number from 1 to 50000000")) << events;
  }
  EXPECT_THAT(refused({.payload = "10"}), HasSubstr("--payload '10': a size needs a unit"));
  EXPECT_THAT(refused({.payload = "17MiB"}), HasSubstr("--payload: from 1B to 16MiB"));
  EXPECT_THAT(refused({.in_flight = {"0"}}), HasSubstr("--in-flight: write a number"));
  EXPECT_THAT(refused({.payload = "1MiB", .in_flight = {"65"}}), HasSubstr("--in-flight times --payload"));
  EXPECT_THAT(refused({.rate = "fast"}), HasSubstr("--rate"));
  EXPECT_THAT(refused({.time = "0s"}), HasSubstr("--time must be above 0"));
}

}  // namespace
}  // namespace penstock::command
