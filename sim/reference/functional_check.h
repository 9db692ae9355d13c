// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--check` in one call.

#include <cstdint>

#include "sim/base/result.h"
#include "sim/ir/graph.h"
#include "sim/program/program.h"
#include "sim/reference/compare.h"
#include "sim/reference/reference_executor.h"

namespace takt {

/// Plays `program` on seeded tensors and compares every layer's output with a reference. `graph` is
/// what the program's regions were made of, at their batch; `precision` is what open floats run in.
/// What the player could not say by values is among the findings. Operators without defined values
/// are an error.
Result<ValueCheck> check_program(const Program& program, const Graph& graph, DType precision,
                                 ReferenceExecutor& reference, const ReferenceOptions& options);

/// The same with the oracle.
Result<ValueCheck> check_functional(const Program& program, const Graph& graph, DType precision,
                                    std::uint64_t seed);

}  // namespace takt
