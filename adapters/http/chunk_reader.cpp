#include "http/chunk_reader.hpp"

#include "http/grammar.hpp"

#include <algorithm>

namespace penstock::http {

void ChunkReader::start(std::uint64_t body_bytes_max) noexcept {
  *this = ChunkReader{};
  body_left_ = body_bytes_max;
}

void ChunkReader::refuse(int status) noexcept {
  refusal_ = status;
  at_ = At::refused;
}

void ChunkReader::expect(bool holds, At then) noexcept {
  if (holds) {
    at_ = then;
  } else {
    refuse(400);
  }
}

ChunkStep ChunkReader::next(std::string_view input) noexcept {
  std::size_t used = 0;
  while (true) {
    if (at_ == At::data && data_left_ == 0) at_ = At::data_cr;
    if (at_ == At::data) {
      const auto here = std::min<std::uint64_t>(data_left_, input.size() - used);
      return {.status = ChunkStatus::data, .consumed = used, .data_bytes = static_cast<std::size_t>(here)};
    }
    if (at_ == At::done) return {.status = ChunkStatus::done, .consumed = used};
    if (at_ == At::refused) return {.status = ChunkStatus::refused, .consumed = used};
    if (used == input.size()) return {.status = ChunkStatus::need_more, .consumed = used};
    const char c = input[used++];
    if (at_ == At::data_cr) {
      expect(c == '\r', At::data_lf);
    } else if (at_ == At::data_lf) {
      line_bytes_ = 0;
      expect(c == '\n', At::size_first);
    } else if (at_ < At::data) {
      read_line_byte(c);
    } else {
      read_trailer_byte(c);
    }
  }
}

void ChunkReader::read_line_byte(char c) noexcept {
  if (++line_bytes_ > kLineBytesMax) return refuse(400);
  if (at_ == At::size_first || at_ == At::size) return read_size(c);
  if (at_ == At::size_lf) return c == '\n' ? begin_chunk() : refuse(400);
  if (++extension_bytes_ > kExtensionBytesMax) return refuse(400);
  read_extension(c);
}

void ChunkReader::read_size(char c) noexcept {
  if (const int digit = grammar::hex_value(c); digit >= 0) {
    if (at_ == At::size_first) {
      digits_ = 0;
      data_left_ = 0;
    }
    data_left_ = (data_left_ << 4U) | static_cast<std::uint64_t>(digit);
    return expect(++digits_ <= 16, At::size);
  }
  if (at_ == At::size_first) return refuse(400);
  end_of_token(c);
}

// What may follow a size, a name or a value: the end of the line, blanks before a semicolon, or the semicolon.
void ChunkReader::end_of_token(char c) noexcept {
  if (c == '\r') {
    at_ = At::size_lf;
  } else if (c == ';') {
    at_ = At::before_name;
  } else {
    expect(grammar::is_blank(c), At::before_semicolon);
  }
}

void ChunkReader::read_extension(char c) noexcept {
  switch (at_) {
    case At::before_semicolon:
      // Blanks at the end of the line are refused: readers disagree about them.
      if (!grammar::is_blank(c)) expect(c == ';', At::before_name);
      return;
    case At::before_name:
      if (!grammar::is_blank(c)) expect(grammar::is_token_byte(c), At::name);
      return;
    case At::name:
      if (c == '=') {
        at_ = At::value_first;
      } else if (!grammar::is_token_byte(c)) {
        end_of_token(c);
      }
      return;
    case At::value_first: return c == '"' ? expect(true, At::quoted) : expect(grammar::is_token_byte(c), At::value);
    case At::value:
      if (!grammar::is_token_byte(c)) end_of_token(c);
      return;
    case At::quoted:
      if (c == '"') {
        at_ = At::behind_quoted;
      } else if (c == '\\') {
        at_ = At::quoted_pair;
      } else if (grammar::is_control(c)) {
        refuse(400);
      }
      return;
    case At::quoted_pair: return expect(!grammar::is_control(c), At::quoted);
    default: return end_of_token(c);
  }
}

void ChunkReader::begin_chunk() noexcept {
  if (data_left_ == 0) {
    at_ = At::trailer_first;
  } else if (data_left_ > body_left_) {
    refuse(413);
  } else {
    body_left_ -= data_left_;
    at_ = At::data;
  }
}

void ChunkReader::read_trailer_byte(char c) noexcept {
  if (++trailer_bytes_ > kTrailerBytesMax) return refuse(431);
  switch (at_) {
    case At::trailer_first:
      return c == '\r' ? expect(true, At::end_lf) : expect(grammar::is_token_byte(c), At::trailer_name);
    case At::trailer_name:
      if (!grammar::is_token_byte(c)) expect(c == ':', At::trailer_value);
      return;
    case At::trailer_value:
      if (c == '\r') {
        at_ = At::trailer_lf;
      } else if (grammar::is_control(c)) {
        refuse(400);
      }
      return;
    case At::trailer_lf: return expect(c == '\n', At::trailer_first);
    default: return expect(c == '\n', At::done);
  }
}

}  // namespace penstock::http
