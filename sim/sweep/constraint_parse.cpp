// SPDX-License-Identifier: Apache-2.0
// Reading of constraints: a descent by the grammar in constraint.h.
#include <array>

#include "sim/sweep/constraint.h"

namespace takt {
namespace {

constexpr int kNestingMax = 64;
constexpr std::size_t kLengthMax = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_key(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_key(char c) { return starts_key(c) || is_digit(c) || c == '.' || c == '[' || c == ']'; }

}  // namespace

class ConstraintParser {
 public:
  ConstraintParser(Constraint& into, Diagnostics& errors)
      : into_(into), text_(into.node_.text), errors_(errors) {}

  bool run() {
    using C = Constraint::Comparison;
    // Longer ones first: "<" also begins "<=".
    constexpr std::array<std::pair<std::string_view, C>, 6> kComparisons{{{"<=", C::kLessEqual},
                                                                          {">=", C::kGreaterEqual},
                                                                          {"==", C::kEqual},
                                                                          {"!=", C::kNotEqual},
                                                                          {"<", C::kLess},
                                                                          {">", C::kGreater}}};
    into_.left_ = sum();
    if (failed_) return false;
    skip();
    into_.comparison_at_ = at_;
    bool compared = false;
    for (const auto& [sign, comparison] : kComparisons) {
      if (text_.substr(at_, sign.size()) != sign) continue;
      into_.comparison_ = comparison;
      at_ += sign.size();
      compared = true;
      break;
    }
    if (!compared) fail("expected one of <=, <, >=, >, ==, !=" + got());
    if (failed_) return false;
    into_.right_ = sum();
    skip();
    if (!failed_ && at_ < text_.size()) fail("expected the end" + got());
    return !failed_;
  }

 private:
  using Operator = Constraint::Operator;

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  std::string got() const {
    return at_ < text_.size() ? ", got " + quoted_for_message(text_.substr(at_)) : ", got the end";
  }

  /// The first mistake only: what follows would be guesses.
  std::size_t fail(std::string message, std::string hint = "") {
    if (!failed_) errors_.push_back(into_.error(at_, std::move(message), std::move(hint)));
    failed_ = true;
    return 0;
  }

  std::size_t add(Constraint::Step step) {
    into_.steps_.push_back(std::move(step));
    return into_.steps_.size() - 1;
  }

  /// Operands joined by either of two signs, from the left.
  template <class Operand>
  std::size_t chain(char first, Operator first_op, char second, Operator second_op,
                    const Operand& operand) {
    std::size_t left = operand();
    for (skip(); !failed_ && at_ < text_.size() && (text_[at_] == first || text_[at_] == second);
         skip()) {
      Constraint::Step step;
      step.op = text_[at_] == first ? first_op : second_op;
      step.at = at_++;
      step.left = left;
      step.right = operand();
      left = add(std::move(step));
    }
    return left;
  }

  std::size_t sum() {
    return chain('+', Operator::kAdd, '-', Operator::kSubtract, [this] { return product(); });
  }
  std::size_t product() {
    return chain('*', Operator::kMultiply, '/', Operator::kDivide, [this] { return atom(); });
  }

  std::size_t atom() {
    skip();
    if (failed_) return 0;
    if (nesting_ == kNestingMax) return fail("too many brackets");
    if (at_ == text_.size()) return fail("expected a number or a key" + got());
    const char c = text_[at_];
    if (c == '(') return brackets();
    if (c == '-') return negated();
    if (is_digit(c)) return number();
    if (starts_key(c)) return key();
    return fail("expected a number or a key" + got());
  }

  std::size_t brackets() {
    ++at_;
    ++nesting_;
    const std::size_t inner = sum();
    --nesting_;
    skip();
    if (!failed_ && (at_ == text_.size() || text_[at_] != ')')) return fail("expected ')'" + got());
    ++at_;
    return inner;
  }

  std::size_t negated() {
    Constraint::Step step;
    step.op = Operator::kNegate;
    step.at = at_++;
    ++nesting_;
    step.left = step.right = atom();
    --nesting_;
    return failed_ ? 0 : add(std::move(step));
  }

  std::size_t number() {
    Constraint::Step step;
    step.at = at_;
    std::size_t end = at_;
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.')) ++end;
    std::string written(text_.substr(at_, end - at_));
    std::size_t unit = end;
    while (unit < text_.size() && text_[unit] == ' ') ++unit;
    if (unit < text_.size() && starts_key(text_[unit])) {
      const std::optional<KnownUnit> known = unit_at_start(text_.substr(unit));
      const std::size_t after = known ? unit + known->unit->name.size() : unit;
      if (!known || (after < text_.size() && in_key(text_[after]))) {
        at_ = unit;
        return fail("expected a unit or an operator" + got());
      }
      written += " " + std::string(known->unit->name);
      end = after;
    }
    const std::optional<Measure> measure = measure_from(written);
    if (!measure) return fail("not a number that can be read: " + quoted_for_message(written));
    at_ = end;
    step.number = scalar_of(*measure);
    return add(std::move(step));
  }

  std::size_t key() {
    Constraint::Step step;
    step.op = Operator::kKey;
    step.at = at_;
    while (at_ < text_.size() && in_key(text_[at_])) step.key += text_[at_++];
    return add(std::move(step));
  }

  Constraint& into_;
  std::string_view text_;
  Diagnostics& errors_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  bool failed_ = false;
};

std::optional<Constraint> Constraint::parse(const Node& node, const std::string& path,
                                            Diagnostics& errors) {
  Constraint constraint;
  constraint.node_ = node;
  constraint.path_ = path;
  if (!node.is_scalar()) {
    errors.push_back(error_at(
        node, path, "E-wrong-shape",
        "expected a comparison such as \"core.matrix.rows <= 64\", got " + node.describe()));
    return std::nullopt;
  }
  if (node.text.size() > kLengthMax) {
    errors.push_back(error_at(node, path, "E-too-large",
                              "a constraint may have " + std::to_string(kLengthMax) +
                                  " characters, this one has " + std::to_string(node.text.size())));
    return std::nullopt;
  }
  if (!ConstraintParser(constraint, errors).run()) return std::nullopt;
  return constraint;
}

}  // namespace takt
