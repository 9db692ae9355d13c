// SPDX-License-Identifier: Apache-2.0
#pragma once
// What hardware there is, as data: nothing optional, units applied, cross-checked. Made by
// `*_spec.cpp` readers from YAML; mapper, program and engines know the hardware only through this.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/clock_domain.h"
#include "sim/base/die_area.h"
#include "sim/base/dtype.h"
#include "sim/base/ids.h"
#include "sim/base/quantity.h"

namespace takt {

enum class Dataflow { kWeightStationary, kOutputStationary, kInputStationary, kRowStationary };

/// Do the PEs load weights and keep them while inputs pass?
constexpr bool weights_stay(Dataflow dataflow) {
  return dataflow == Dataflow::kWeightStationary || dataflow == Dataflow::kRowStationary;
}

/// MACs a PE does a cycle, as a fraction: 1/2 means one MAC every two cycles, 2/1 two a cycle.
struct MacRate {
  std::uint32_t numerator = 0;  ///< 0 = this dtype is not supported by the array
  std::uint32_t denominator = 1;
};

/// What a row-stationary PE holds, and what the buffer delivers to all PEs: one word is one
/// element.
struct RowStationary {
  std::uint32_t filter_words = 0, input_words = 0, sum_words = 0;  ///< scratchpads of a PE
  std::uint32_t filter_lanes = 1, input_lanes = 1, sum_lanes = 1;  ///< words a cycle
  bool gates_zeros = false;  ///< a zero input is not read, multiplied or added
};

/// A systolic array. Rows carry the reduction (K) and columns the outputs (N) when weights are
/// stationary; models/common/systolic_array/README.md has the other dataflows.
struct MatrixUnit {
  std::uint32_t count = 1;  ///< arrays a core
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  Dataflow dataflow = Dataflow::kWeightStationary;
  std::uint32_t weight_buffers = 2;  ///< stationary operand sets a PE: 1 = no overlap, 2 = shadow
  /// Rows of `cols` accumulators (32 bit) an array. Row stationary: names for sums that lie in the
  /// slots of the output, which limit them.
  std::uint64_t accumulator_rows = 0;
  std::array<MacRate, 6> rate{};  ///< by DType kInt8..kFp32
  enum class Timing { kPipelined, kScaleSim } timing = Timing::kPipelined;
  bool taps_apart = false;       ///< a pass takes channels of one tap of a kernel, never of two
  RowStationary row_stationary;  ///< of Dataflow::kRowStationary only
  /// Weight stationary: rows stream in commands of at most so many pixels of one output row, each
  /// of which takes `command_interval` at least; 0 = all of a pass in one.
  std::uint32_t command_rows = 0;
  Cycles command_interval{};
  Cycles command_preload{};  ///< the least for the last of a pass: the next weights enter beside it
  /// > 0: a product's tile is loaded and multiplied by so many of its reduction at a time.
  std::uint32_t command_depth = 0;

  /// Zero for types that no array multiplies (int32, bool, …).
  MacRate rate_of(DType dtype) const {
    const auto index = static_cast<std::size_t>(dtype);
    return index < rate.size() ? rate[index] : MacRate{};
  }
};

/// A SIMD unit: `lanes` elementary operations a cycle, after a start-up latency.
struct VectorUnit {
  std::uint32_t lanes = 0;
  Cycles latency{};        ///< from the first operand read to the first result written
  Cycles row_reduction{};  ///< what reducing a row takes beyond its lane operations
};

/// An on-chip memory of one core.
struct Buffer {
  std::string name;  ///< "unified", "weights"
  Bytes size{};
  std::uint32_t banks = 1;
  Bytes width{};                 ///< bytes a bank moves a cycle and port
  std::uint32_t read_ports = 1;  ///< a bank; 1RW counts its one port as both
  std::uint32_t write_ports = 1;
  bool shared_port = true;  ///< 1RW: a read and a write exclude each other
  std::uint32_t slots = 0;  ///< > 0: a FIFO of so many tiles (TPU v1's weight FIFO)
};

/// Run-length code of activations in DRAM: words of pairs (zeros before it, value) and one bit
/// more.
struct RunLengthCode {
  std::uint32_t word_bits = 0;  ///< 0: activations are stored as they are
  std::uint32_t run_bits = 0;
};

/// An on-chip memory that all cores share. DMA engines move tiles between it and a core's own
/// buffers, as they do to and from DRAM.
struct SharedBuffer {
  Buffer memory;     ///< no size: there is none
  Bytes link{};      ///< bytes a cycle between it and one DMA engine
  Cycles latency{};  ///< of the way there and back
  bool present() const { return memory.size.value() > 0; }
};

struct Dma {
  std::uint32_t engines = 2;       ///< 1: loads and stores share one engine; 2: one each way
  std::uint32_t queue = 16;        ///< descriptors waiting
  std::uint32_t outstanding = 64;  ///< bursts in flight
  Bytes burst{};
  bool weight_engine = false;       ///< weights are fetched by an engine of their own
  Femtoseconds latency{};           ///< way to the memory and back: bus, caches, controller
  Femtoseconds request_interval{};  ///< of bursts: what issuing one takes
  RunLengthCode compression;        ///< of activations, between DRAM and the buffers
  /// > 0: each row of a tile is asked for on its own, in pieces of so many bytes from its start.
  Bytes load_piece{}, store_piece{};
  Bytes product_store_piece{};  ///< the same of a matrix product's results
};

/// One DRAM standard: constraints in DRAM clock cycles, names as in JEDEC's tables.
struct DramTiming {
  std::string standard;
  std::uint64_t clock_hz = 0;      ///< of the command clock (tCK)
  std::uint32_t data_rate = 2;     ///< transfers a clock
  std::uint32_t burst_length = 8;  ///< transfers a burst
  std::uint32_t bus_bits = 64;     ///< of one channel
  std::uint32_t bank_groups = 1, banks_per_group = 8;
  Bytes row_bytes{};  ///< of one bank's open row over the whole channel
  std::uint64_t rows = 0;
  std::uint32_t cl = 0, cwl = 0, rcd = 0, rp = 0, ras = 0, rrd_s = 0, rrd_l = 0, faw = 0;
  std::uint32_t ccd_s = 0, ccd_l = 0, wr = 0, wtr_s = 0, wtr_l = 0, rtp = 0, rfc = 0, refi = 0;
};

/// A cache in front of the DRAM, shared by all requesters (models/common/cache).
struct Cache {
  Bytes size{};  ///< 0 = there is none
  Bytes line{};
  std::uint32_t ways = 1;
  Femtoseconds latency{};  ///< of a look-up, beyond the way there (Dma::latency)
  Femtoseconds miss{};     ///< way of a miss to the DRAM and back, beyond the DRAM's own
  std::uint64_t bandwidth_bytes_per_s = 0;  ///< of its port
  Femtoseconds lookup{};                    ///< of the port, for each look-up, beside the bytes
  bool fill_on_port =
      false;          ///< what is fetched takes the port as well, else it has one of its own
  bool warm = false;  ///< at cycle 0 it holds what a run before has left
  Bytes piece{};      ///< what the port moves at a time; 0 = a line
  bool present() const { return size.value() > 0; }
};

struct Memory {
  bool ideal = false;  ///< private pipes at rated bandwidth; no latency, banks, refresh, conflicts
  DramTiming timing;
  std::uint32_t channels = 1;
  std::uint64_t bandwidth_bytes_per_s = 0;  ///< rated, of all channels together
  bool open_page = true;
  std::uint32_t queue = 32;  ///< requests a channel's scheduler looks at
  bool hashed = false;       ///< channels are dealt out anew in each row: no stride stays in one
  Bytes capacity{};
  Bytes interleave{};  ///< consecutive bytes on one channel
  Cache cache;
  Cache inner_cache;  ///< between the DMA engines and `cache`, if there is one
};

struct HostLink {
  bool enabled = true;
  std::uint32_t generation = 3;
  std::uint32_t lanes = 16;
  Bytes max_payload{};
  Bytes read_request{};
  Femtoseconds latency{};                 ///< root complex and wire, one way
  Femtoseconds driver_cost{};             ///< host software a transfer
  std::uint32_t credits = 0;              ///< posted data credits in TLPs; 0 = never the limit
  std::uint64_t raw_bytes_per_s = 0;      ///< after line coding, all lanes, one direction
  std::uint64_t payload_bytes_per_s = 0;  ///< what is left for payload at max_payload: the rate
};

/// Energy of one action, with where the number is from (energy/).
struct EnergyEntry {
  Picojoules picojoules{};
  std::string kind;  ///< datasheet | paper | measured | estimate
  std::string source;
};
struct EnergyTable {
  std::string name;                  ///< "7nm"
  std::string technology;            ///< node and voltage
  std::array<EnergyEntry, 6> mac{};  ///< by DType kInt8..kFp32: one multiply-accumulate
  EnergyEntry vector_op;             ///< one lane operation
  EnergyEntry dram_byte;
  EnergyEntry host_byte;
  EnergyEntry noc_byte;
  EnergyEntry accumulator_access;                             ///< one 32-bit read or write
  EnergyEntry scratchpad_access;                              ///< one word of a PE's own
  std::vector<std::pair<BufferId, EnergyEntry>> buffer_byte;  ///< by size and width
  EnergyEntry shared_byte;                                    ///< of the shared buffer, if any
  EnergyEntry static_power_w;                                 ///< in `picojoules`: watts, not pJ
};

/// How layers are mapped where nothing else is asked for.
struct MapperChoice {
  bool gemmini = false;               ///< Gemmini's own tiler instead of the search
  Bytes scratchpad{}, accumulator{};  ///< what that tiler fills
  Cycles step{};        ///< what the processor takes for one tile that the tiler looks at
  bool reload = false;  ///< the software loads both operands for every tile (and no mapping keeps
                        ///< one), which is how mappings in Timeloop's notation are meant
  bool weight_rows = false;  ///< weights lie as rows of output channels, not packed by tile
};

/// A device: `cores` times the same core, one DRAM, one host link.
struct Machine {
  std::string name;
  std::string backend = "tpu";  ///< which room of models/ lowers for it
  ClockDomain clock{1};
  std::string technology;
  Cycles launch{};  ///< from the start of a run to its first op
  Cycles sync{};    ///< from the end of a layer's work to when another one's units know of it
  DType default_dtype = DType::kInt8;
  std::uint32_t cores = 1;
  MatrixUnit matrix;
  VectorUnit vector;
  std::vector<Buffer> buffers;  ///< of one core; BufferId indexes it
  BufferId unified;             ///< inputs and outputs (and weights if there is no `weights`)
  BufferId weights;             ///< may be the same as `unified`
  Dma dma;
  SharedBuffer shared;  ///< of all cores
  Memory memory;
  HostLink host;
  EnergyTable energy;
  std::optional<DieArea> area;  ///< none: the energy table has no areas
  MapperChoice mapper;
  std::string hash;  ///< of the resolved configuration
};

/// What all banks of a memory move a cycle, in one direction; with a shared port (1RW) the other
/// direction takes of it.
std::uint64_t bytes_per_cycle(const Buffer& buffer, bool write);

/// The most that the memory can move: its cache's hits, if it has one.
std::uint64_t fastest_bytes_per_s(const Memory& memory);

/// Peak multiply-accumulates a cycle of the whole device at that precision.
double peak_macs_per_cycle(const Machine& machine, DType dtype);

}  // namespace takt
