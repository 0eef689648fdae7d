#include "tools/schema/schema_check.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>

namespace penstock::schema {
namespace {

namespace json = boost::json;

class Checker {
 public:
  explicit Checker(const json::value& root) : root_{root} {}

  [[nodiscard]] std::string check(const json::value& schema, const json::value& value, const std::string& at) const {
    for (const auto& [keyword, rule] : schema.as_object()) {
      if (std::string fault = check_keyword(keyword, rule, schema.as_object(), value, at); !fault.empty()) return fault;
    }
    return {};
  }

 private:
  [[nodiscard]] std::string check_keyword(std::string_view keyword, const json::value& rule, const json::object& schema,
                                          const json::value& value, const std::string& at) const {
    static const std::set<std::string_view> only_said{"$schema", "$id", "title", "description", "$defs"};
    if (only_said.contains(keyword)) return {};
    if (keyword == "$ref") return check(root_.at_pointer(std::string_view{rule.as_string()}.substr(1)), value, at);
    if (std::optional<std::string> fault = check_value(keyword, rule, value, at)) return *fault;
    if (keyword == "pattern" || keyword == "minLength" || keyword == "maxLength")
      return check_text(keyword, rule, value, at);
    if (keyword == "minimum" || keyword == "maximum") return check_number(keyword, rule, value, at);
    if (keyword == "items" || keyword == "minItems" || keyword == "maxItems")
      return check_items(keyword, rule, value, at);
    return check_object(keyword, rule, schema, value, at);
  }

  /// nullopt: the keyword is none of these.
  [[nodiscard]] std::optional<std::string> check_value(std::string_view keyword, const json::value& rule,
                                                       const json::value& value, const std::string& at) const {
    if (keyword == "type") return has_type(rule, value) ? "" : at + " is no " + json::serialize(rule);
    if (keyword == "enum") return holds(rule.as_array(), value) ? "" : at + " is none of " + json::serialize(rule);
    if (keyword == "const") return rule == value ? "" : at + " is not " + json::serialize(rule);
    if (keyword == "not") return check(rule, value, at).empty() ? at + " must not be" : "";
    if (keyword == "anyOf") return check_any(rule.as_array(), value, at);
    return std::nullopt;
  }

  static bool has_type(const json::value& rule, const json::value& value) {
    if (const json::array* types = rule.if_array()) {
      return std::any_of(types->begin(), types->end(), [&](const json::value& type) { return has_type(type, value); });
    }
    const std::string_view type = rule.as_string();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    if (type == "number") return value.is_number();
    throw std::logic_error{"unknown type " + std::string{type}};
  }

  static bool holds(const json::array& values, const json::value& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  }

  [[nodiscard]] std::string check_any(const json::array& schemas, const json::value& value,
                                      const std::string& at) const {
    std::string faults;
    for (const json::value& schema : schemas) {
      const std::string fault = check(schema, value, at);
      if (fault.empty()) return {};
      faults += (faults.empty() ? "" : "; ") + fault;
    }
    return faults;
  }

  static std::string check_text(std::string_view keyword, const json::value& rule, const json::value& value,
                                const std::string& at) {
    const json::string* text = value.if_string();
    if (text == nullptr) return {};
    if (keyword == "minLength") return text->size() >= rule.to_number<std::size_t>() ? "" : at + " is too short";
    if (keyword == "maxLength") return text->size() <= rule.to_number<std::size_t>() ? "" : at + " is too long";
    const std::string pattern{std::string_view{rule.as_string()}};
    // GoogleTest's regular expressions are POSIX's: all that the schema's patterns need.
    return testing::Value(std::string{std::string_view{*text}}, testing::ContainsRegex(pattern))
               ? ""
               : at + " does not match " + json::serialize(rule);
  }

  static std::string check_number(std::string_view keyword, const json::value& rule, const json::value& value,
                                  const std::string& at) {
    if (!value.is_number()) return {};
    const auto number = value.to_number<double>();
    const auto bound = rule.to_number<double>();
    return (keyword == "minimum" ? number >= bound : number <= bound) ? "" : at + " is out of range";
  }

  [[nodiscard]] std::string check_items(std::string_view keyword, const json::value& rule, const json::value& value,
                                        const std::string& at) const {
    const json::array* items = value.if_array();
    if (items == nullptr) return {};
    if (keyword == "minItems") return items->size() >= rule.to_number<std::size_t>() ? "" : at + " has too few";
    if (keyword == "maxItems") return items->size() <= rule.to_number<std::size_t>() ? "" : at + " has too many";
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (std::string fault = check(rule, (*items)[i], at + '/' + std::to_string(i)); !fault.empty()) return fault;
    }
    return {};
  }

  [[nodiscard]] std::string check_object(std::string_view keyword, const json::value& rule, const json::object& schema,
                                         const json::value& value, const std::string& at) const {
    static const std::set<std::string_view> known{"properties", "additionalProperties", "required", "propertyNames",
                                                  "minProperties"};
    if (!known.contains(keyword)) throw std::logic_error{"the check does not know " + std::string{keyword}};
    const json::object* object = value.if_object();
    if (object == nullptr) return {};
    if (keyword == "minProperties") return object->size() >= rule.to_number<std::size_t>() ? "" : at + " is empty";
    if (keyword == "required") {
      for (const json::value& name : rule.as_array()) {
        if (!object->contains(name.as_string())) return at + " lacks " + json::serialize(name);
      }
      return {};
    }
    for (const auto& [name, member] : *object) {
      if (std::string fault = check_member(keyword, rule, schema, name, member, at); !fault.empty()) return fault;
    }
    return {};
  }

  [[nodiscard]] std::string check_member(std::string_view keyword, const json::value& rule, const json::object& schema,
                                         std::string_view name, const json::value& member,
                                         const std::string& at) const {
    const std::string there = at + '/' + std::string{name};
    if (keyword == "propertyNames") return check(rule, json::value(name), there);
    const json::value* properties = schema.if_contains("properties");
    const json::value* own = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
    if (keyword == "properties") return own == nullptr ? "" : check(*own, member, there);
    if (own != nullptr) return {};
    if (rule.is_bool()) return rule.as_bool() ? "" : there + " is unknown";
    return check(rule, member, there);
  }

  const json::value& root_;
};

}  // namespace

std::string check_schema(const json::value& schema, const json::value& value) {
  return Checker{schema}.check(schema, value, "");
}

}  // namespace penstock::schema
