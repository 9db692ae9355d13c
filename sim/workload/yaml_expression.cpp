// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/yaml_expression.h"

#include <charconv>
#include <cmath>

#include "sim/base/math.h"
#include "sim/config/suggest.h"

namespace takt {
namespace {

constexpr int kNestingMax = 64;

/// Recursive descent; the first problem ends it.
class Parser {
 public:
  Parser(const std::string& text, const Scope& scope) : text_(text), scope_(scope) {}

  Evaluated run() {
    Evaluated out;
    const std::int64_t value = comparison();
    skip();
    if (problem_.empty() && at_ < text_.size()) {
      fail("cannot read '" + text_.substr(at_, 16) + "' in it");
    }
    out.problem = problem_;
    out.hint = hint_;
    if (problem_.empty()) out.value = value;
    return out;
  }

 private:
  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(const std::string& word) {
    skip();
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  std::int64_t fail(const std::string& problem, const std::string& hint = "") {
    if (problem_.empty()) {
      problem_ = problem;
      hint_ = hint;
    }
    at_ = text_.size();
    return 1;
  }
  std::int64_t checked(std::optional<std::int64_t> value) {
    return value ? *value : fail("its value is too large");
  }

  std::int64_t comparison() {
    const std::int64_t left = sum();
    if (take("==")) return left == sum();
    if (take("!=")) return left != sum();
    if (take("<=")) return left <= sum();
    if (take(">=")) return left >= sum();
    if (take("<")) return left < sum();
    if (take(">")) return left > sum();
    return left;
  }

  std::int64_t sum() {
    std::int64_t value = product();
    for (;;) {
      if (take("+")) {
        value = checked(checked_add(value, product()));
      } else if (take("-")) {
        const auto negative = checked_mul(product(), -1);
        value = checked(negative ? checked_add(value, *negative) : std::nullopt);
      } else {
        return value;
      }
    }
  }

  std::int64_t product() {
    std::int64_t value = factor();
    for (;;) {
      if (take("*")) {
        value = checked(checked_mul(value, factor()));
      } else if (take("/")) {
        value = divide(value, false);
      } else if (take("%")) {
        value = divide(value, true);
      } else {
        return value;
      }
    }
  }

  std::int64_t divide(std::int64_t value, bool remainder) {
    const std::int64_t by = factor();
    if (by <= 0) return fail("divides by " + std::to_string(by));
    const std::int64_t rest = (value % by + by) % by;
    return remainder ? rest : (value - rest) / by;
  }

  std::int64_t factor() {
    if (++depth_ > kNestingMax) return fail("is nested too deeply");
    const std::int64_t value = bare_factor();
    --depth_;
    return value;
  }

  std::int64_t bare_factor() {
    if (take("-")) return checked(checked_mul(factor(), -1));
    if (take("(")) {
      const std::int64_t value = comparison();
      if (!take(")")) return fail("a ')' is missing");
      return value;
    }
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_')) {
      ++at_;
    }
    const std::string word = text_.substr(begin, at_ - begin);
    if (word.empty()) return fail("a number or a name is missing in it");
    if (std::isdigit(static_cast<unsigned char>(word[0])) == 0) return name(word);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size()) {
      return fail("'" + word + "' is not a whole number");
    }
    return value;
  }

  std::int64_t name(const std::string& word) {
    if (const auto value = scope_.find(word)) return *value;
    const auto near = suggest(word, scope_.names());
    return fail("'" + word + "' is no dimension and no parameter",
                near ? "did you mean '" + *near + "'?" : "");
  }

  const std::string& text_;
  const Scope& scope_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string problem_, hint_;
};

}  // namespace

std::optional<std::int64_t> Scope::find(const std::string& name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    const auto found = scope->values_.find(name);
    if (found == scope->values_.end()) continue;
    scope->used_.insert(name);
    return found->second;
  }
  return std::nullopt;
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> out;
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    for (const auto& [name, value] : scope->values_) {
      (void)value;
      out.push_back(name);
    }
  }
  return out;
}

Evaluated evaluate(const std::string& text, const Scope& scope) {
  return Parser(text, scope).run();
}

std::optional<std::int64_t> Amount::read(const Field& field) const {
  if (!field.expect_scalar("a whole number")) return std::nullopt;
  const Evaluated result = evaluate(field.node.text, *scope);
  if (!result.value) {
    field.error("E-expression", quoted_for_message(field.node.text) + ": " + result.problem,
                result.hint);
    return std::nullopt;
  }
  if (*result.value < min || *result.value > max) {
    field.error("E-out-of-range", "must be from " + std::to_string(min) + " to " +
                                      std::to_string(max) + ", is " +
                                      std::to_string(*result.value));
    return std::nullopt;
  }
  return result.value;
}

std::optional<double> AnyReal::read(const Field& field) const {
  if (!field.expect_scalar("a number")) return std::nullopt;
  const std::string& text = field.node.text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    field.error("E-not-a-number", "expected a number, got " + field.node.describe());
    return std::nullopt;
  }
  return value;
}

std::string AnyReal::format(double value) const {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : "0";
}

}  // namespace takt
