// SPDX-License-Identifier: Apache-2.0
// Einsum of one or two operands, as the plain ops it stands for: sums over what one operand alone
// has, transposes, a matrix product (or, where nothing is contracted, a product element by
// element), and a transpose of the result.
#include <algorithm>
#include <cctype>

#include "sim/workload/onnx_table.h"

namespace takt {
namespace {

/// One index of the equation: a letter, or a dimension of the ellipsis counted from its last one as
/// -1, -2 …
using Label = int;
using Labels = std::vector<Label>;

bool has(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

/// The words of the equation: `…` is kEllipsis until the ranks are known.
constexpr Label kEllipsis = 0;

struct Equation {
  std::vector<Labels> operands;
  Labels result;
  bool explicit_result = false;
  std::string problem;  ///< what is wrong with the text, if anything
};

Equation parse(const std::string& text) {
  Equation equation;
  equation.operands.emplace_back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    Labels& into = equation.explicit_result ? equation.result : equation.operands.back();
    const char c = text[i];
    constexpr std::size_t kLabelsMax = 64, kOperandsMax = 64;
    if (into.size() > kLabelsMax || equation.operands.size() > kOperandsMax) {
      equation.problem = "its equation has more indices than any tensor";
      return equation;
    }
    if (c == ' ') continue;
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      into.push_back(c);
    } else if (text.compare(i, 3, "...") == 0 && !has(into, kEllipsis)) {
      into.push_back(kEllipsis);
      i += 2;
    } else if (text.compare(i, 2, "->") == 0 && !equation.explicit_result) {
      equation.explicit_result = true;
      ++i;
    } else if (c == ',' && !equation.explicit_result) {
      equation.operands.emplace_back();
    } else {
      equation.problem = "its equation does not read on at character " + std::to_string(i + 1);
      return equation;
    }
  }
  return equation;
}

/// Puts the dimensions that an ellipsis stands for in its place.
Labels spread(const Labels& labels, std::size_t dimensions) {
  Labels out;
  for (const Label label : labels) {
    if (label != kEllipsis) out.push_back(label);
    if (label != kEllipsis) continue;
    for (std::size_t d = dimensions; d > 0; --d) out.push_back(-static_cast<Label>(d));
  }
  return out;
}

/// Without an arrow: the ellipsis, then the letters that stand once, in alphabetical order.
Labels implied_result(const Equation& equation) {
  Labels all, once;
  for (const Labels& operand : equation.operands)
    all.insert(all.end(), operand.begin(), operand.end());
  std::sort(all.begin(), all.end());
  for (const Label label : all) {
    const bool single = std::count(all.begin(), all.end(), label) == 1;
    if (single || (label == kEllipsis && !has(once, kEllipsis))) once.push_back(label);
  }
  return once;
}

struct Operand {
  TensorId id;
  Labels labels;
};

class Einsum {
 public:
  explicit Einsum(OnnxNode& node) : node_(node) {}

  void run() {
    Equation equation = parse(node_.string_attribute("equation", ""));
    if (node_.failed()) return;
    if (!equation.problem.empty()) return node_.fail(equation.problem);
    if (equation.operands.size() != node_.input_count()) {
      return node_.fail("its equation has " + std::to_string(equation.operands.size()) +
                        " operands, the node " + std::to_string(node_.input_count()));
    }
    if (node_.input_count() > 2) return node_.unsupported("Einsum of more than two operands");
    if (!node_.require(node_.input_count()) || !bind(equation)) return;
    for (Operand& operand : operands_) sum_alone(operand);
    if (node_.failed()) return;
    Operand value = operands_[0];
    if (operands_.size() == 2) value = product();
    if (!node_.failed()) node_.set(0, arranged(value, result_, "result"));
  }

 private:
  /// The length of a label; 1 gives way to what another operand has.
  std::int64_t length(Label label) const {
    std::int64_t longest = 1;
    for (const Operand& operand : operands_) {
      for (std::size_t i = 0; i < operand.labels.size(); ++i) {
        if (operand.labels[i] != label) continue;
        const std::int64_t here = node_.tensor(operand.id).shape[i];
        longest = here == 1 ? longest : here;
      }
    }
    return longest;
  }

  /// Ranks, ellipses and lengths; false after a complaint.
  bool bind(Equation& equation) {
    if (!equation.explicit_result) equation.result = implied_result(equation);
    std::size_t widest = 0;
    for (std::size_t i = 0; i < equation.operands.size(); ++i) {
      const Labels& labels = equation.operands[i];
      const auto rank = node_.shape(i).size();
      const std::size_t letters = labels.size() - (has(labels, kEllipsis) ? 1 : 0);
      if (rank < letters || (rank > letters && !has(labels, kEllipsis))) {
        node_.fail("its equation has " + std::to_string(letters) + " letters for operand " +
                   std::to_string(i) + " of shape " + to_string(node_.shape(i)));
        return false;
      }
      widest = std::max(widest, rank - letters);
      operands_.push_back({node_.in(i), spread(labels, rank - letters)});
    }
    result_ = spread(equation.result, widest);
    return check_labels(widest > 0 && !has(equation.result, kEllipsis));
  }

  bool check_labels(bool ellipsis_is_lost) {
    if (ellipsis_is_lost) node_.fail("its result lacks the ellipsis");
    for (const Operand& operand : operands_) {
      const Shape& shape = node_.tensor(operand.id).shape;
      for (std::size_t i = 0; i < operand.labels.size() && !node_.failed(); ++i) {
        const Label label = operand.labels[i];
        if (std::count(operand.labels.begin(), operand.labels.end(), label) > 1) {
          node_.unsupported("Einsum of a diagonal (an index twice in one operand)");
        } else if (shape[i] != length(label) && (shape[i] != 1 || label > 0)) {
          node_.fail("an index has length " + std::to_string(shape[i]) + " in one operand and " +
                     std::to_string(length(label)) + " in the other");
        }
      }
    }
    for (const Label label : result_) {
      const bool known = std::any_of(operands_.begin(), operands_.end(),
                                     [&](const Operand& o) { return has(o.labels, label); });
      if (node_.failed()) break;
      if (!known || std::count(result_.begin(), result_.end(), label) > 1) {
        node_.fail("an index of its result is in no operand, or twice in the result");
      }
    }
    return !node_.failed();
  }

  bool in_other(const Operand& operand, Label label) const {
    return std::any_of(operands_.begin(), operands_.end(), [&](const Operand& other) {
      return &other != &operand && has(other.labels, label);
    });
  }

  /// Sums over what neither the result nor the other operand has.
  void sum_alone(Operand& operand) {
    AxesAttrs attrs;
    attrs.keep_dims = false;
    Labels rest;
    for (std::size_t i = 0; i < operand.labels.size(); ++i) {
      const Label label = operand.labels[i];
      if (has(result_, label) || in_other(operand, label)) {
        rest.push_back(label);
      } else {
        attrs.axes.push_back(static_cast<std::int64_t>(i));
      }
    }
    if (attrs.axes.empty()) return;
    operand = {node_.emit(OpKind::kReduce, attrs, {operand.id}, "sum"), rest};
  }

  /// The operand with its dimensions in the order of `wanted`, which has the same labels.
  TensorId arranged(const Operand& operand, const Labels& wanted, const std::string& suffix) {
    OnnxNode::Ints order;
    for (const Label label : wanted) {
      const auto at = std::find(operand.labels.begin(), operand.labels.end(), label);
      order.push_back(at - operand.labels.begin());
    }
    if (std::is_sorted(order.begin(), order.end())) return operand.id;
    return node_.transpose(operand.id, order, suffix);
  }

  /// `head`, then the labels of `first` and of `second` as one dimension each.
  TensorId folded(const Operand& operand, const Labels& head, const Labels& first,
                  const Labels& second, const std::string& suffix) {
    Labels order = head;
    order.insert(order.end(), first.begin(), first.end());
    order.insert(order.end(), second.begin(), second.end());
    const TensorId turned = arranged(operand, order, suffix);
    if (node_.failed()) return turned;
    const Shape& whole = node_.tensor(turned).shape;
    const auto at = [&](std::size_t i) { return whole.begin() + static_cast<std::ptrdiff_t>(i); };
    Shape shape(whole.begin(), at(head.size()));
    // Below 2^63: they are dimensions of one tensor.
    std::int64_t rows = 1, columns = 1;
    for (std::size_t i = 0; i < first.size(); ++i) rows *= *at(head.size() + i);
    for (std::size_t i = 0; i < second.size(); ++i) {
      columns *= *at(head.size() + first.size() + i);
    }
    shape.push_back(rows);
    shape.push_back(columns);
    return shape == whole ? turned : node_.reshape(turned, shape, suffix + ".matrix");
  }

  Operand product() {
    const Operand &a = operands_[0], &b = operands_[1];
    Labels both, rows, columns, inner;
    for (const Label label : result_) {
      if (has(a.labels, label) && has(b.labels, label)) both.push_back(label);
    }
    for (const Label label : a.labels) {
      const bool kept = has(result_, label);
      if (!has(b.labels, label)) rows.push_back(label);
      if (has(b.labels, label) && !kept) inner.push_back(label);
    }
    for (const Label label : b.labels) {
      if (!has(a.labels, label)) columns.push_back(label);
    }
    const TensorId left = folded(a, both, rows, inner, "left");
    if (node_.failed()) return {};
    const TensorId right = folded(b, both, inner, columns, "right");
    if (node_.failed()) return {};
    // Without an inner index the one column times the one row is every product once.
    const TensorId made =
        inner.empty()
            ? node_.emit(OpKind::kBinary, BinaryAttrs{BinaryKind::kMul}, {left, right}, "product")
            : node_.emit(OpKind::kMatMul, MatMulAttrs{}, {left, right}, "product");
    if (node_.failed()) return {};
    Labels labels = both;
    labels.insert(labels.end(), rows.begin(), rows.end());
    labels.insert(labels.end(), columns.begin(), columns.end());
    Shape shape;
    for (const Label label : labels) shape.push_back(length(label));
    return {shape == node_.tensor(made).shape ? made : node_.reshape(made, shape, "spread"),
            labels};
  }

  OnnxNode& node_;
  std::vector<Operand> operands_;
  Labels result_;
};

void einsum(OnnxNode& node) { Einsum(node).run(); }

}  // namespace

std::vector<OnnxConverter> onnx_einsum_operators() { return {{"Einsum", einsum}}; }

}  // namespace takt
