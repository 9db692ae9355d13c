// SPDX-License-Identifier: Apache-2.0
#pragma once
// Result<T>: a value, or the diagnostics that say why there is none.

#include <utility>
#include <variant>

#include "sim/base/check.h"
#include "sim/base/diagnostic.h"

namespace takt {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Diagnostics errors) : state_(std::move(errors)) {
    CHECK(!std::get<Diagnostics>(state_).empty()) << "a failed Result must say why";
  }
  Result(Diagnostic error) : state_(Diagnostics{std::move(error)}) {}

  bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }
  const T& value() const& {
    CHECK(ok()) << to_string(std::get<Diagnostics>(state_));
    return std::get<T>(state_);
  }
  T& value() & {
    CHECK(ok()) << to_string(std::get<Diagnostics>(state_));
    return std::get<T>(state_);
  }
  T value() && {
    CHECK(ok()) << to_string(std::get<Diagnostics>(state_));
    return std::move(std::get<T>(state_));
  }
  const T& operator*() const { return value(); }
  T& operator*() { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Diagnostics& errors() const {
    CHECK(!ok()) << "errors() of a Result that holds a value";
    return std::get<Diagnostics>(state_);
  }

 private:
  std::variant<T, Diagnostics> state_;
};

}  // namespace takt
