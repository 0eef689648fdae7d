#include "verify/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace penstock::verify {
namespace {

template <typename T, typename = void>
struct IsPrintable : std::false_type {};
template <typename T>
struct IsPrintable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<const T&>())>>
    : std::true_type {};

static_assert(IsPrintable<std::string_view>::value, "the question is well put");
static_assert(!IsPrintable<Secret>::value);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, std::string_view> &&
              !std::is_convertible_v<Secret, bool>);
static_assert(!std::is_constructible_v<Secret, const std::string&>, "a copy would stay behind");
static_assert(!std::is_convertible_v<std::string, Secret>, "made on purpose only");
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

TEST(Secret, EqualsItselfAndNothingElse) {
  const Secret secret{std::string{"s3cret"}};
  EXPECT_TRUE(secret.equals("s3cret"));
  for (const std::string_view other :
       {std::string_view{""}, std::string_view{"s3cre"}, std::string_view{"s3cret1"}, std::string_view{"S3cret"},
        std::string_view{"s3cret "}, std::string_view{"s3cret\0", 7}}) {
    EXPECT_FALSE(secret.equals(other)) << other;
  }
}

TEST(Secret, ComparesEveryByteAndNotAsText) {
  using namespace std::string_view_literals;
  const Secret secret{std::string{"a\0b"sv}};
  EXPECT_TRUE(secret.equals("a\0b"sv));
  EXPECT_FALSE(secret.equals("a\0c"sv));
  EXPECT_FALSE(secret.equals("a"sv));
}

TEST(Secret, EqualsNothingWhenItIsEmpty) {
  const Secret secret{std::string{}};
  EXPECT_TRUE(secret.empty());
  EXPECT_FALSE(secret.equals(""));
}

// A short text lies inside its object, where a move leaves all of it but the first byte: so this looks for the rest.
bool holds(const void* object, std::size_t bytes, std::string_view text) {
  return std::string_view{static_cast<const char*>(object), bytes}.find(text.substr(1)) != std::string_view::npos;
}

// NOLINTBEGIN(bugprone-use-after-move,bugprone-sizeof-container,clang-analyzer-cplusplus.Move): what a move leaves is
// the question.
TEST(Secret, WipesTheTextItIsMadeFrom) {
  std::string given = "short";
  ASSERT_TRUE(holds(&given, sizeof given, "short"));
  const Secret secret{std::move(given)};
  EXPECT_EQ(secret.reveal(), "short");
  EXPECT_FALSE(holds(&given, sizeof given, "short"));
  EXPECT_TRUE(given.empty());
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  for (const std::string& text : {std::string{"short"}, std::string(100, 'x')}) {
    Secret first{std::string{text}};
    const Secret second{std::move(first)};
    EXPECT_TRUE(second.equals(text));
    EXPECT_FALSE(holds(&first, sizeof first, text));
    EXPECT_TRUE(first.empty());
    EXPECT_FALSE(first.equals(text));
    EXPECT_FALSE(first.equals(""));
    Secret third{std::string{"other"}};
    Secret fourth{std::string{text}};
    third = std::move(fourth);
    EXPECT_TRUE(third.equals(text));
    EXPECT_FALSE(holds(&fourth, sizeof fourth, text));
  }
}
// NOLINTEND(bugprone-use-after-move,bugprone-sizeof-container,clang-analyzer-cplusplus.Move)

TEST(Secret, WipesItsBytesWhenItEnds) {
  alignas(Secret) std::array<unsigned char, sizeof(Secret)> place{};
  auto* const secret = new (place.data()) Secret{std::string{"short"}};
  ASSERT_TRUE(holds(place.data(), place.size(), "short"));
  std::destroy_at(secret);
  EXPECT_FALSE(holds(place.data(), place.size(), "short"));
}

TEST(Secret, TakesTheOtherOnesPlaceWhenItIsAssigned) {
  Secret secret{std::string{"old"}};
  secret = Secret{std::string{"new"}};
  EXPECT_TRUE(secret.equals("new"));
  EXPECT_FALSE(secret.equals("old"));
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_TRUE(secret.equals("new"));
}

}  // namespace
}  // namespace penstock::verify
