// SPDX-License-Identifier: Apache-2.0
#include "sim/program/text_scanner.h"

namespace takt {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string_view LineScanner::word() {
  skip_spaces();
  word_ = at_;
  if (failed()) return {};
  while (at_ < line_.size() && is_word(line_[at_])) ++at_;
  if (at_ == word_) fail("expected a word");
  return line_.substr(word_, at_ - word_);
}

std::string_view LineScanner::key() {
  const std::string_view name = word();
  accept('=');
  return name;
}

void LineScanner::next_word() {
  if (!failed() && at_ < line_.size() && line_[at_] != ' ' && line_[at_] != '\t') {
    fail(std::string("unexpected '") + line_[at_] + "'");
  }
  skip_spaces();
}

std::uint64_t LineScanner::digits(std::uint64_t limit) {
  if (failed()) return 0;
  word_ = at_;
  if (!digit_next()) {
    fail("expected a number");
    return 0;
  }
  const std::size_t begin = at_;
  std::uint64_t value = 0;
  for (; digit_next(); ++at_) {
    const auto digit = static_cast<std::uint64_t>(line_[at_] - '0');
    if (value > (limit - digit) / 10) {
      fail_at(begin, "number too large, at most " + std::to_string(limit));
      return 0;
    }
    value = value * 10 + digit;
  }
  return value;
}

std::string LineScanner::quoted() {
  skip_spaces();
  std::string text;
  expect('"');
  while (!failed()) {
    if (at_ == line_.size()) {
      fail("text without its closing '\"'");
      break;
    }
    const char c = line_[at_++];
    if (c == '"') break;
    if (c != '\\') {
      text += c;
      continue;
    }
    const char escaped = at_ < line_.size() ? line_[at_] : '\0';
    if (escaped == '"' || escaped == '\\') {
      text += escaped;
      ++at_;
    } else if (escaped == 'x' && at_ + 2 < line_.size() && hex(line_[at_ + 1]) >= 0 &&
               hex(line_[at_ + 2]) >= 0) {
      text += static_cast<char>(hex(line_[at_ + 1]) * 16 + hex(line_[at_ + 2]));
      at_ += 3;
    } else {
      fail("unknown escape; \\\", \\\\ and \\xNN are known");
    }
  }
  return text;
}

}  // namespace takt
