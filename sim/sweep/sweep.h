// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sweep as its file describes it, and one point of it: plain data, read by sweep_spec.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/dtype.h"
#include "sim/engine/engine.h"
#include "sim/sweep/constraint.h"

namespace takt {

/// Where something was written, for errors about it that only show later.
struct Mark {
  Place place;
  std::string source_line;
};

/// What is varied: a key of the machine's file, or one of the options of `takt run`.
enum class ParameterKind { kMachineKey, kBatch, kDtype, kFidelity };

struct ParameterValue {
  std::string text;  ///< as `--set` takes it: "64 KiB", "weight_stationary"
  std::optional<Measure> measure;
  Mark mark;
};

struct Parameter {
  std::string key;
  ParameterKind kind = ParameterKind::kMachineKey;
  std::vector<ParameterValue> values;
  std::optional<std::size_t> same_as;  ///< the parameter whose values, and choice, it shares
  Mark mark;
};

/// What points are ranked by: the column of that name in the results.
struct ObjectiveInfo {
  std::string_view name;
  bool more_is_better;
};
/// Every objective there is.
const std::vector<ObjectiveInfo>& objective_infos();

/// A file that the sweep names, or a layer in place: as it is written there, and where it was
/// found.
struct NamedFile {
  std::string name;
  std::string path;
  Mark mark;
};

struct Sweep {
  std::string name;
  std::vector<NamedFile> archs, workloads;
  Fidelity fidelity = Fidelity::kAnalytic;
  std::uint64_t max_cycles = 0;  ///< of a point; 0 = no limit
  std::vector<Parameter> parameters;
  std::vector<Constraint> constraints;
  std::vector<ObjectiveInfo> objectives;
  std::string text;    ///< of the file
  std::string origin;  ///< the file, absolute: what it names is looked up beside it first
};

/// A cell of the grid.
struct Point {
  std::size_t arch = 0, workload = 0;
  std::vector<std::size_t> values;  ///< by parameter
};

/// What a point asks to be run, as the options of `takt run`.
struct PointRequest {
  std::string arch, workload;          ///< files
  std::vector<std::string> overrides;  ///< "path.to.key=value"
  std::optional<std::int64_t> batch;
  std::optional<DType> dtype;
  Fidelity fidelity = Fidelity::kAnalytic;
  std::uint64_t max_cycles = 0;
};

}  // namespace takt
