// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include "sim/base/check.h"
#include "tests/unit/fuse/evaluate.h"

namespace takt::testing {
namespace {

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

Values evaluate(const Graph& graph, const RegionGraph& regions, const Values& given) {
  return Memory(graph, regions, given).run();
}

}  // namespace takt::testing
