// SPDX-License-Identifier: Apache-2.0
#pragma once
// The mapper's search for each region of a network, its best candidates played alone. A search with
// the same answer is made once.

#include <map>

#include "sim/backend/compile.h"
#include "sim/backend/layout.h"

namespace takt {

/// What is compiled: for what, and how.
struct CompileTask {
  const RegionGraph& graph;
  const Backend& backend;
  const CompileOptions& options;
  const std::vector<TensorUse>& uses;
  const Machine& machine() const { return backend.machine(); }
};

/// Everything of a region and its room that a search's answer depends on: regions with the same one
/// get the same mapping.
std::string signature(const Region& region, const RegionGraph& graph, const RegionRoom& room);

class RegionSearch {
 public:
  explicit RegionSearch(const CompileTask& task) : task_(task) {}
  /// `resident` and `shared` (by tensor) say where its candidates find their tensors when they are
  /// played.
  const SearchResult& search(std::size_t region, const RegionRoom& room,
                             const std::vector<bool>& resident, const std::vector<bool>& shared);

 private:
  double play_alone(std::size_t region, const RegionMapping& mapping);

  const CompileTask& task_;
  std::map<std::string, SearchResult> cache_;
  Decisions alone_;
  Program alone_program_;
};

/// As `analytic` plays it.
EngineResult played(const CompileTask& task, const Program& program);
/// By the objective; lower is better.
double score_of(const CompileTask& task, const EngineResult& result);

}  // namespace takt
