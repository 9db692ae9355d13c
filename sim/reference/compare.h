// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a player made, against the values of a reference: `check` of the record.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/functional/network_values.h"
#include "sim/ir/region.h"

namespace takt {

struct ValueCheck {
  std::string reference;  ///< whose values they were compared with: "oracle", "openblas" ...
  std::uint64_t compared = 0, mismatches = 0;
  double max_abs_error = 0;
  double max_rel_error = 0;  ///< of the largest magnitude in the tensor
  /// Of each layer that differs, its first element that does; what could not be compared.
  std::vector<std::string> findings;
  bool ok() const { return mismatches == 0 && findings.empty(); }
};

/// The bytes of a stored tensor as a program left them.
using StoredBytes = std::function<const std::vector<std::byte>&(TensorId)>;

/// Compares each stored tensor that a region makes, element by element: whole numbers bit for bit,
/// floats within float_bounds of the largest magnitude.
ValueCheck compare_values(const RegionGraph& regions, const NetworkValues& expected,
                          const StoredBytes& stored);

/// Relative error allowed for floats whose way from the inputs held sums of lengths `k`: each sum
/// of k roundings to 32 bits errs by about sqrt(k) halves of a last place (a random walk; 8 for
/// what stands beside the sum, a safety factor of 4), each stored result by one rounding to its
/// type.
double float_bound(const std::vector<std::int64_t>& k, DType dtype);

/// By stored tensor: float_bound of all layers up to the one that makes it, each with the type it
/// leaves its result in; 0 for what no layer makes.
std::vector<double> float_bounds(const RegionGraph& regions);

}  // namespace takt
