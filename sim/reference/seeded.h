// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of inputs and parameters from a counter-based generator: element i of a tensor depends on
// seed, the tensor's name and i alone, so any executor makes any piece in any order, bit for bit.
// Specified in docs/values.md.

#include <cstdint>
#include <string_view>

#include "sim/base/diagnostic.h"
#include "sim/functional/network_values.h"
#include "sim/functional/semantics.h"

namespace takt {

/// 64-bit FNV-1a of a tensor's name.
std::uint64_t name_hash(std::string_view name);
/// The 64 random bits of an element.
std::uint64_t random_bits(std::uint64_t seed, std::uint64_t name, std::uint64_t index);

/// What a tensor's random bits become.
struct SeedRule {
  enum class Kind {
    kSigned,    ///< whole numbers -limit .. limit
    kBelow,     ///< whole numbers 0 .. limit - 1
    kFraction,  ///< offset + factor * u, u in [-1, 1) in steps of 2^-23
  } kind = Kind::kSigned;
  std::int64_t limit = 127;
  float factor = 1, offset = 0;
};
/// By the tensor's type and by what reads it: weights so that sums keep their size, row numbers
/// within their table.
SeedRule seed_rule(const Semantics& semantics, TensorId tensor);
double seeded_element(const SeedRule& rule, DType dtype, std::uint64_t bits);

/// Does an input or parameter keep the elements that the workload brings? (Else it is seeded.)
bool brings_values(const Semantics& semantics, TensorId tensor);
/// All elements of an input or parameter: the workload's own where it brings them, else seeded.
TensorValues initial_values(const Semantics& semantics, TensorId tensor, std::uint64_t seed);

/// All inputs and parameters; no results yet.
NetworkValues starting_values(const Semantics& semantics, std::uint64_t seed);

/// An error (E-values) for each op without defined values.
Diagnostics undefined_values(const Semantics& semantics);

}  // namespace takt
