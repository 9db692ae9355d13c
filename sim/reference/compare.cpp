// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/compare.h"

#include <algorithm>
#include <cmath>

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

class Comparison {
 public:
  explicit Comparison(ValueCheck& check) : check_(check) {}

  void tensor(const StoredTensor& stored, const View& view, const TensorValues& expected,
              const std::vector<std::byte>& bytes, double bound) {
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
        first = "element " + std::to_string(i) + " is " + std::to_string(got) + " instead of " +
                std::to_string(want);
      }
    }
    if (wrong == 0) return;
    check_.mismatches += wrong;
    check_.findings.push_back("tensor '" + stored.name + "': " + std::to_string(wrong) + " of " +
                              std::to_string(expected.elements()) + " values differ, " + first);
  }

 private:
  ValueCheck& check_;
};

}  // namespace

double float_bound(const std::vector<std::int64_t>& k, DType dtype) {
  double bound = 0;
  for (const std::int64_t length : k) {
    bound += 4 * (std::sqrt(static_cast<double>(length)) + 8) * 0x1p-24 + 2 * step_of(dtype);
  }
  return bound;
}

ValueCheck compare_values(const RegionGraph& regions, const NetworkValues& expected,
                          const std::function<const std::vector<std::byte>&(TensorId)>& stored) {
  ValueCheck check;
  check.reference = "oracle";
  Comparison comparison(check);
  std::vector<bool> made(regions.tensors.size(), false);
  std::vector<std::int64_t> sums;  // of all layers so far: an upper bound for each way
  for (const Region& region : regions.regions) {
    const MatrixWork& work = region.matrix;
    const bool matrix = region.kind == Region::Kind::kMatrix;
    sums.push_back(matrix ? work.r * work.s * work.c : region.vector.row_elements);
    const TensorId id = region.output.tensor;
    if (!id.valid()) continue;
    made[id.index] = true;
  }
  const double bound = float_bound(sums, DType::kFp32);
  for (std::uint32_t i = 0; i < regions.tensors.size(); ++i) {
    const StoredTensor& tensor = regions.tensors[i];
    if (!made[i] || !tensor.graph_tensor.valid()) continue;
    const View& view = regions.places[tensor.graph_tensor.index];
    // A tensor that was copied into another order is compared there.
    if (view.stored != TensorId{i}) continue;
    const TensorValues& values = expected.tensors[tensor.graph_tensor.index];
    if (values.empty()) continue;
    const double allowed = tensor.dtype == DType::kFp32 ? bound : float_bound(sums, tensor.dtype);
    comparison.tensor(tensor, view, values, stored({i}), allowed);
  }
  return check;
}

}  // namespace takt
