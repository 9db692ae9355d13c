// SPDX-License-Identifier: Apache-2.0
#pragma once
// How one region is cut and ordered on a machine: what the mapper chooses, what `--mapping` gives.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/ir/region.h"
#include "sim/machine/machine.h"

namespace takt {

/// The dimensions that buffer tiles cut: the loops of docs/mapping.md.
enum class TileDim : std::uint8_t { kG, kN, kP, kQ, kO, kC, kR, kS };
inline constexpr std::size_t kTileDims = 8;
/// Their letters, by TileDim.
inline constexpr char kTileDimLetters[] = "gnpqocrs";
/// All of them, outermost first.
using TileLoops = std::array<TileDim, kTileDims>;

/// Order of the loops over buffer tiles. In the first two groups are outermost and the reduction
/// innermost; where a given order has the reduction outside, the sums of all outputs within it wait
/// in the accumulators. Partial sums never leave those.
enum class TileOrder {
  kPixelsOuter,    ///< g n p q o c r s: an input tile stays while output channels pass
  kChannelsOuter,  ///< g o n p q c r s: a weight tile stays while pixels pass
  kGiven,          ///< RegionMapping::given_loops
};

/// When the stationary or streaming weights are fetched from DRAM.
enum class WeightFetch {
  kTile,  ///< a whole buffer tile (to x tc·r·s) at once
  kPass,  ///< one array pass (k1 x n1) at a time: a FIFO of array tiles
};

/// Where the work is done: the array, or the vector unit, where each lane makes one output.
enum class WorkUnit { kMatrix, kVector };

/// A row-stationary pass: what is interleaved in a PE, and PE sets side by side. A pass takes
/// `filters` x `filter_sets` output channels; the tile's input channels are all in it.
struct PeSets {
  std::int64_t filters = 1, channels = 1;          ///< in one PE
  std::int64_t filter_sets = 1, channel_sets = 1;  ///< sets with other filters, other channels
  bool any() const { return filters * channels * filter_sets * channel_sets != 1; }
};

/// Extents of a buffer tile and of an array pass. Extents are at most the region's own.
struct RegionMapping {
  WorkUnit engine = WorkUnit::kMatrix;
  std::int64_t g = 1, n = 1, p = 1, q = 1, o = 1, c = 1;  ///< buffer tile
  std::int64_t r = 0, s = 0;  ///< rows and columns of the kernel in a buffer tile; 0 = all
  TileOrder order = TileOrder::kPixelsOuter;
  TileLoops given_loops{};  ///< read with TileOrder::kGiven only
  bool reload = false;      ///< each tile loads both operands, even one that is there already
  std::int64_t steps = 0;   ///< tiles that the machine's software looked at to find this one
  WeightFetch fetch = WeightFetch::kTile;
  /// Groups that an array pass does at once, as blocks on the diagonal of its weights.
  std::int64_t pack = 1;
  PeSets sets;  ///< row stationary only
  std::uint32_t input_slots = 2, weight_slots = 2, operand_slots = 2, output_slots = 2;
  /// Cut over the cores: along which dimension, into how many parts. 1 = core 0 does it all.
  enum class Cut { kNone, kGroups, kImages, kRows, kChannels } cut = Cut::kNone;
  std::uint32_t parts = 1;
  std::int64_t rows = 0;  ///< vector work: rows a tile; 0 = a matrix operator's tile, as above
  /// Vector work: channels of each row in a tile (VectorWork::channels); 0 = whole rows.
  std::int64_t channels = 0;
};

/// The words of a mapping file for a cut, in the order of RegionMapping::Cut.
inline constexpr const char* kCutNames[] = {"none", "groups", "images", "rows", "channels"};
inline const char* to_string(RegionMapping::Cut cut) { return kCutNames[static_cast<int>(cut)]; }

/// The loops over buffer tiles, outermost first.
TileLoops loops_of(const RegionMapping& mapping);
/// The dimensions as letters, `gnpqocrs`; and back, nothing unless it is a permutation of them.
std::string letters_of(const TileLoops& loops);
std::optional<TileLoops> loops_of_letters(const std::string& letters);

/// One line in the words of a mapping file: `tile g1 n1 p56 q56 o64 c64, pixels outer, …`.
std::string to_string(const RegionMapping& mapping);

/// A mapping as Timeloop writes it: for each memory, outermost first, its loops, outermost first
/// (timeloop_notation.h). `P` and `Q` count output columns and rows, `R` and `S` kernel columns
/// and rows, `K` output channels.
struct TimeloopMapping {
  struct Factor {
    char dim = 'N';  ///< of NCKPQRS
    std::int64_t count = 1;
    bool spatial = false;
    int column = 0;  ///< in the text, from 0
  };
  struct Level {
    int number = 0;  ///< 3 DRAM, 2 scratchpad, 1 accumulator, 0 PE
    std::vector<Factor> factors;
  };
  std::vector<Level> levels;  ///< outermost first
};

/// A mapping that someone gave, and where, for what is wrong with it.
struct GivenMapping {
  GivenMapping() = default;
  GivenMapping(RegionMapping m)
      : mapping(m) {}  // NOLINT(google-explicit-constructor): made by code
  RegionMapping mapping;
  std::optional<TimeloopMapping> timeloop;  ///< instead: what it means depends on the layer
  Place place;                              ///< empty: not from a file
  std::string source_line;
};
/// By region name.
using GivenMappings = std::map<std::string, GivenMapping>;

/// Stands for the one matrix operator of a network that has no other.
inline constexpr const char* kOnlyLayer = "";

}  // namespace takt
