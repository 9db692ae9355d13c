// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fuse/evaluate.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/base/random.h"

namespace takt::testing {

Index unravel(std::int64_t flat, const Shape& shape) {
  Index index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = flat % shape[d];
    flat /= shape[d];
  }
  return index;
}

std::int64_t ravel(const Index& index, const Shape& shape) {
  std::int64_t flat = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) flat = flat * shape[d] + index[d];
  return flat;
}

double unary(UnaryKind kind, double x) {
  switch (kind) {
    case UnaryKind::kRelu: return x > 0 ? x : 0;
    case UnaryKind::kSigmoid: return 1 / (1 + std::exp(-x));
    case UnaryKind::kTanh: return std::tanh(x);
    case UnaryKind::kIdentity: return x;
    case UnaryKind::kNeg: return -x;
    default: CHECK(false) << "the test does not know this function"; return 0;
  }
}

double binary(BinaryKind kind, double a, double b) {
  switch (kind) {
    case BinaryKind::kAdd: return a + b;
    case BinaryKind::kSub: return a - b;
    case BinaryKind::kMul: return a * b;
    case BinaryKind::kMax: return std::max(a, b);
    default: CHECK(false) << "the test does not know this function"; return 0;
  }
}

namespace {

/// The element of `shape` that broadcasts to `index` of a larger shape.
std::int64_t broadcast_index(const Index& index, const Shape& shape) {
  Index own(shape.size());
  const std::size_t missing = index.size() - shape.size();
  for (std::size_t d = 0; d < shape.size(); ++d) own[d] = shape[d] == 1 ? 0 : index[d + missing];
  return ravel(own, shape);
}

class Runner {
 public:
  Runner(const Graph& graph, const Op& op, Values& values)
      : graph_(graph), op_(op), values_(values) {}

  void run() {
    for (TensorId id : op_.outputs) {
      values_[id.index].assign(static_cast<std::size_t>(elements_of(graph_.tensor(id).shape)), 0);
    }
    switch (op_.kind) {
      case OpKind::kConv: return conv();
      case OpKind::kConvTranspose: return conv_transpose();
      case OpKind::kMatMul: return matmul();
      case OpKind::kMaxPool:
      case OpKind::kAveragePool: return pool();
      case OpKind::kSoftmax: return softmax();
      case OpKind::kReduce: return reduce();
      case OpKind::kConcat: return concat();
      case OpKind::kSplit: return split();
      default: return each();
    }
  }

 private:
  const Shape& shape(std::size_t input) const { return graph_.tensor(op_.inputs[input]).shape; }
  const Shape& out_shape(std::size_t i = 0) const { return graph_.tensor(op_.outputs[i]).shape; }
  const std::vector<double>& in(std::size_t i) const { return values_[op_.inputs[i].index]; }
  std::vector<double>& out(std::size_t i = 0) { return values_[op_.outputs[i].index]; }
  bool has(std::size_t i) const { return i < op_.inputs.size() && op_.inputs[i].valid(); }
  double read(std::size_t input, const Index& index) const {
    return in(input)[static_cast<std::size_t>(ravel(index, shape(input)))];
  }

  template <class F>
  void for_outputs(F&& value) {
    for (std::size_t i = 0; i < out().size(); ++i) {
      out()[i] = value(unravel(static_cast<std::int64_t>(i), out_shape()));
    }
  }

  /// What one output is made of one element each.
  void each() {
    for_outputs([&](const Index& index) {
      const auto operand = [&](std::size_t i) {
        return in(i)[static_cast<std::size_t>(broadcast_index(index, shape(i)))];
      };
      switch (op_.kind) {
        case OpKind::kUnary: return unary(std::get<UnaryAttrs>(op_.attributes).kind, operand(0));
        case OpKind::kBinary:
          return binary(std::get<BinaryAttrs>(op_.attributes).kind, operand(0), operand(1));
        case OpKind::kBatchNorm: {
          const auto c = static_cast<std::size_t>(index[1]);
          return operand(0) * in(1)[c] + in(2)[c];
        }
        case OpKind::kReshape: return in(0)[static_cast<std::size_t>(ravel(index, out_shape()))];
        case OpKind::kExpand: return operand(0);
        case OpKind::kTranspose: {
          const auto& order = std::get<TransposeAttrs>(op_.attributes).permutation;
          Index from(index.size());
          for (std::size_t d = 0; d < order.size(); ++d) {
            from[static_cast<std::size_t>(order[d])] = index[d];
          }
          return read(0, from);
        }
        case OpKind::kSlice: {
          const auto& move = std::get<MoveAttrs>(op_.attributes);
          Index from = index;
          for (std::size_t d = 0; d < from.size(); ++d) {
            from[d] = move.begin[d] + index[d] * move.step[d];
          }
          return read(0, from);
        }
        default: CHECK(false) << "the test does not know this operator"; return 0.0;
      }
    });
  }

  void conv() {
    const auto& a = std::get<WindowAttrs>(op_.attributes);
    const std::int64_t per_group = out_shape()[1] / a.groups, c = shape(1)[1];
    for_outputs([&](const Index& i) {
      double sum = has(2) ? in(2)[static_cast<std::size_t>(i[1])] : 0;
      for (std::int64_t r = 0; r < shape(1)[2]; ++r) {
        for (std::int64_t s = 0; s < shape(1)[3]; ++s) {
          const std::int64_t y = i[2] * a.stride[0] + r * a.dilation[0] - a.pad_begin[0];
          const std::int64_t x = i[3] * a.stride[1] + s * a.dilation[1] - a.pad_begin[1];
          if (y < 0 || x < 0 || y >= shape(0)[2] || x >= shape(0)[3]) continue;
          for (std::int64_t k = 0; k < c; ++k) {
            sum += read(0, {i[0], i[1] / per_group * c + k, y, x}) * read(1, {i[1], k, r, s});
          }
        }
      }
      return sum;
    });
  }

  void conv_transpose() {
    const auto& a = std::get<WindowAttrs>(op_.attributes);
    const std::int64_t in_group = shape(0)[1] / a.groups, o = shape(1)[1];
    for_outputs([&](const Index& i) {
      double sum = has(2) ? in(2)[static_cast<std::size_t>(i[1])] : 0;
      for (std::int64_t y = 0; y < shape(0)[2]; ++y) {
        for (std::int64_t x = 0; x < shape(0)[3]; ++x) {
          const std::int64_t r = i[2] + a.pad_begin[0] - y * a.stride[0];
          const std::int64_t s = i[3] + a.pad_begin[1] - x * a.stride[1];
          if (r < 0 || s < 0 || r >= shape(1)[2] || s >= shape(1)[3]) continue;
          const std::int64_t group = i[1] / o;
          for (std::int64_t k = 0; k < in_group; ++k) {
            sum += read(0, {i[0], group * in_group + k, y, x}) *
                   read(1, {group * in_group + k, i[1] % o, r, s});
          }
        }
      }
      return sum;
    });
  }

  void matmul() {
    const auto& a = std::get<MatMulAttrs>(op_.attributes);
    const std::size_t rank = out_shape().size();
    const Shape& left = shape(0);
    const std::int64_t k_size = a.transpose_a ? left[left.size() - 2] : left.back();
    for_outputs([&](const Index& i) {
      double sum = 0;
      for (std::int64_t k = 0; k < k_size; ++k) {
        Index ia = i, ib = i;
        ia[rank - 2] = a.transpose_a ? k : i[rank - 2];
        ia[rank - 1] = a.transpose_a ? i[rank - 2] : k;
        ib[rank - 2] = a.transpose_b ? i[rank - 1] : k;
        ib[rank - 1] = a.transpose_b ? k : i[rank - 1];
        sum += in(0)[static_cast<std::size_t>(broadcast_index(ia, shape(0)))] *
               in(1)[static_cast<std::size_t>(broadcast_index(ib, shape(1)))];
      }
      sum *= a.alpha;
      if (has(2)) sum += in(2)[static_cast<std::size_t>(broadcast_index(i, shape(2)))];
      return sum;
    });
  }

  void pool() {
    const auto& a = std::get<WindowAttrs>(op_.attributes);
    const bool most = op_.kind == OpKind::kMaxPool;
    for_outputs([&](const Index& i) {
      double sum = 0, best = -1e300;
      std::int64_t count = 0;
      for (std::int64_t y = 0; y < shape(0)[2]; ++y) {
        for (std::int64_t x = 0; x < shape(0)[3]; ++x) {
          const std::int64_t r = y - i[2] * a.stride[0] + a.pad_begin[0];
          const std::int64_t s = x - i[3] * a.stride[1] + a.pad_begin[1];
          if (!a.global && (r < 0 || s < 0 || r >= a.kernel[0] || s >= a.kernel[1])) continue;
          const double value = read(0, {i[0], i[1], y, x});
          sum += value;
          best = std::max(best, value);
          ++count;
        }
      }
      return most ? best : sum / static_cast<double>(count);
    });
  }

  void softmax() {
    const auto axis = static_cast<std::size_t>(std::get<AxesAttrs>(op_.attributes).axes[0]);
    for_outputs([&](const Index& index) {
      Index other = index;
      double sum = 0, most = read(0, index);
      const std::int64_t length = out_shape()[axis];
      for (other[axis] = 0; other[axis] < length; ++other[axis]) {
        most = std::max(most, read(0, other));
      }
      for (other[axis] = 0; other[axis] < length; ++other[axis]) {
        sum += std::exp(read(0, other) - most);
      }
      return std::exp(read(0, index) - most) / sum;
    });
  }

  void reduce() {
    const auto& a = std::get<AxesAttrs>(op_.attributes);
    CHECK(a.reduce == ReduceKind::kSum) << "the test knows sums only";
    for (std::size_t i = 0; i < in(0).size(); ++i) {
      Index index = unravel(static_cast<std::int64_t>(i), shape(0)), to;
      for (std::size_t d = 0; d < index.size(); ++d) {
        const bool gone =
            std::count(a.axes.begin(), a.axes.end(), static_cast<std::int64_t>(d)) > 0;
        if (!gone) to.push_back(index[d]);
        if (gone && a.keep_dims) to.push_back(0);
      }
      out()[static_cast<std::size_t>(ravel(to, out_shape()))] += in(0)[i];
    }
  }

  void concat() {
    const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(op_.attributes).axis);
    std::int64_t begin = 0;
    for (std::size_t part = 0; part < op_.inputs.size(); ++part) {
      for (std::size_t i = 0; i < in(part).size(); ++i) {
        Index index = unravel(static_cast<std::int64_t>(i), shape(part));
        index[axis] += begin;
        out()[static_cast<std::size_t>(ravel(index, out_shape()))] = in(part)[i];
      }
      begin += shape(part)[axis];
    }
  }

  void split() {
    const auto& a = std::get<MoveAttrs>(op_.attributes);
    for (std::size_t part = 0; part < op_.outputs.size(); ++part) {
      for (std::size_t i = 0; i < out(part).size(); ++i) {
        Index index = unravel(static_cast<std::int64_t>(i), out_shape(part));
        index[static_cast<std::size_t>(a.axis)] += a.begin[part];
        out(part)[i] = read(0, index);
      }
    }
  }

  const Graph& graph_;
  const Op& op_;
  Values& values_;
};

}  // namespace

void run_op(const Graph& graph, const Op& op, Values& values) { Runner(graph, op, values).run(); }

Values evaluate(const Graph& graph, std::uint64_t seed) {
  Random random(seed);
  Values values(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.kind == TensorKind::kActivation) continue;
    values[i].resize(static_cast<std::size_t>(elements_of(tensor.shape)));
    for (double& value : values[i]) value = static_cast<double>(random.between(0, 8)) / 4.0 - 1;
  }
  for (const Op& op : graph.ops) run_op(graph, op, values);
  return values;
}

}  // namespace takt::testing
