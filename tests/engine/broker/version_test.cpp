#include <gtest/gtest.h>
#include <penstock/version.hpp>

#include <cstring>
#include <string>

namespace penstock {
namespace {

TEST(Version, IsTheProjects) {
  EXPECT_EQ(version(), PROJECT_VERSION_TEXT);
  EXPECT_EQ(version(), PENSTOCK_VERSION);
  EXPECT_EQ(std::strlen(version().data()), version().size()) << "fit for printf";
}

TEST(Version, IsTheSameInEachOfItsMacros) {
  EXPECT_EQ(std::to_string(PENSTOCK_VERSION_MAJOR) + "." + std::to_string(PENSTOCK_VERSION_MINOR) + "." +
                std::to_string(PENSTOCK_VERSION_PATCH),
            PENSTOCK_VERSION);
  EXPECT_EQ(PENSTOCK_VERSION_NUMBER,
            PENSTOCK_VERSION_MAJOR * 10'000 + PENSTOCK_VERSION_MINOR * 100 + PENSTOCK_VERSION_PATCH);
}

}  // namespace
}  // namespace penstock
