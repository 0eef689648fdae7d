#include "config/keys.hpp"

#include <array>

namespace penstock::config {
namespace {

constexpr Key map_of(std::string_view name, bool built = true) { return {name, built, false}; }

constexpr std::array kFile{Key{"listen"},
                           map_of("tls", false),
                           map_of("admin"),
                           Key{"journal"},
                           map_of("limits"),
                           Key{"threads"},
                           Key{"workers"},
                           Key{"wait"},
                           Key{"drain"},
                           map_of("log"),
                           map_of("sources"),
                           map_of("subscriptions", false),
                           map_of("backstage", false)};

constexpr std::array kAdmin{Key{"listen"}, map_of("hosts"), map_of("tokens")};

constexpr std::array kTokens{Key{"read"}, Key{"write"}};

constexpr std::array kJournal{Key{"dir"}, Key{"segment"}, map_of("retain"), Key{"unsettled", false},
                              Key{"limit", false}};

constexpr std::array kRetain{Key{"bytes"}, Key{"age"}};

constexpr std::array kLimits{Key{"payload"},   Key{"memory"},      Key{"unverified"},
                             Key{"dedup"},     Key{"connections"}, Key{"connections_per_address"},
                             Key{"head"},      Key{"target"},      Key{"head_time"},
                             Key{"body_time"}, Key{"idle"},        Key{"receipt_wait"}};

constexpr std::array kLog{Key{"format"}, Key{"level"}};

constexpr std::array kSource{Key{"preset"},
                             Key{"verify"},
                             Key{"secrets"},
                             Key{"user"},
                             Key{"path_token"},
                             Key{"topic"},
                             Key{"event"},
                             Key{"dedup"},
                             Key{"accepted_status"},
                             Key{"encoded"},
                             Key{"limits"},
                             Key{"sqs", false},
                             Key{"public_url", false},
                             Key{"public_keys", false},
                             Key{"rate", false},
                             Key{"retries", false},
                             Key{"handshake", false},
                             Key{"verify_token", false},
                             Key{"client_certificate", false}};

constexpr std::array kVerify{
    Key{"kind"}, Key{"header"}, Key{"item"},        Key{"encoding"},          Key{"signed"},     Key{"user"},
    Key{"hash"}, Key{"key"},    Key{"list", false}, Key{"key_prefix", false}, Key{"time", false}};

constexpr std::array kDedup{Key{"id"}, Key{"window"}};

constexpr std::array kSourceLimits{Key{"payload"}};

constexpr std::array<std::string_view, 35> kPresetsNotBuilt{"standard-webhooks",
                                                            "standard-webhooks-v1a",
                                                            "svix",
                                                            "gitlab-signing-token",
                                                            "stripe",
                                                            "slack",
                                                            "shopify",
                                                            "twilio",
                                                            "discord",
                                                            "sendgrid",
                                                            "aws-sns",
                                                            "square",
                                                            "paddle",
                                                            "hubspot-v3",
                                                            "hubspot-v1",
                                                            "linear",
                                                            "workos",
                                                            "gitea",
                                                            "jira",
                                                            "sentry",
                                                            "intercom",
                                                            "notion",
                                                            "heroku",
                                                            "authorize-net",
                                                            "pagerduty",
                                                            "circleci",
                                                            "zoom",
                                                            "docusign",
                                                            "grafana",
                                                            "bearer",
                                                            "meta",
                                                            "dropbox",
                                                            "okta",
                                                            "microsoft-graph",
                                                            "x"};

constexpr std::array<std::string_view, 8> kKindsNotBuilt{"ed25519",    "ecdsa", "ecdsa-p256",  "rsa",
                                                         "rsa-sha256", "hash",  "code:twilio", "code:sns"};

}  // namespace

std::span<const Key> keys(Section section) noexcept {
  switch (section) {
    case Section::file: return kFile;
    case Section::admin: return kAdmin;
    case Section::tokens: return kTokens;
    case Section::journal: return kJournal;
    case Section::retain: return kRetain;
    case Section::limits: return kLimits;
    case Section::log: return kLog;
    case Section::source: return kSource;
    case Section::verify: return kVerify;
    case Section::dedup: return kDedup;
    case Section::source_limits: return kSourceLimits;
  }
  return {};
}

std::span<const std::string_view> presets_not_built() noexcept { return kPresetsNotBuilt; }

std::span<const std::string_view> kinds_not_built() noexcept { return kKindsNotBuilt; }

}  // namespace penstock::config
