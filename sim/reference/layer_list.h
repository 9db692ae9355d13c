// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network as a plain list that a program without any library can read and compute: its tensors
// with the rule that their values are made by, its ops with all attributes, and its regions.
// docs/layers.md is the form.

#include <cstdint>
#include <string>

#include "sim/functional/semantics.h"
#include "sim/ir/region.h"

namespace takt {

/// `graph` and the regions it was fused to. `precision` is what open floats run in.
std::string write_layer_list(const Graph& graph, const RegionGraph& regions, DType precision);

/// The list's `tensor` and `op` lines alone: all that values depend on.
std::string write_value_lines(const Semantics& semantics);
/// These lines under a header: a list without regions, for who computes and does not report.
std::string write_value_list(const Semantics& semantics);

/// What tells networks of different values apart: 64-bit FNV-1a of the `tensor` and `op` lines.
std::uint64_t values_hash(const Graph& graph, DType precision);

}  // namespace takt
