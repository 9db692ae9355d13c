// SPDX-License-Identifier: Apache-2.0
#pragma once
// Reads one line of the text form from left to right; the first thing that is wrong is kept with
// its column, and everything after it fails quietly.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace takt {

class LineScanner {
 public:
  explicit LineScanner(std::string_view line) : line_(line) {}

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  int column() const { return column_; }  ///< of the error, from 1

  void fail(const std::string& message) { fail_at(at_, message); }
  /// Fails where the last word or number began.
  void fail_word(const std::string& message) { fail_at(word_, message); }

  bool at_end() {
    skip_spaces();
    return failed() || at_ == line_.size();
  }
  /// A run of letters, digits, '_' and '.'; may be empty.
  std::string_view word();
  /// The next word and the separator behind it: "key=" gives "key". Empty if there is none.
  std::string_view key();
  std::string quoted();
  bool accept(char c) {
    if (failed() || at_ == line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }
  /// Spaces between words must be there.
  void next_word();

  template <class T>
  T number() {
    const bool negative = std::numeric_limits<T>::is_signed && accept('-');
    const std::uint64_t limit = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    const std::uint64_t value = digits(limit);
    // Of the signed range only -max..max is written; its one number more is never an address.
    return negative ? static_cast<T>(-static_cast<std::int64_t>(value)) : static_cast<T>(value);
  }
  bool digit_next() const { return at_ < line_.size() && line_[at_] >= '0' && line_[at_] <= '9'; }

 private:
  void skip_spaces() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
  }
  void fail_at(std::size_t at, const std::string& message) {
    if (failed()) return;
    error_ = message;
    column_ = static_cast<int>(at) + 1;
  }
  std::uint64_t digits(std::uint64_t limit);

  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t word_ = 0;  ///< where the last word began
  std::string error_;
  int column_ = 0;
};

}  // namespace takt
