#include <gtest/gtest.h>
#include <penstock/error.hpp>
#include <penstock/route.hpp>

#include <functional>
#include <string>
#include <vector>

namespace penstock {
namespace {

std::string text_of_refusal(const std::function<void()>& make) {
  try {
    make();
  } catch (const SetupError& error) {
    return error.what();
  }
  return "taken";
}

TEST(RouteTest, KeepsItsPlacesInOrder) {
  const Route route = Route::first_of({Route::header("X-A"), Route::json("/b"), Route::first_of({Route::header("c")})});
  ASSERT_EQ(route.places().size(), 3U);
  EXPECT_EQ(route.places()[0].kind, Route::Kind::header);
  EXPECT_EQ(route.places()[0].name, "X-A");
  EXPECT_EQ(route.places()[1].kind, Route::Kind::json);
  EXPECT_EQ(route.places()[1].name, "/b");
  EXPECT_EQ(route.places()[2].name, "c");
}

TEST(RouteTest, TakesEveryByteOfAFieldName) { EXPECT_EQ(Route::header("!#$%&'*+-.^_`|~09azAZ").places().size(), 1U); }

TEST(RouteTest, RefusesWhatIsNoFieldNameAndSaysSo) {
  for (const std::string name : {"", " ", "a b", "a:", "a\r\n", "a/b", "(a)", "caf\xc3\xa9", "a\"", "a,b"}) {
    const std::string text = text_of_refusal([&] { (void)Route::header(name); });
    EXPECT_NE(text.find("header '" + name + "'"), std::string::npos) << text;
    EXPECT_NE(text.find("x-github-event"), std::string::npos) << text;
  }
}

TEST(RouteTest, RefusesWhatIsNoPointerAndSaysWhy) {
  const std::string no_slash = text_of_refusal([] { (void)Route::json("type"); });
  EXPECT_NE(no_slash.find("'type'"), std::string::npos) << no_slash;
  EXPECT_NE(no_slash.find("begin with '/'"), std::string::npos) << no_slash;
  EXPECT_NE(no_slash.find("/event_name"), std::string::npos) << no_slash;
  const std::string bad_escape = text_of_refusal([] { (void)Route::json("/a~2"); });
  EXPECT_NE(bad_escape.find("'~'"), std::string::npos) << bad_escape;
  EXPECT_NE(text_of_refusal([] { (void)Route::json(""); }), "taken") << "a pointer to the whole payload";
}

TEST(RouteTest, RefusesToNameNoPlace) {
  EXPECT_NE(text_of_refusal([] { (void)Route::first_of(std::vector<Route>{}); }).find("no place"), std::string::npos);
  EXPECT_NE(text_of_refusal([] { (void)Route::first_of({Route{}}); }).find("no place"), std::string::npos);
}

}  // namespace
}  // namespace penstock
