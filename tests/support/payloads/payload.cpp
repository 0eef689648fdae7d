#include "support/payloads/payload.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace penstock::support {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

Payload read_payload(std::string_view name) {
  const std::string path = std::string{PENSTOCK_PAYLOADS "/"} + std::string{name};
  Payload payload{.body = read_file(path + ".json"), .fields = {}};
  const boost::json::value fields = boost::json::parse(read_file(path + ".headers.json"));
  for (const boost::json::value& field : fields.as_array()) {
    payload.fields.emplace_back(field.at(0).as_string(), field.at(1).as_string());
  }
  return payload;
}

}  // namespace penstock::support
