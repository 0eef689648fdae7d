// The part of JSON Schema (draft 2020-12) that docs/reference/penstock.schema.json uses, for its tests.
//
//     std::string fault = check_schema(schema, value);   // empty: valid; else where and why
//
// A keyword that is not known here throws, so that no rule of the schema is passed over in silence.

#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace penstock::schema {

[[nodiscard]] std::string check_schema(const boost::json::value& schema, const boost::json::value& value);

}  // namespace penstock::schema
