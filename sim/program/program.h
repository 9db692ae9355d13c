// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tile program: units, token channels, buffers' use, and one nest a region and core.

#include <memory>
#include <string>
#include <vector>

#include "sim/ir/region.h"
#include "sim/machine/machine.h"
#include "sim/program/nest.h"

namespace takt {

enum class UnitKind : std::uint8_t {
  kDmaIn,
  kDmaOut,
  kMatrix,
  kVector,
  kHostIn,
  kHostOut,
  kWeightIn,  ///< fetches weights only; without one, dma_in does
};

/// An in-order stream of ops. `name` is the config path: "core0.matrix", "core0.dma_in", "host.in".
/// With one DMA engine a core, "core0.dma" has kind kDmaIn and takes stores too.
struct Unit {
  std::string name;
  UnitKind kind = UnitKind::kMatrix;
  std::uint32_t core = 0;
};

/// Why a matrix unit waits on a channel, in the order in which ties are decided (CONTRACT 3).
enum class StallCause : std::uint8_t { kWeights, kInputs, kOutputs, kDependency, kHost, kVector };
inline constexpr std::size_t kStallCauses = 6;

/// A counter of credits with one producing and one consuming unit. `initial` credits are there at
/// cycle 0 (free slots). All must be back at the end (`final`: what is then left).
struct Channel {
  std::string name;  ///< "conv1.weights.ready"
  std::uint32_t initial = 0;
  std::uint32_t final = 0;
  StallCause cause = StallCause::kDependency;
  Cycles latency{};  ///< from the moment a credit is given to when it can be taken
};

/// Where a stored tensor lies.
struct TensorPlacement {
  std::uint64_t dram_address = 0;  ///< of every tensor; host tensors have one as well
  bool in_dram = true;             ///< false: it only ever lies on chip
  bool resident = false;           ///< kept in the unified buffer from its making to its last use
  std::uint64_t buffer_address = 0;
  std::uint64_t dram_span = 0;  ///< bytes reserved, padding to the interleave included
  bool shared = false;          ///< kept in the cores' shared buffer instead, at `buffer_address`
  /// Where loads and stores find it, if it is not resident.
  Space space() const { return shared ? Space::kShared : Space::kDram; }
  std::uint64_t address() const { return shared ? buffer_address : dram_address; }
};

/// What one region asks of the machine, for reports and checks.
struct ProgramRegion {
  std::uint32_t source = 0;  ///< index into RegionGraph::regions
  std::uint32_t pass = 0;    ///< > 0: the same region for a later part of the batch
  std::string name;
  std::string mapping;                       ///< one line, in the mapping file's words
  std::uint64_t macs = 0;                    ///< required
  std::vector<std::unique_ptr<Nest>> nests;  ///< by core; null = that core has nothing to do
};

struct Program {
  const Machine* machine = nullptr;
  const RegionGraph* graph = nullptr;
  std::vector<Unit> units;
  std::vector<Channel> channels;
  std::vector<TensorPlacement> tensors;  ///< by RegionGraph::tensors
  std::vector<ProgramRegion> regions;    ///< in execution order

  UnitId unit_of(UnitKind kind, std::uint32_t core) const;
  UnitId matrix_unit(std::uint32_t core, std::uint32_t which) const;
};

/// The ops of one core in program order, region after region; host ops belong to core 0's stream.
class CoreStream {
 public:
  CoreStream(const Program& program, std::uint32_t core);
  bool next(TileOp& op);

 private:
  const Program& program_;
  std::uint32_t core_;
  std::size_t region_ = 0;
  std::unique_ptr<NestCursor> cursor_;
  std::uint64_t sequence_ = 0;
};

/// Units of a machine in the fixed order that UnitId counts in.
std::vector<Unit> make_units(const Machine& machine);

}  // namespace takt
