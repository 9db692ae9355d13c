// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/fuse/evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/base/check.h"
#include "sim/base/random.h"

namespace takt::testing {
namespace {

using Index = std::vector<std::int64_t>;

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

/// The element of `shape` that broadcasts to `index` of a larger shape.
std::int64_t broadcast_index(const Index& index, const Shape& shape) {
  Index own(shape.size());
  const std::size_t missing = index.size() - shape.size();
  for (std::size_t d = 0; d < shape.size(); ++d) own[d] = shape[d] == 1 ? 0 : index[d + missing];
  return ravel(own, shape);
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

/// Regions on memory: a stored tensor is an array of elements.
class Memory {
 public:
  Memory(const Graph& graph, const RegionGraph& regions, const Values& given)
      : graph_(graph), regions_(regions), given_(given) {
    values_.resize(graph.tensors.size());
    for (const StoredTensor& tensor : regions.tensors) {
      cells_.emplace_back(static_cast<std::size_t>(tensor.elements), std::nan(""));
    }
    for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
      const View& place = regions.places[i];
      if (!place.stored.valid()) continue;
      if (regions.tensors[place.stored.index].kind == TensorKind::kActivation) continue;
      write(place, given[i]);  // inputs, and what the compiler computes from parameters
    }
  }

  Values run() {
    for (const Region& region : regions_.regions) {
      if (region.kind == Region::Kind::kMatrix) {
        matrix(region);
      } else {
        vector(region);
      }
    }
    for (std::uint32_t i = 0; i < graph_.tensors.size(); ++i) {
      if (regions_.places[i].stored.valid()) values_[i] = read(regions_.places[i]);
    }
    return values_;
  }

 private:
  void write(const View& place, const std::vector<double>& data) {
    const Shape shape = place.shape();
    for (std::size_t i = 0; i < data.size(); ++i) {
      cells_[place.stored.index]
            [static_cast<std::size_t>(place.at(unravel(static_cast<std::int64_t>(i), shape)))] =
                data[i];
    }
  }
  std::vector<double> read(const View& place) const {
    const Shape shape = place.shape();
    std::vector<double> data(static_cast<std::size_t>(elements_of(shape)));
    for (std::size_t i = 0; i < data.size(); ++i) {
      data[i] = cells_[place.stored.index].at(
          static_cast<std::size_t>(place.at(unravel(static_cast<std::int64_t>(i), shape))));
    }
    return data;
  }
  double& cell(TensorId tensor, std::int64_t element) {
    return cells_.at(tensor.index).at(static_cast<std::size_t>(element));
  }
  static std::int64_t at(const ActivationView& v, const MatrixWork& w, std::int64_t g,
                         std::int64_t n, std::int64_t h, std::int64_t x, std::int64_t c) {
    const std::int64_t inner = w.g / w.g_outer;
    return v.offset + g / inner * v.stride_g_outer + g % inner * v.stride_g + n * v.stride_n +
           h * v.stride_h + x * v.stride_w + c * v.stride_c;
  }

  void matrix(const Region& region) {
    const MatrixWork& w = region.matrix;
    std::vector<std::pair<std::int64_t, double>> made;
    for (std::int64_t g = 0; g < w.g; ++g)
      for (std::int64_t n = 0; n < w.n; ++n)
        for (std::int64_t p = 0; p < w.p; ++p)
          for (std::int64_t q = 0; q < w.q; ++q)
            for (std::int64_t o = 0; o < w.o; ++o) {
              double sum = 0;
              for (std::int64_t r = 0; r < w.r; ++r)
                for (std::int64_t s = 0; s < w.s; ++s) {
                  const std::int64_t y = p * w.stride_h + r * w.dilation_h - w.pad_h;
                  const std::int64_t x = q * w.stride_w + s * w.dilation_w - w.pad_w;
                  if (y < 0 || x < 0 || y >= w.in_h || x >= w.in_w) continue;
                  for (std::int64_t c = 0; c < w.c; ++c) {
                    const std::int64_t inner = w.g / w.g_outer;
                    const WeightView& k = w.weight;
                    sum += cell(w.input.tensor, at(w.input, w, g, n, y, x, c)) *
                           cell(k.tensor, k.offset + g / inner * k.stride_g_outer +
                                              g % inner * k.stride_g + r * k.stride_r +
                                              s * k.stride_s + c * k.stride_c + o * k.stride_o);
                  }
                }
              sum = epilogue(region, sum, {g, n, p, q, o});
              made.emplace_back(at(region.output, w, g, n, p, q, o), sum);
            }
    for (const auto& [element, value] : made) cell(region.output.tensor, element) = value;
  }

  /// The epilogue on one element. Values of the group by graph tensor: a step may read any of them.
  double epilogue(const Region& region, double x, const Index& i) {
    std::map<std::uint32_t, double> stream;
    const Op& first = graph_.ops[region.members[0].index];
    std::size_t member = 1;
    double last = x;
    for (const VectorStep& step : region.epilogue) {
      const Op& op = graph_.ops[step.op.index];
      int next = step.operand;
      const auto operand = [&]() {
        const VectorOperand& v = region.operands.at(static_cast<std::size_t>(next++));
        CHECK(v.walks) << "the test needs a walk";
        return cell(v.tensor, at(v.view, region.matrix, i[0], i[1], i[2], i[3], i[4]));
      };
      if (&op == &first) {
        last = step.what == "bias" ? last + operand()
                                   : last * std::get<MatMulAttrs>(op.attributes).alpha;
        continue;
      }
      if (stream.empty()) stream[first.outputs[0].index] = last;
      for (; region.members[member] != step.op; ++member) {  // views between
        const Op& view = graph_.ops[region.members[member].index];
        stream[view.outputs[0].index] = stream.at(view.inputs[0].index);
      }
      ++member;
      const auto value = [&](std::size_t input) {
        const auto found = stream.find(op.inputs[input].index);
        return found != stream.end() ? found->second : operand();
      };
      if (op.kind == OpKind::kUnary) {
        last = unary(std::get<UnaryAttrs>(op.attributes).kind, value(0));
      } else if (op.kind == OpKind::kBatchNorm) {
        const double scale = operand(), offset = operand();
        last = value(0) * scale + offset;
      } else {
        const double a = value(0), b = value(1);
        last = binary(std::get<BinaryAttrs>(op.attributes).kind, a, b);
      }
      stream[op.outputs[0].index] = last;
    }
    return last;
  }

  /// By the members' own definitions, on what lies in memory; what is in between is not stored.
  void vector(const Region& region) {
    if (region.op == "copy" || region.op == "col2im") return special(region);
    Values local(graph_.tensors.size());
    for (OpId id : region.members) {
      const Op& op = graph_.ops[id.index];
      for (TensorId input : op.inputs) {
        if (!input.valid() || !local[input.index].empty()) continue;
        local[input.index] = regions_.places[input.index].stored.valid()
                                 ? read(regions_.places[input.index])
                                 : given_[input.index];
      }
      run_op(graph_, op, local);
    }
    // What leaves is the result of the last member that is stored; its values go where the region's
    // output walk says, in the order of the place.
    for (auto id = region.members.rbegin(); id != region.members.rend(); ++id) {
      const TensorId result = graph_.ops[id->index].outputs[0];
      if (!regions_.places[result.index].stored.valid()) continue;
      write(regions_.places[result.index], local[result.index]);
      return;
    }
  }

  void special(const Region& region) {
    CHECK(region.op == "copy") << "transposed convolutions are checked by their MACs";
    const VectorOperand& from = region.operands.at(0);
    const VectorWork& w = region.vector;
    for (std::int64_t n = 0; n < w.images; ++n)
      for (std::int64_t h = 0; h < w.rows; ++h)
        for (std::int64_t i = 0; i < w.row_elements; ++i) {
          const auto walk = [&](const ActivationView& v) {
            return v.offset + n * v.stride_n + h * v.stride_h + i / w.row_run * v.stride_w +
                   i % w.row_run * v.stride_c;
          };
          cell(region.output.tensor, walk(region.output)) = cell(from.tensor, walk(from.view));
        }
  }

  const Graph& graph_;
  const RegionGraph& regions_;
  const Values& given_;
  Values values_;
  std::vector<std::vector<double>> cells_;
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

Values evaluate(const Graph& graph, const RegionGraph& regions, const Values& given) {
  return Memory(graph, regions, given).run();
}

}  // namespace takt::testing
