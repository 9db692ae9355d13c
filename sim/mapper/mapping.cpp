// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/mapping.h"

#include <algorithm>
#include <sstream>

namespace takt {
namespace {

/// `pixels outer`, `channels outer`, or the loops.
std::string order_words(const RegionMapping& m) {
  switch (m.order) {
    case TileOrder::kPixelsOuter: return "pixels outer";
    case TileOrder::kChannelsOuter: return "channels outer";
    case TileOrder::kGiven: return "loops " + letters_of(m.given_loops);
  }
  return "";
}

}  // namespace

TileLoops loops_of(const RegionMapping& m) {
  using D = TileDim;
  switch (m.order) {
    case TileOrder::kPixelsOuter: return {D::kG, D::kN, D::kP, D::kQ, D::kO, D::kC, D::kR, D::kS};
    case TileOrder::kChannelsOuter: return {D::kG, D::kO, D::kN, D::kP, D::kQ, D::kC, D::kR, D::kS};
    case TileOrder::kGiven: break;
  }
  return m.given_loops;
}

std::string letters_of(const TileLoops& loops) {
  std::string letters;
  for (const TileDim dim : loops) letters += kTileDimLetters[static_cast<std::size_t>(dim)];
  return letters;
}

std::optional<TileLoops> loops_of_letters(const std::string& letters) {
  const std::string all = kTileDimLetters;
  if (!std::is_permutation(letters.begin(), letters.end(), all.begin(), all.end())) {
    return std::nullopt;
  }
  TileLoops loops;
  for (std::size_t i = 0; i < kTileDims; ++i) {
    loops[i] = static_cast<TileDim>(all.find(letters[i]));
  }
  return loops;
}

std::string to_string(const RegionMapping& m) {
  std::ostringstream out;
  if (m.rows > 0) {
    out << "vector unit, " << m.rows << " rows";
    if (m.n > 1) out << " of " << m.n << " images";
    if (m.channels > 0) out << ", " << m.channels << " channels";
    out << " a tile, slots " << m.operand_slots << "/" << m.output_slots;
  } else {
    if (m.engine == WorkUnit::kVector) out << "vector unit, ";
    out << "tile g" << m.g << " n" << m.n << " p" << m.p << " q" << m.q << " o" << m.o << " c"
        << m.c;
    if (m.r > 0) out << " r" << m.r;
    if (m.s > 0) out << " s" << m.s;
    out << ", ";
    if (m.pack > 1) out << m.pack << " groups a pass, ";
    if (m.sets.any()) {
      out << m.sets.filters << " filters x " << m.sets.channels << " channels a PE, "
          << m.sets.filter_sets << " x " << m.sets.channel_sets << " sets, ";
    }
    if (m.steps > 0) out << "found in " << m.steps << " steps, ";
    out << order_words(m) << ", " << (m.reload ? "each tile loaded, " : "") << "weights by "
        << (m.fetch == WeightFetch::kTile ? "tile" : "pass") << ", slots " << m.input_slots << "/"
        << m.weight_slots << "/" << m.operand_slots << "/" << m.output_slots;
  }
  if (m.parts > 1) out << ", " << m.parts << " cores by " << to_string(m.cut);
  return out.str();
}

}  // namespace takt
