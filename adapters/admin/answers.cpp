#include "admin/answers.hpp"

#include <string>

namespace penstock::admin {

void answer_error(http::Responder& responder, int status, std::string_view error, std::string_view message,
                  std::span<const http::Field> fields) {
  std::string body = R"({"error":")";
  body.append(error).append(R"(","message":")").append(message).append(R"("})");
  responder.answer({.status = status, .body = body, .fields = fields});
}

}  // namespace penstock::admin
