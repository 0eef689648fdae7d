#include <gtest/gtest.h>
#include <penstock/dedup.hpp>
#include <penstock/error.hpp>

#include <chrono>
#include <string>

namespace penstock {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string refusal(const Route& id, seconds window) {
  try {
    const Dedup dedup{id, window};
    return "none";
  } catch (const SetupError& error) {
    return error.what();
  }
}

TEST(Dedup, KeepsPlaceAndWindow) {
  const Dedup dedup{Route::header("x-github-delivery"), hours{24}};
  EXPECT_EQ(dedup.window(), hours{24});
  const Dedup copy = dedup;  // NOLINT(performance-unnecessary-copy-initialization): that is what is tried.
  EXPECT_EQ(&copy.id(), &dedup.id()) << "a copy shares the place";
}

TEST(Dedup, RefusesARouteWithoutPlaces) {
  EXPECT_EQ(refusal(Route{}, hours{1}), "dedup: names no place; give the header or JSON field of the delivery id");
}

TEST(Dedup, RefusesWindowsThatNobodyCanMean) {
  const Route id = Route::json("/id");
  EXPECT_EQ(refusal(id, seconds{0}), "dedup: a window of 0 s; give 1 s to 366 days");
  EXPECT_EQ(refusal(id, seconds{-5}), "dedup: a window of -5 s; give 1 s to 366 days");
  EXPECT_EQ(refusal(id, hours{366 * 24} + seconds{1}), "dedup: a window of 31622401 s; give 1 s to 366 days");
  EXPECT_EQ(refusal(id, seconds{1}), "none");
  EXPECT_EQ(refusal(id, hours{366 * 24}), "none");
}

}  // namespace
}  // namespace penstock
