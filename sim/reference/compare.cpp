// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/compare.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "sim/functional/region_values.h"

namespace takt {
namespace {

double step_of(DType dtype) {
  switch (dtype) {
    case DType::kFp8: return 0x1p-3;
    case DType::kBf16: return 0x1p-7;
    case DType::kFp16: return 0x1p-10;
    default: return 0x1p-23;
  }
}

double largest_magnitude(const TensorValues& values) {
  double largest = 0;
  for (std::int64_t i = 0; i < values.elements(); ++i) {
    const double x = std::abs(values.at(i));
    if (std::isfinite(x)) largest = std::max(largest, x);
  }
  return largest;
}

/// A number with as many digits as its type holds.
std::string number_text(DType dtype, double value) {
  std::ostringstream text;
  text << std::setprecision(info(dtype).is_float ? 9 : 17) << value;
  return text.str();
}

/// [n, c, h, w] of a row-major index.
std::string index_text(const Shape& shape, std::int64_t index) {
  std::string text;
  for (std::size_t d = shape.size(); d-- > 0;) {
    text = std::to_string(index % shape[d]) + (text.empty() ? "" : ", ") + text;
    index /= shape[d];
  }
  return "[" + text + "]";
}

/// Is a region's result its one operand, row by row?
bool copies_rows(const Region& region) {
  if (region.kind != Region::Kind::kVector || !region.vector.moves_only) return false;
  if (region.operands.size() != 1) return false;
  const VectorOperand& from = region.operands[0];
  const ActivationView& v = from.view;
  // A view without strides finds its elements by what the op says, not by a walk.
  const bool walks = v.stride_n != 0 || v.stride_h != 0 || v.stride_w != 0 || v.stride_c != 0;
  return walks && from.access == VectorOperand::Access::kAligned &&
         from.rows == region.vector.rows && from.row_elements == region.vector.row_elements;
}

class Comparison {
 public:
  Comparison(ValueCheck& check, const RegionGraph& regions) : check_(check), regions_(regions) {}

  void tensor(TensorId id, const std::string& layer, const TensorValues& expected,
              const std::vector<std::byte>& bytes, double bound) {
    const StoredTensor& stored = regions_.tensors[id.index];
    const View& view = regions_.places[stored.graph_tensor.index];
    const OperandWalk walk = walk_of(view);
    const bool whole = !info(stored.dtype).is_float;
    const double largest = whole ? 1 : std::max(1e-30, largest_magnitude(expected));
    std::uint64_t wrong = 0;
    std::string first;
    for (std::int64_t i = 0; i < expected.elements(); ++i) {
      const double want = expected.at(i);
      const double got =
          load_element(stored.dtype, bytes.data() + static_cast<std::uint64_t>(walk.at(i)) *
                                                        bytes_of(stored.dtype));
      ++check_.compared;
      const bool same = want == got || (std::isnan(want) && std::isnan(got));
      const double error = same ? 0 : std::abs(want - got);
      check_.max_abs_error = std::max(check_.max_abs_error, error);
      check_.max_rel_error = std::max(check_.max_rel_error, error / largest);
      if (same || (!whole && error <= bound * largest)) continue;
      if (wrong++ == 0) {
        first = index_text(shape_of(view), i) + ": expected " + number_text(stored.dtype, want) +
                ", got " + number_text(stored.dtype, got);
      }
    }
    if (wrong == 0) return;
    check_.mismatches += wrong;
    check_.findings.push_back(layer + ": " + std::to_string(wrong) + " of " +
                              std::to_string(expected.elements()) + " values of '" + stored.name +
                              "' differ, the first at " + first);
  }

  /// What a region copied to a tensor that is none of the network's (a part of a concatenation,
  /// chosen alone) must be what lies where it was copied from.
  void copy(const Region& region, const NetworkValues& expected,
            const std::vector<std::byte>& bytes) {
    const VectorOperand& operand = region.operands.at(0);
    const TensorId graph_tensor = regions_.tensors[operand.tensor.index].graph_tensor;
    if (!graph_tensor.valid()) return;  // itself a part that was chosen alone, and compared
    const View& view = regions_.places[graph_tensor.index];
    const TensorValues& values = expected.tensors[graph_tensor.index];
    if (view.stored != operand.tensor || values.empty()) return;
    std::vector<std::int64_t> there(
        static_cast<std::size_t>(regions_.tensors[operand.tensor.index].elements), -1);
    const OperandWalk walk = walk_of(view);
    for (std::int64_t i = 0; i < values.elements(); ++i) {
      there[static_cast<std::size_t>(walk.at(i))] = i;
    }
    const auto place = [](const ActivationView& v, std::int64_t run, std::int64_t n,
                          std::int64_t row, std::int64_t e) {
      return v.offset + n * v.stride_n + row * v.stride_h + e / run * v.stride_w +
             e % run * v.stride_c;
    };
    const DType dtype = regions_.tensors[region.output.tensor.index].dtype;
    const VectorWork& work = region.vector;
    std::uint64_t wrong = 0;
    for (std::int64_t n = 0; n < work.images; ++n) {
      for (std::int64_t row = 0; row < work.rows; ++row) {
        for (std::int64_t e = 0; e < work.row_elements; ++e) {
          const std::int64_t from = place(operand.view, operand.row_run, n, row, e);
          const std::int64_t to = place(region.output, work.row_run, n, row, e);
          const double want = values.at(there[static_cast<std::size_t>(from)]);
          const double got =
              load_element(dtype, bytes.data() + static_cast<std::uint64_t>(to) * bytes_of(dtype));
          ++check_.compared;
          wrong += !(want == got || (std::isnan(want) && std::isnan(got)));
        }
      }
    }
    if (wrong == 0) return;
    check_.mismatches += wrong;
    check_.findings.push_back("layer '" + region.name + "': " + std::to_string(wrong) +
                              " values that it copied differ");
  }

 private:
  /// Extents of the graph tensor, whose dimensions a view may hold in several factors.
  static Shape shape_of(const View& view) {
    Shape shape;
    for (const auto& dim : view.dims) {
      std::int64_t extent = 1;
      for (const auto& factor : dim) extent *= factor.extent;
      shape.push_back(extent);
    }
    return shape;
  }

  ValueCheck& check_;
  const RegionGraph& regions_;
};

}  // namespace

double float_bound(const std::vector<std::int64_t>& k, DType dtype) {
  double bound = 0;
  for (const std::int64_t length : k) {
    bound += 4 * (std::sqrt(static_cast<double>(length)) + 8) * 0x1p-24 + 2 * step_of(dtype);
  }
  return bound;
}

std::vector<double> float_bounds(const RegionGraph& regions) {
  std::vector<double> bounds(regions.tensors.size(), 0);
  double so_far = 0;
  for (const Region& region : regions.regions) {
    const TensorId output = region.output.tensor;
    const MatrixWork& work = region.matrix;
    const bool matrix = region.kind == Region::Kind::kMatrix;
    const std::int64_t sum = matrix ? work.r * work.s * work.c : region.vector.row_elements;
    so_far +=
        float_bound({sum}, output.valid() ? regions.tensors[output.index].dtype : region.dtype);
    // Of several that make it together the last one counts.
    if (output.valid()) bounds[output.index] = so_far;
  }
  return bounds;
}

ValueCheck compare_values(const RegionGraph& regions, const NetworkValues& expected,
                          const StoredBytes& stored) {
  ValueCheck check;
  Comparison comparison(check, regions);
  std::vector<std::string> made(regions.tensors.size());  // by whom; empty = by nobody
  for (const Region& region : regions.regions) {
    if (!region.output.tensor.valid()) continue;
    std::string& by = made[region.output.tensor.index];
    by += (by.empty() ? "layer '" : ", '") + region.name + "'";
  }
  const std::vector<double> bounds = float_bounds(regions);
  for (std::uint32_t i = 0; i < regions.tensors.size(); ++i) {
    const StoredTensor& tensor = regions.tensors[i];
    if (made[i].empty() || !tensor.graph_tensor.valid()) continue;
    // A tensor that was copied into another order is compared there.
    if (regions.places[tensor.graph_tensor.index].stored != TensorId{i}) continue;
    const TensorValues& values = expected.tensors[tensor.graph_tensor.index];
    if (values.empty()) {
      if (tensor.elements > 0) check.findings.push_back(made[i] + ": the reference has no values");
      continue;
    }
    comparison.tensor({i}, made[i], values, stored({i}), bounds[i]);
  }
  for (const Region& region : regions.regions) {
    const TensorId output = region.output.tensor;
    if (!copies_rows(region) || regions.tensors[output.index].graph_tensor.valid()) continue;
    comparison.copy(region, expected, stored(output));
  }
  return check;
}

}  // namespace takt
