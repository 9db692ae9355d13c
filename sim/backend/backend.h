// SPDX-License-Identifier: Apache-2.0
#pragma once
// A kind of accelerator: the one interface for all of them. Stateless after construction;
// everything it knows came from its machine.

#include <memory>
#include <string_view>

#include "sim/backend/region_plan.h"
#include "sim/engine/engine.h"
#include "sim/mapper/search.h"

namespace takt {

/// A region's program for one core.
struct Lowered {
  std::unique_ptr<Nest> nest;
  std::vector<std::uint64_t> weight_loads;  ///< by array: how far a weight FIFO moves on
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  virtual const Machine& machine() const = 0;
  /// Slots, tiles and passes of a mapped region as a loop nest.
  virtual Lowered lower(RegionPlan plan) const = 0;
  /// Arrays of a core that a mapped region gives work to (the first so many).
  virtual std::uint32_t arrays_used(const Region& region, const RegionMapping& mapping,
                                    std::uint32_t part) const = 0;
  /// Cost of tile ops, closed form.
  virtual const TileTiming& timing() const = 0;
};

}  // namespace takt
