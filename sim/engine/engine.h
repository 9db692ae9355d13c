// SPDX-License-Identifier: Apache-2.0
#pragma once
// The contract of everyone who plays a program and counts.

#include <functional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/stop.h"
#include "sim/engine/tile_timing.h"
#include "sim/program/program.h"
#include "sim/stats/counts.h"
#include "sim/stats/ledger.h"

namespace takt {

enum class Fidelity { kAnalytic, kTransaction, kCycle };

/// Who wants to see spans as they are booked (timeline.json, explain). Times in core clock cycles.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void span(const TileOp& op, Cycles start, Cycles end) = 0;
  /// A counter's new value at a moment: bytes in a buffer, bytes moved by DRAM in a window.
  virtual void counter(const std::string& name, Cycles when, std::uint64_t value) = 0;
};

struct RunLimits {
  Cycles max_cycles{};      ///< 0 = none
  StopFlag stop = nullptr;  ///< set by a signal: end soon, keep what is finished
  SpanSink* spans = nullptr;
  std::function<void(std::size_t regions_done, std::size_t regions)> progress;
};

struct RegionResult {
  Cycles start{};  ///< first cycle in which a unit works for it
  Cycles end{};    ///< last result, last stored byte
  Cycles matrix_span_start{},
      matrix_span_end{};  ///< first issue and last issue end on any matrix unit
  ActionCounts counts;
  MatrixLedger ledger;  ///< of its window, all matrix units together
  bool finished = false;
};

/// A named counter of a unit: name, unit, sentence (docs), value.
struct UnitCounter {
  std::string name;
  std::uint64_t value = 0;
};

struct UnitResult {
  std::string name;  ///< as Unit::name, or "dram.ch0", "host.pcie"
  bool is_matrix = false;
  MatrixLedger matrix;  ///< is_matrix
  UnitLedger ledger;    ///< otherwise; empty (total 0) for passive parts such as DRAM
  std::vector<UnitCounter> counters;
};

struct EngineResult {
  enum class Status { kFinished, kCycleLimit, kDeadlock, kInterrupted } status = Status::kFinished;
  Cycles end{};
  std::vector<RegionResult> regions;  ///< by Program::regions
  std::vector<UnitResult> units;
  std::vector<std::string>
      blocked;  ///< for limits and deadlocks: "core0.matrix: op 17 … waits for …"
  std::uint64_t kernel_activations = 0;  ///< host fact
};

/// Plays a program and counts. Same program: same result, byte for byte.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<EngineResult> run(const Program& program, const RunLimits& limits) = 0;
};

/// The counts of one op.
void count(const TileOp& op, ActionCounts& into);

}  // namespace takt
