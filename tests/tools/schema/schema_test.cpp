// docs/reference/penstock.schema.json against the program, the examples, and files that both must refuse.

#include "config/keys.hpp"
#include "config/yaml_tree.hpp"
#include "tools/config/reading.hpp"
#include "tools/schema/schema_check.hpp"
#include "verify/verifier.hpp"
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace penstock::schema {
namespace {

namespace json = boost::json;
using config::Section;
using config::YamlNode;

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

const json::value& the_schema() {
  static const json::value schema =
      json::parse(read(std::filesystem::path{PENSTOCK_ROOT} / "docs/reference/penstock.schema.json"));
  return schema;
}

/// A scalar as YAML 1.2's core schema reads it, which is what editors check against.
json::value scalar(const YamlNode& node) {
  if (node.quoted) return json::string{node.text};
  if (node.text == "true" || node.text == "false") return node.text == "true";
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), integer);
  if (error == std::errc{} && end == node.text.data() + node.text.size()) return integer;
  return json::string{node.text};
}

json::value value_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::null) return nullptr;
  if (node.kind == YamlNode::Kind::scalar) return scalar(node);
  if (node.kind == YamlNode::Kind::list) {
    json::array list;
    for (const YamlNode& item : node.items) list.push_back(value_of(item));
    return list;
  }
  json::object map;
  for (const YamlNode::Entry& entry : node.entries) map[entry.key] = value_of(node.value(entry));
  return map;
}

std::string fault_of(const std::string& yaml) {
  config::Problems problems{"f"};
  const std::optional<YamlNode> root = config::read_yaml(yaml, problems);
  if (!root) throw std::runtime_error{problems.line(problems.list().at(0))};
  return check_schema(the_schema(), value_of(*root));
}

TEST(Schema, KnowsExactlyTheKeysThatTheProgramKnows) {
  const std::map<Section, std::string> places{{Section::file, ""},
                                              {Section::admin, "/$defs/admin"},
                                              {Section::tokens, "/$defs/tokens"},
                                              {Section::journal, "/$defs/journal"},
                                              {Section::retain, "/$defs/retain"},
                                              {Section::limits, "/$defs/limits"},
                                              {Section::log, "/$defs/log"},
                                              {Section::source, "/$defs/source"},
                                              {Section::verify, "/$defs/verify"},
                                              {Section::dedup, "/$defs/dedup"},
                                              {Section::source_limits, "/$defs/source_limits"}};
  for (const auto& [section, place] : places) {
    const json::object& properties = the_schema().at_pointer(place + "/properties").as_object();
    std::set<std::string> in_schema;
    for (const auto& [name, rule] : properties) in_schema.insert(name);
    std::set<std::string> in_program;
    for (const config::Key& key : config::keys(section)) {
      in_program.emplace(key.name);
      const json::value* rule = properties.if_contains(key.name);
      ASSERT_NE(rule, nullptr) << place << ' ' << key.name;
      EXPECT_EQ(rule->as_object().contains("not"), !key.built) << place << ' ' << key.name << ": built or not";
    }
    EXPECT_EQ(in_schema, in_program) << place;
    EXPECT_EQ(the_schema().at_pointer(place + "/additionalProperties"), json::value(false)) << place;
  }
}

TEST(Schema, KnowsExactlyThePresetsThatTheProgramKnows) {
  std::set<std::string> in_schema;
  for (const json::value& name : the_schema().at_pointer("/$defs/source/properties/preset/anyOf/0/enum").as_array()) {
    in_schema.emplace(std::string_view{name.as_string()});
  }
  std::set<std::string> in_program;
  for (const verify::Preset& preset : verify::presets()) in_program.emplace(preset.name);
  EXPECT_EQ(in_schema, in_program);
}

TEST(Schema, TakesEveryExampleAndSoDoesTheProgram) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{std::filesystem::path{PENSTOCK_ROOT} / "examples"}) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    EXPECT_EQ(fault_of(read(entry.path())), "") << entry.path();
    const config::Loaded loaded = config::load_file(entry.path().string(), {});
    EXPECT_TRUE(loaded.config) << entry.path() << loaded.problems.line(loaded.problems.list().at(0));
  }
  EXPECT_GE(count, 1) << "no example was found";
}

/// Files that use everything, or nothing more than they must.
const std::vector<std::string>& good() {
  static const std::vector<std::string> files{
      "sources: { github: { preset: github, secrets: [ \"${env:S}\" ] } }\n",
      "listen: \"[::1]:80\"\nadmin: { listen: \":81\", hosts: [ a.example ], tokens: { read: \"${env:S}\", write: "
      "\"${file:/f}\" } }\njournal: off\n"
      "limits: { payload: 1MiB, memory: 64MiB, unverified: 2 MiB, dedup: 1GB, connections: 5, connections_per_address: "
      "0, head: 4KiB, "
      "target: 2KiB, head_time: 1s, body_time: 2m, idle: 300ms, receipt_wait: \"${env:W:-1s}\" }\n"
      "threads: 2\nworkers: \"2\"\nwait: spin\ndrain: 1h\nlog: { format: json, level: warn }\n"
      "sources: { open: { verify: { kind: none } } }\n",
      "journal: off\nsources:\n  acme:\n    verify: { kind: hmac, header: X-A, item: \"v1={sig}\", encoding: base64, "
      "signed: \"{body}\", hash: "
      "sha256, key: text }\n    secrets: \"${env:S}\"\n    topic: a.b\n    event: [ \"header:X-E\", \"json:/a/b\" ]\n  "
      "  dedup: { id: "
      "\"header:X-I\", window: 1h }\n    accepted_status: 202\n    encoded: keep\n    limits: { payload: 1KiB }\n"
      "  b: { preset: azure-devops, user: \"\", secrets: [ \"${env:S}\" ], dedup: off }\n"
      "  c: { verify: { kind: basic, user: ci }, secrets: [ \"${env:S}\" ] }\n"
      "  d: { preset: gerrit, path_token: \"${env:S}\" }\n",
      "journal: { dir: /var/lib/penstock, segment: 16MiB, retain: { bytes: 1GiB, age: 3d } }\n"
      "sources: { open: { verify: { kind: none } } }\n",
      "journal: {}\nsources: { open: { verify: { kind: none } } }\n"};
  return files;
}

/// Files with one fault each.
const std::vector<std::string>& bad() {
  static const std::vector<std::string> files{
      "lisen: 127.0.0.1:1\n",
      "listen: 8080\n",
      "listen: nowhere:80\n",
      "tls: { cert: a, key: b }\n",
      "admin: 127.0.0.1:1\n",
      "admin: { tokens: { other: \"${env:S}\" } }\n",
      "journal: on\n",
      "journal: { dir: \"\" }\n",
      "journal: { directory: x }\n",
      "journal: { dir: x, unsettled: hold }\n",
      "journal: { segment: 64 }\n",
      "journal: { retain: 7d }\n",
      "journal: { retain: { age: 7 } }\n",
      "limits: { payload: 25 }\n",
      "limits: { payload: 25 parsecs }\n",
      "limits: { idle: 15 }\n",
      "limits: { connections: many }\n",
      "threads: 0\n",
      "wait: sleep\n",
      "drain: 30\n",
      "log: { level: loud }\n",
      "subscriptions: {}\n",
      "backstage: {}\n",
      "sources: []\n",
      "sources: { admin: { verify: { kind: none } } }\n",
      "sources: { a/b: { verify: { kind: none } } }\n",
      "sources: { a: {} }\n",
      "sources: { a: { preset: githup, secrets: [ \"${env:S}\" ] } }\n",
      "sources: { a: { preset: stripe, secrets: [ \"${env:S}\" ] } }\n",
      "sources: { a: { preset: github, secrets: [] } }\n",
      "sources: { a: { preset: github, secrets: [ \"\" ] } }\n",
      "sources: { a: { preset: github, secret: \"${env:S}\" } }\n",
      "sources: { a: { sqs: {}, verify: { kind: none } } }\n",
      "sources: { a: { verify: { kind: ed25519 } } }\n",
      "sources: { a: { verify: { kind: hmac, header: x, hash: sha1 }, secrets: \"${env:S}\" } }\n",
      "sources: { a: { verify: { kind: hmac, header: x, time: 1s }, secrets: \"${env:S}\" } }\n",
      "sources: { a: { verify: { kind: none }, event: \"json:type\" } }\n",
      "sources: { a: { verify: { kind: none }, event: body } }\n",
      "sources: { a: { verify: { kind: none }, dedup: { id: x } } }\n",
      "sources: { a: { verify: { kind: none }, accepted_status: 204 } }\n",
      "sources: { a: { verify: { kind: none }, accepted_status: 404 } }\n",
      "sources: { a: { verify: { kind: none }, encoded: gunzip } }\n",
      "sources: { a: { verify: { kind: none }, limits: { head: 1KiB } } }\n"};
  return files;
}

TEST(Schema, AndTheProgramTakeTheSameGoodFiles) {
  for (const std::string& yaml : good()) {
    EXPECT_EQ(fault_of(yaml), "") << yaml;
    const config::Read read = config::read_config(yaml, config::LoadOptions{});
    EXPECT_TRUE(read.config) << yaml << read.lines.front();
  }
}

TEST(Schema, AndTheProgramRefuseTheSameBadFiles) {
  for (const std::string& yaml : bad()) {
    EXPECT_NE(fault_of(yaml), "") << yaml;
    EXPECT_FALSE(config::read_config(yaml, config::Variables{{"S", "hush"}}).config) << yaml;
  }
}

TEST(Schema, TheCheckRefusesAKeywordThatItDoesNotKnow) {
  EXPECT_THROW((void)check_schema(json::parse(R"({"oneOf":[]})"), json::value(1)), std::logic_error);
}

}  // namespace
}  // namespace penstock::schema
