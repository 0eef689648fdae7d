#include "send.hpp"

#include "client/client.hpp"
#include "config/load.hpp"
#include "running_broker.hpp"
#include "sending/delivery.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

namespace penstock::command {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFirstGood = 200;
constexpr int kFirstNotGood = 300;
constexpr int kUnavailable = 503;

/// What came of all sendings.
struct Tally {
  std::map<int, std::uint64_t> by_status = {};
  std::uint64_t no_server = 0;
  std::uint64_t broken = 0;
  std::string trouble = {};  ///< The first one, in words.

  void add(const Tally& other) {
    for (const auto& [status, count] : other.by_status) by_status[status] += count;
    no_server += other.no_server;
    broken += other.broken;
    if (trouble.empty()) trouble = other.trouble;
  }
};

client::Url target_url(const SendOptions& options, const config::Config& config) {
  const std::string base = options.to.empty() ? "http://" + config.listen.reachable().text() : options.to;
  client::Url url = url_of(base, "--to");
  if (url.target == "/") url.target = "/hooks/" + options.source;
  return url;
}

/// The path token goes behind the path, in front of a query.
std::string with_token(const std::string& target, const std::string& token) {
  if (token.empty()) return target;
  const std::size_t query = std::min(target.find('?'), target.size());
  return target.substr(0, query) + '/' + token + target.substr(query);
}

/// Sends `options.repeat` deliveries over `options.connections` connections, at most `rate_per_s` in all.
class Sender {
 public:
  Sender(const SendOptions& options, const sending::DeliveryMaker& maker, client::Url url)
      : options_{options}, maker_{maker}, url_{std::move(url)}, begin_{Clock::now()} {}

  Tally run() {
    const auto count = std::min(options_.connections, options_.repeat);
    std::vector<std::thread> threads;
    for (std::uint64_t i = 1; i < count; ++i) threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads) thread.join();
    return std::move(tally_);
  }

  [[nodiscard]] const client::Answer& last() const noexcept { return last_; }

 private:
  void work() {
    client::Client client{url_};
    sending::DeliveryIds ids;
    Tally tally;
    client::Answer answer;
    for (std::uint64_t i = next_++; i < options_.repeat; i = next_++) {
      if (options_.rate_per_s > 0) {
        std::this_thread::sleep_until(begin_ +
                                      std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>{static_cast<double>(i) / options_.rate_per_s}));
      }
      send_one(client, ids, tally, answer);
      if (tally.no_server > 0) break;  // Nobody there: asking a thousand times more helps nobody.
    }
    const std::lock_guard lock{mutex_};
    tally_.add(tally);
    if (answer.head.status != 0) last_ = std::move(answer);
  }

  void send_one(client::Client& client, sending::DeliveryIds& ids, Tally& tally, client::Answer& answer) const {
    sending::Delivery delivery = maker_.make(ids);
    client::Request request{.method = "POST",
                            .target = with_token(url_.target, delivery.path_token),
                            .fields = std::move(delivery.fields),
                            .body = delivery.body};
    try {
      answer = client.send(request);
      ++tally.by_status[answer.head.status];
    } catch (const client::ClientError& error) {
      ++(error.kind == client::ClientError::Kind::no_server ? tally.no_server : tally.broken);
      if (tally.trouble.empty()) tally.trouble = error.what();
    }
  }

  const SendOptions& options_;
  const sending::DeliveryMaker& maker_;
  const client::Url url_;
  const Clock::time_point begin_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  Tally tally_;
  client::Answer last_;
};

Exit status_of(const Tally& tally) {
  if (tally.no_server > 0) return Exit::no_broker;
  if (tally.by_status.contains(kUnavailable)) return Exit::full;
  const bool good = std::all_of(tally.by_status.begin(), tally.by_status.end(), [](const auto& entry) {
    return entry.first >= kFirstGood && entry.first < kFirstNotGood;
  });
  return good && tally.broken == 0 ? Exit::done : Exit::failed;
}

void print_answer(const client::Answer& answer, bool json, std::ostream& out) {
  const std::string receipt{answer.head.field("penstock-receipt").value_or("")};
  if (!json) {
    out << answer.head.status << ' ' << answer.body << (receipt.empty() ? "" : "  receipt: " + receipt) << '\n';
    return;
  }
  out << R"({"status":)" << answer.head.status << R"(,"receipt":)" << json_string(receipt) << R"(,"body":)"
      << json_string(answer.body) << "}\n";
}

void print_tally(const Tally& tally, double seconds, bool json, std::ostream& out) {
  std::uint64_t sent = tally.broken + tally.no_server;
  std::string statuses;
  for (const auto& [status, count] : tally.by_status) {
    sent += count;
    if (!statuses.empty()) statuses += json ? "," : "  ";
    const std::string name = std::to_string(status);
    statuses += json ? json_string(name) + ':' : name + " × ";
    statuses += std::to_string(count);
  }
  const std::uint64_t unanswered = tally.broken + tally.no_server;
  if (json) {
    out << R"({"sent":)" << sent << R"(,"seconds":)" << seconds << R"(,"statuses":{)" << statuses
        << R"(},"unanswered":)" << unanswered << "}\n";
  } else {
    out << "sent " << sent << " in " << seconds << " s: " << statuses;
    if (unanswered > 0) out << "  unanswered × " << unanswered;
    out << '\n';
  }
}

Exit send_all(const SendOptions& options, const config::Config& config, const config::Source& source,
              const Output& output) {
  const sending::DeliveryMaker maker{source, options, read_body(options.file)};
  if (!options.common.quiet) {
    for (const std::string& note : maker.notes()) output.err << "penstock send: " << note << '\n';
  }
  client::Url url = target_url(options, config);
  // Without the target, which may hold a token.
  if (options.common.verbose) output.err << "penstock send: to " << url.authority() << '\n';
  Sender sender{options, maker, std::move(url)};
  const Clock::time_point begin = Clock::now();
  const Tally tally = sender.run();
  if (!tally.trouble.empty()) output.err << "penstock send: " << tally.trouble << '\n';
  if (options.repeat > 1) {
    print_tally(tally, std::chrono::duration<double>{Clock::now() - begin}.count(), options.common.json, output.out);
  } else if (!tally.by_status.empty()) {
    print_answer(sender.last(), options.common.json, output.out);
  }
  return status_of(tally);
}

}  // namespace

Exit run_send(const SendOptions& options, const config::Environment& environment, const Output& output) {
  const config::Loaded loaded =
      config::load_file(options.common.config, {environment, options.common.overrides, options.source});
  if (!loaded.config) {
    print_problems(loaded.problems, true, output.err);
    return Exit::bad_configuration;
  }
  const config::Source* source = loaded.config->source(options.source);
  if (source == nullptr) {
    output.err << "penstock send: " << no_such_source(*loaded.config, options.common.config, options.source) << '\n';
    return Exit::wrong_use;
  }
  try {
    return send_all(options, *loaded.config, *source, output);
  } catch (const sending::WrongUse& wrong) {
    output.err << "penstock send: " << wrong.what() << '\n';
    return Exit::wrong_use;
  }
}

}  // namespace penstock::command
