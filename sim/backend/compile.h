// SPDX-License-Identifier: Apache-2.0
#pragma once
// RegionGraph x machine -> program: what stays on chip, a mapping a region, addresses, tokens.

#include <functional>
#include <map>
#include <memory>

#include "sim/backend/backend.h"
#include "sim/backend/decisions.h"
#include "sim/mapper/mapping_file.h"

namespace takt {

struct CompileOptions {
  Objective objective = Objective::kCycles;
  /// Value of a played program by the objective (lower is better); default: its cycles or DRAM
  /// bytes.
  std::function<double(const EngineResult&)> score;
  GivenMappings given;  ///< `--mapping`: by region name, the rest is searched
  NetworkPlan plan;     ///< of the same file: what of the network is not to be decided here
  std::size_t alternatives = 1;  ///< candidates kept a region (`takt map --top`)
  std::size_t play = 6;          ///< best estimates that are played a region
  std::function<void(std::size_t done, std::size_t regions)> progress;
  StopFlag stop = nullptr;  ///< throws Stopped soon after it is set
};

/// A program with everything it points to.
struct CompiledNetwork {
  std::shared_ptr<const RegionGraph> graph;
  Program program;
  std::vector<SearchResult> searches;  ///< by region; `best[0].mapping` is the one used
  Decisions decisions;
  double score = 0;  ///< by the objective, as `analytic` plays it
  std::vector<std::pair<std::string, RegionMapping>> mappings() const;
  /// A mapping file of all that was decided: with it, the same network on the same machine becomes
  /// the same program.
  std::string mapping_file() const;
};

/// The network at its batch. Errors: a layer that cannot fit (kInfeasible); a given mapping that
/// does not, is none of its layer or names no layer (kInvalidInput, at its place in the file).
Result<CompiledNetwork> compile(std::shared_ptr<const RegionGraph> graph, const Backend& backend,
                                const CompileOptions& options);

using NetworkAtBatch =
    std::function<Result<std::shared_ptr<const RegionGraph>>(std::int64_t batch)>;

/// The best of running the whole batch at once and part by part, or in as many parts as
/// options.plan says: `at_batch(b)` gives the network at batch b, or errors. Running image by image
/// is always a candidate.
Result<CompiledNetwork> compile_batched(std::int64_t batch, const NetworkAtBatch& at_batch,
                                        const Backend& backend, const CompileOptions& options);

}  // namespace takt
