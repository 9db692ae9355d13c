// SPDX-License-Identifier: Apache-2.0
#include "sim/mapper/timeloop_notation.h"

#include <algorithm>
#include <cctype>

namespace takt {
namespace {

constexpr const char* kDims = "NCKPQRS";
constexpr std::size_t kDimCount = 7;
constexpr int kLevels = 4;
/// What each level holds, by number: these machines have no other memories.
constexpr const char* kHolds[kLevels] = {"W", "O", "WI", "WIO"};
constexpr const char* kLevelNames[kLevels] = {"PEs", "accumulator", "scratchpad", "DRAM"};
constexpr int kDram = 3, kScratchpad = 2, kAccumulator = 1;
constexpr std::int64_t kCountMax = std::int64_t{1} << 30U;

class NotationReader {
 public:
  NotationReader(const std::string& text, const Place& place, const std::string& source_line)
      : text_(text), place_(place), source_line_(source_line) {}

  Result<TimeloopMapping> read() {
    for (int number = kDram; number >= 0; --number) {
      if (!errors_.empty()) break;
      if (number < kDram) separator();
      level(number);
    }
    space();
    if (errors_.empty() && at_ < text_.size()) {
      fail(at_, "nothing may follow level L0", "");
    }
    if (!errors_.empty()) return errors_;
    return mapping_;
  }

 private:
  void fail(std::size_t at, std::string message, std::string hint) {
    Diagnostic d;
    d.name = "E-mapping-notation";
    d.place = place_;
    if (d.place.column > 0) d.place.column += static_cast<int>(at);
    d.source_line = source_line_;
    d.path = "mapping_timeloop";
    d.message = std::move(message);
    d.hint = std::move(hint);
    errors_.push_back(std::move(d));
  }
  void space() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void separator() {
    space();
    if (here() == '-') {
      ++at_;
      return;
    }
    fail(at_, "expected a loop, as K16, or ' - ' before the next level", "");
  }

  void level(int number) {
    if (!errors_.empty()) return;
    space();
    const std::string head = "L" + std::to_string(number) + "[" + kHolds[number] + "]";
    if (text_.compare(at_, head.size(), head) != 0) {
      fail(at_, "expected " + head + ", the " + kLevelNames[number],
           "levels are L3[WIO] - L2[WI] - L1[O] - L0[W]");
      return;
    }
    at_ += head.size();
    TimeloopMapping::Level level;
    level.number = number;
    for (space(); here() != '\0' && here() != '-'; space()) {
      if (!factor(level)) return;
    }
    mapping_.levels.push_back(std::move(level));
  }

  bool factor(TimeloopMapping::Level& level) {
    const std::size_t begin = at_;
    TimeloopMapping::Factor f;
    f.column = static_cast<int>(begin);
    f.dim = here();
    if (std::string(kDims).find(f.dim) == std::string::npos) {
      fail(begin, std::string("'") + f.dim + "' is no dimension", "loops are over N C K P Q R S");
      return false;
    }
    ++at_;
    const std::size_t digits = at_;
    f.count = 0;
    while (std::isdigit(static_cast<unsigned char>(here())) != 0 && f.count <= kCountMax) {
      f.count = f.count * 10 + (text_[at_++] - '0');
    }
    if (at_ == digits || f.count < 1 || f.count > kCountMax) {
      fail(digits, "a loop's count is a whole number from 1", "");
      return false;
    }
    if (here() == 'X') {
      f.spatial = true;
      ++at_;
    }
    if (here() != ' ' && here() != '\0') {
      fail(at_, "expected a space behind the loop", "");
      return false;
    }
    return check(level, f, begin);
  }

  bool check(TimeloopMapping::Level& level, const TimeloopMapping::Factor& f, std::size_t begin) {
    const bool along_columns = level.number == kScratchpad && f.dim == 'K';
    const bool along_rows = level.number == kAccumulator && f.dim == 'C';
    if (f.spatial && !along_columns && !along_rows) {
      fail(begin, std::string(1, f.dim) + " cannot be spread at L" + std::to_string(level.number),
           "K16X at L2 is spread over the array's columns, C16X at L1 over its rows");
      return false;
    }
    for (const TimeloopMapping::Factor& other : level.factors) {
      if (other.dim != f.dim || other.spatial != f.spatial) continue;
      fail(begin,
           std::string(1, f.dim) + " is looped over twice at L" + std::to_string(level.number), "");
      return false;
    }
    level.factors.push_back(f);
    return true;
  }

  const std::string& text_;
  const Place& place_;
  const std::string& source_line_;
  std::size_t at_ = 0;
  TimeloopMapping mapping_;
  Diagnostics errors_;
};

/// Letters of the notation in terms of a layer's dimensions. A product has no columns: its rows are
/// the notation's P.
TileDim dim_of(char letter, bool product) {
  switch (letter) {
    case 'N': return TileDim::kN;
    case 'C': return TileDim::kC;
    case 'K': return TileDim::kO;
    case 'P': return product ? TileDim::kP : TileDim::kQ;
    case 'Q': return product ? TileDim::kQ : TileDim::kP;
    case 'R': return TileDim::kS;
    default: return TileDim::kR;
  }
}

std::int64_t whole_of(const MatrixWork& w, TileDim dim) {
  switch (dim) {
    case TileDim::kG: return w.g;
    case TileDim::kN: return w.n;
    case TileDim::kP: return w.p;
    case TileDim::kQ: return w.q;
    case TileDim::kO: return w.o;
    case TileDim::kC: return w.c;
    case TileDim::kR: return w.r;
    case TileDim::kS: return w.s;
  }
  return 1;
}

std::int64_t& extent_of(RegionMapping& m, TileDim dim) {
  switch (dim) {
    case TileDim::kG: return m.g;
    case TileDim::kN: return m.n;
    case TileDim::kP: return m.p;
    case TileDim::kQ: return m.q;
    case TileDim::kO: return m.o;
    case TileDim::kC: return m.c;
    case TileDim::kR: return m.r;
    case TileDim::kS: return m.s;
  }
  return m.g;
}

/// Dimensions that the loops of `dram` go over come last, in that order.
TileLoops loops_in_order(const TimeloopMapping::Level& dram, bool product) {
  TileLoops loops{};
  std::size_t last = kTileDims - dram.factors.size();
  for (const TimeloopMapping::Factor& f : dram.factors) loops[last++] = dim_of(f.dim, product);
  const auto given = loops.begin() + static_cast<std::ptrdiff_t>(kTileDims - dram.factors.size());
  std::size_t first = 0;
  for (std::size_t i = 0; i < kTileDims; ++i) {
    const auto dim = static_cast<TileDim>(i);
    if (std::find(given, loops.end(), dim) == loops.end()) loops[first++] = dim;
  }
  return loops;
}

}  // namespace

Result<TimeloopMapping> read_timeloop(const std::string& text, const Place& place,
                                      const std::string& source_line) {
  return NotationReader(text, place, source_line).read();
}

TimeloopMeaning meaning_of(const TimeloopMapping& notation, const Region& region,
                           const Machine& machine) {
  TimeloopMeaning meaning;
  const auto fault = [&meaning](std::string text, int column) {
    meaning.fault = std::move(text);
    meaning.column = column;
    return meaning;
  };
  const MatrixWork& w = region.matrix;
  if (region.kind != Region::Kind::kMatrix) return fault("the layer is vector work", -1);
  if (w.g > 1) return fault("the notation has no loop over the layer's groups", -1);
  const bool product = w.q == 1 && w.in_w == 1;
  RegionMapping& m = meaning.mapping;
  m.r = m.s = 1;
  std::int64_t whole[kTileDims] = {1, 1, 1, 1, 1, 1, 1, 1};
  int last_column[kTileDims] = {-1, -1, -1, -1, -1, -1, -1, -1};
  for (const TimeloopMapping::Level& level : notation.levels) {
    for (const TimeloopMapping::Factor& f : level.factors) {
      const TileDim dim = dim_of(f.dim, product);
      const auto i = static_cast<std::size_t>(dim);
      last_column[i] = f.column;
      // A product of several counts up to 2^30 each must not overflow.
      if (f.count > whole_of(w, dim) || whole[i] > whole_of(w, dim)) {
        return fault(std::string(1, f.dim) + " counts to more than the layer's " +
                         std::to_string(whole_of(w, dim)),
                     f.column);
      }
      whole[i] *= f.count;
      if (level.number != kDram) extent_of(m, dim) *= f.count;
      const std::int64_t most = f.dim == 'K' ? machine.matrix.cols : machine.matrix.rows;
      if (f.spatial && f.count > most) {
        return fault(
            "the array has " + std::to_string(most) + (f.dim == 'K' ? " columns" : " rows"),
            f.column);
      }
    }
  }
  for (std::size_t d = 0; d < kDimCount; ++d) {
    const TileDim dim = dim_of(kDims[d], product);
    const auto i = static_cast<std::size_t>(dim);
    if (whole[i] == whole_of(w, dim)) continue;
    return fault("the loops over " + std::string(1, kDims[d]) + " count " +
                     std::to_string(whole[i]) + " in all, the layer has " +
                     std::to_string(whole_of(w, dim)),
                 last_column[i]);
  }
  m.order = TileOrder::kGiven;
  m.given_loops = loops_in_order(notation.levels.front(), product);
  m.reload = machine.mapper.reload;
  if (m.r == w.r) m.r = 0;
  if (m.s == w.s) m.s = 0;
  return meaning;
}

}  // namespace takt
