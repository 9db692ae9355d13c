// SPDX-License-Identifier: Apache-2.0
#include "op_check.h"

#include <algorithm>

namespace takt::gpu {
namespace {

/// How a kind of op is checked, and how many operands it cannot do without.
enum class Form { kElementwise, kNorm, kFold, kWindow, kMove, kConv, kMatMul };
struct Kind {
  const char* name;
  Form form;
  std::size_t operands;
};
constexpr Kind kKinds[] = {{"unary", Form::kElementwise, 1},  {"binary", Form::kElementwise, 2},
                           {"sum", Form::kElementwise, 1},    {"where", Form::kElementwise, 3},
                           {"clip", Form::kElementwise, 1},   {"cast", Form::kElementwise, 1},
                           {"batch_norm", Form::kNorm, 1},    {"softmax", Form::kNorm, 1},
                           {"layer_norm", Form::kNorm, 1},    {"group_norm", Form::kNorm, 1},
                           {"instance_norm", Form::kNorm, 1}, {"rms_norm", Form::kNorm, 1},
                           {"reduce", Form::kFold, 1},        {"arg_max", Form::kFold, 1},
                           {"max_pool", Form::kWindow, 1},    {"average_pool", Form::kWindow, 1},
                           {"lrn", Form::kNorm, 1},           {"resize", Form::kWindow, 1},
                           {"concat", Form::kMove, 1},        {"split", Form::kMove, 1},
                           {"slice", Form::kMove, 1},         {"pad", Form::kMove, 1},
                           {"transpose", Form::kMove, 1},     {"reshape", Form::kMove, 1},
                           {"expand", Form::kMove, 1},        {"gather", Form::kMove, 2},
                           {"conv", Form::kConv, 2},          {"matmul", Form::kMatMul, 2}};

const char* const kShapes = "the shapes of its operands and results do not go together";

bool broadcasts(const Dims& from, const Dims& to) {
  if (from.size() > to.size()) return false;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const std::int64_t extent = to[to.size() - from.size() + d];
    if (from[d] != 1 && from[d] != extent) return false;
  }
  return true;
}

/// The same but for one dimension.
bool alike(Dims a, Dims b, std::size_t axis) {
  if (a.size() != b.size() || axis >= a.size()) return false;
  a[axis] = b[axis] = 0;
  return a == b;
}

class OpCheck {
 public:
  OpCheck(const Network& network, const Op& op) : network_(network), op_(op) {}

  std::string mistake(const Kind& kind) const {
    for (std::size_t i = 0; i < kind.operands; ++i) {
      if (!op_.has(i)) return "operand " + std::to_string(i) + " is missing";
    }
    const bool any =
        std::any_of(op_.outputs.begin(), op_.outputs.end(), [](int id) { return id != kNone; });
    const bool first = !op_.outputs.empty() && op_.outputs[0] != kNone;
    if (!(op_.kind == "split" ? any : first)) return "it has no result";
    const bool fits = kind.form == Form::kElementwise ? elementwise()
                      : kind.form == Form::kNorm      ? norm()
                      : kind.form == Form::kFold      ? fold()
                      : kind.form == Form::kWindow    ? window()
                      : kind.form == Form::kMove      ? move()
                      : kind.form == Form::kConv      ? conv()
                                                      : matmul();
    return fits ? "" : kShapes;
  }

 private:
  const Tensor& tensor(int id) const { return network_.tensors[static_cast<std::size_t>(id)]; }
  const Dims& in(std::size_t operand = 0) const { return tensor(op_.inputs[operand]).dims; }
  const Dims& out(std::size_t result = 0) const { return tensor(op_.outputs[result]).dims; }
  std::size_t rank() const { return in().size(); }
  std::size_t axis() const { return static_cast<std::size_t>(op_.whole("axis")); }
  bool axes_inside() const {
    const Dims axes = op_.whole_list("axes");
    return std::all_of(axes.begin(), axes.end(), [&](std::int64_t a) {
      return a >= 0 && a < static_cast<std::int64_t>(rank());
    });
  }

  bool elementwise() const {
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      if (op_.has(i) && !broadcasts(in(i), out())) return false;
    }
    // The table of a function has as many entries as its operand has values.
    const Type made = tensor(op_.outputs[0]).type;
    return op_.kind != "unary" || !is_quantised(made) || tensor(op_.inputs[0]).type == made;
  }

  bool norm() const {
    const bool by_channel =
        op_.kind == "batch_norm" || op_.kind == "instance_norm" || op_.kind == "group_norm";
    if (in() != out() || !axes_inside()) return false;
    if ((by_channel || op_.kind == "lrn") && rank() < 2) return false;
    const std::int64_t groups = op_.whole("groups");
    if (op_.kind == "group_norm" && (groups < 1 || in()[1] % groups != 0)) return false;
    for (std::size_t i = 1; i < op_.inputs.size(); ++i) {
      if (!op_.has(i)) continue;
      if (!by_channel && !broadcasts(in(i), in())) return false;
      if (!by_channel) continue;
      // One number a channel; of a group norm it may be one a group.
      if (in(i).size() != 1 || in(i)[0] < 1 || in()[1] % in(i)[0] != 0) return false;
      if (op_.kind == "batch_norm" && in(i)[0] != in()[1]) return false;
    }
    return true;
  }

  bool fold() const {
    if (!axes_inside()) return false;
    const Dims axes = op_.whole_list("axes");
    std::int64_t rows = 1;
    for (std::size_t d = 0; d < rank(); ++d) {
      const auto at = static_cast<std::int64_t>(d);
      const bool inside = axes.empty() || std::find(axes.begin(), axes.end(), at) != axes.end();
      if (!inside) rows *= in()[d];
    }
    return elements_of(out()) == rows;
  }

  bool window() const {
    if (rank() != out().size()) return false;
    if (op_.kind == "resize") {
      return elements_of(out()) == 0 || elements_of(in()) > 0;
    }
    return rank() >= 2 && in()[0] == out()[0] && in()[1] == out()[1];
  }

  bool move() const {
    for (const int id : op_.outputs) {
      if (id != kNone && tensor(id).type != tensor(op_.inputs[0]).type) return false;
    }
    if (op_.kind == "concat") return concat();
    if (op_.kind == "split") return split();
    if (op_.kind == "slice") return slice();
    if (op_.kind == "gather") return gather();
    if (op_.kind == "reshape") return elements_of(in()) == elements_of(out());
    if (op_.kind == "expand") return broadcasts(in(), out());
    if (rank() != out().size()) return false;
    if (op_.kind == "pad") return op_.whole_list("begin").size() == rank();
    Dims order = op_.whole_list("permutation"), sorted = order;
    if (order.size() != rank()) return false;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t d = 0; d < order.size(); ++d) {
      if (sorted[d] != static_cast<std::int64_t>(d)) return false;
      if (out()[d] != in()[static_cast<std::size_t>(order[d])]) return false;
    }
    return true;
  }

  bool concat() const {
    std::int64_t along = 0;
    for (std::size_t i = 0; i < op_.inputs.size(); ++i) {
      if (!op_.has(i) || !alike(in(i), out(), axis())) return false;
      if (tensor(op_.inputs[i]).type != tensor(op_.outputs[0]).type) return false;
      along += in(i)[axis()];
    }
    return along == out()[axis()];
  }

  bool split() const {
    const Dims begin = op_.whole_list("begin");
    if (begin.size() < op_.outputs.size()) return false;
    for (std::size_t i = 0; i < op_.outputs.size(); ++i) {
      if (op_.outputs[i] == kNone) continue;
      if (!alike(in(), out(i), axis())) return false;
      if (begin[i] < 0 || begin[i] > in()[axis()] - out(i)[axis()]) return false;
    }
    return true;
  }

  bool slice() const {
    const Dims begin = op_.whole_list("begin"), step = op_.whole_list("step");
    if (begin.size() != rank() || step.size() != rank() || out().size() != rank()) return false;
    if (elements_of(out()) == 0) return true;
    for (std::size_t d = 0; d < rank(); ++d) {
      // Within 2^31, as extents are, so that the last place cannot overflow.
      if (step[d] < -(std::int64_t{1} << 31) || step[d] > std::int64_t{1} << 31) return false;
      if (begin[d] < 0 || begin[d] >= in()[d]) return false;
      const std::int64_t last = begin[d] + (out()[d] - 1) * step[d];
      if (last < 0 || last >= in()[d]) return false;
    }
    return true;
  }

  bool gather() const {
    if (axis() >= rank()) return false;
    const std::int64_t extent = in()[axis()], chosen = elements_of(in(1));
    if (extent == 0) return elements_of(out()) == 0;
    return elements_of(out()) == elements_of(in()) / extent * chosen;
  }

  bool conv() const {
    const Dims &x = in(0), &weights = in(1), &y = out();
    const std::int64_t groups = op_.whole("groups");
    if (x.size() < 3 || weights.size() != x.size() || y.size() != x.size()) return false;
    if (groups < 1 || x[1] % groups != 0 || weights[0] % groups != 0) return false;
    if (weights[1] != x[1] / groups || y[0] != x[0] || y[1] != weights[0]) return false;
    return !op_.has(2) || elements_of(in(2)) == y[1];
  }

  bool matmul() const {
    Dims a = in(0), b = in(1);
    if (a.empty() || b.empty()) return false;
    if (a.size() == 1) a.insert(a.begin(), 1);
    if (b.size() == 1) b.push_back(1);
    if (op_.whole("transpose_a") != 0) std::swap(a[a.size() - 1], a[a.size() - 2]);
    if (op_.whole("transpose_b") != 0) std::swap(b[b.size() - 1], b[b.size() - 2]);
    const std::int64_t m = a[a.size() - 2], n = b.back();
    if (a.back() != b[b.size() - 2]) return false;
    const Dims a_batch(a.begin(), a.end() - 2), b_batch(b.begin(), b.end() - 2);
    Dims batch = a_batch.size() < b_batch.size() ? b_batch : a_batch;
    const Dims& other = a_batch.size() < b_batch.size() ? a_batch : b_batch;
    for (std::size_t d = 0; d < other.size(); ++d) {
      std::int64_t& extent = batch[batch.size() - other.size() + d];
      if (extent == 1) extent = other[d];
    }
    if (!broadcasts(a_batch, batch) || !broadcasts(b_batch, batch)) return false;
    if (elements_of(out()) != elements_of(batch) * m * n) return false;
    return !op_.has(2) || broadcasts(in(2), out());
  }

  const Network& network_;
  const Op& op_;
};

}  // namespace

std::string op_mistake(const Network& network, const Op& op) {
  for (const Kind& kind : kKinds) {
    if (op.kind == kind.name) return OpCheck(network, op).mistake(kind);
  }
  return "";
}

}  // namespace takt::gpu
