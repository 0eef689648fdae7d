// The one form of an error in the admin API: `{"error":"bad_topic","message":"what is wrong and how to mend it"}`.
//
// On the request's I/O thread. `error` and `message` are our own words: they hold nothing that JSON would want escaped.

#pragma once

#include "http/handler.hpp"

#include <span>
#include <string_view>

namespace penstock::admin {

void answer_error(http::Responder& responder, int status, std::string_view error, std::string_view message,
                  std::span<const http::Field> fields = {});

}  // namespace penstock::admin
