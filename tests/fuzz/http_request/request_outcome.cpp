#include "fuzz/http_request/request_outcome.hpp"

#include "http/chunk_reader.hpp"
#include "http/request_reader.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::http::fuzz {

namespace {

constexpr std::uint64_t kBodyBytesMax = 64U << 10U;

/// Reads request after request, as a connection does, from memory that fills up.
class Run {
 public:
  explicit Run(std::string_view bytes) : memory_(bytes.size(), '\n'), bytes_{bytes} {}

  void reveal(std::size_t end) {
    std::memcpy(memory_.data() + revealed_, bytes_.data() + revealed_, end - revealed_);
    revealed_ = end;
    while (step()) {
    }
  }

  [[nodiscard]] std::string outcome() && {
    if (!refused_) log_ += in_body_ ? "body waits\n" : "head waits\n";
    return std::move(log_);
  }

 private:
  [[nodiscard]] std::string_view unread() const { return std::string_view(memory_).substr(read_, revealed_ - read_); }

  bool step() {
    if (refused_) return false;
    if (!in_body_) return read_head();
    return reader_.head().chunked ? read_chunk() : read_known();
  }

  bool refuse(const char* part, int status) {
    refused_ = true;
    log_ += std::string(part) + " refused " + std::to_string(status) + "\n";
    return false;
  }

  bool read_head() {
    const ReadStatus status = reader_.read(unread());
    if (status == ReadStatus::need_more) return false;
    if (status == ReadStatus::refused) return refuse("head", reader_.refusal());
    write_head(reader_.head());
    read_ += reader_.head_bytes();
    in_body_ = true;
    left_ = reader_.head().content_length.value_or(0);
    if (left_ > kBodyBytesMax) return refuse("length", 413);
    chunks_.start(kBodyBytesMax);
    return true;
  }

  void write_head(const RequestHead& head) {
    const auto add = [this](std::string_view text) { log_.append(text).append("|"); };
    for (const std::string_view part : {head.method, head.target, head.path, head.query, head.host}) add(part);
    add(std::to_string(head.minor_version) + (head.keep_alive ? "k" : "-") + (head.chunked ? "c" : "-") +
        (reader_.expects_continue() ? "e" : "-"));
    add(head.content_length ? std::to_string(*head.content_length) : "none");
    for (const auto& [name, value] : head.fields) {
      add(name);
      add(value);
    }
    log_ += "\n";
  }

  bool read_known() {
    take(static_cast<std::size_t>(std::min<std::uint64_t>(left_, unread().size())));
    return left_ == 0 && next_request();
  }

  void take(std::size_t bytes) {
    log_.append(unread().substr(0, bytes));
    read_ += bytes;
    left_ -= bytes;
  }

  bool read_chunk() {
    const ChunkStep step = chunks_.next(unread());
    read_ += step.consumed;
    if (step.status == ChunkStatus::refused) return refuse("chunk", chunks_.refusal());
    if (step.status == ChunkStatus::done) return next_request();
    log_.append(unread().substr(0, step.data_bytes));
    read_ += step.data_bytes;
    chunks_.took(step.data_bytes);
    return step.data_bytes > 0;
  }

  bool next_request() {
    log_ += "\nwhole\n";
    in_body_ = false;
    reader_.restart();
    return true;
  }

  std::string memory_;
  std::string_view bytes_;
  std::string log_;
  RequestReader reader_;
  ChunkReader chunks_;
  std::size_t revealed_ = 0;
  std::size_t read_ = 0;
  std::uint64_t left_ = 0;
  bool in_body_ = false;
  bool refused_ = false;
};

}  // namespace

std::string outcome_of(std::string_view bytes, const std::vector<std::size_t>& cuts) {
  Run run{bytes};
  for (const std::size_t cut : cuts) run.reveal(cut);
  run.reveal(bytes.size());
  return std::move(run).outcome();
}

}  // namespace penstock::http::fuzz
