#include "admin/answers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace penstock::admin {
namespace {

/// Keeps the answer that it is given.
class Notepad : public http::Responder {
 public:
  void answer(const http::Answer& answer) override {
    status = answer.status;
    body = answer.body;
    content_type = answer.content_type;
    fields.assign(answer.fields.begin(), answer.fields.end());
  }
  std::shared_ptr<http::Stream> stream(const http::Answer& /*head*/) override { return nullptr; }
  void post(std::function<void()> /*work*/) override {}
  std::shared_ptr<Responder> later() override { return nullptr; }

  int status = 0;
  std::string body;
  std::string content_type;
  std::vector<http::Field> fields;
};

TEST(Answers, GiveErrorsOneForm) {
  Notepad notepad;
  const std::vector<http::Field> fields{{"retry-after", "1"}};
  answer_error(notepad, 503, "full", "the memory budget is used up", fields);
  EXPECT_EQ(notepad.status, 503);
  EXPECT_EQ(notepad.body, R"({"error":"full","message":"the memory budget is used up"})");
  EXPECT_EQ(notepad.content_type, "application/json");
  EXPECT_EQ(notepad.fields, fields);
}

}  // namespace
}  // namespace penstock::admin
