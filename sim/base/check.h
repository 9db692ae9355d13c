// SPDX-License-Identifier: Apache-2.0
#pragma once
// CHECK(cond) << why: an invariant of ours. Never reachable from input; always on. Ends the run
// with exit code 6 and says where.

#include <sstream>
#include <stdexcept>
#include <string>

namespace takt {

/// Thrown when one of our own invariants breaks; app turns it into exit code 6.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition) {
    text_ << file << ":" << line << ": invariant broken: " << condition << " ";
  }
  [[noreturn]] ~CheckFailure() noexcept(false) { throw InternalError(text_.str()); }
  template <class T>
  CheckFailure& operator<<(const T& value) {
    text_ << value;
    return *this;
  }

 private:
  std::ostringstream text_;
};
}  // namespace detail
}  // namespace takt

#define CHECK(condition) \
  if (condition) {       \
  } else                 \
    ::takt::detail::CheckFailure(__FILE__, __LINE__, #condition)
