// SPDX-License-Identifier: Apache-2.0
#include "models/tpu/tpu_backend.h"

#include "models/common/row_stationary/row_stationary_timing.h"
#include "models/common/systolic_array/systolic_timing.h"
#include "models/tpu/matrix_nest.h"
#include "models/tpu/vector_nest.h"

namespace takt {
namespace {

std::unique_ptr<TileTiming> timing_of(const Machine& machine) {
  if (machine.matrix.dataflow == Dataflow::kRowStationary) {
    return std::make_unique<RowStationaryTiming>(machine);
  }
  return std::make_unique<SystolicTiming>(machine);
}

class TpuBackend : public Backend {
 public:
  explicit TpuBackend(const Machine& machine) : machine_(machine), timing_(timing_of(machine_)) {}

  std::string_view name() const override { return "tpu"; }
  const Machine& machine() const override { return machine_; }
  const TileTiming& timing() const override { return *timing_; }

  Lowered lower(RegionPlan plan) const override {
    Lowered lowered;
    if (plan.region->kind == Region::Kind::kVector) {
      lowered.nest = std::make_unique<VectorNest>(std::move(plan));
      return lowered;
    }
    const std::size_t arrays = plan.arrays.size();
    auto nest = std::make_unique<MatrixNest>(std::move(plan));
    for (std::size_t a = 0; a < arrays; ++a) lowered.weight_loads.push_back(nest->weight_loads(a));
    lowered.nest = std::move(nest);
    return lowered;
  }

  std::uint32_t arrays_used(const Region& region, const RegionMapping& mapping,
                            std::uint32_t part) const override {
    if (region.kind == Region::Kind::kVector || mapping.engine == WorkUnit::kVector) return 0;
    return TileSpace(region, machine_, mapping, part).arrays_used();
  }

 private:
  Machine machine_;
  std::unique_ptr<TileTiming> timing_;
};

}  // namespace

std::unique_ptr<Backend> make_tpu_backend(const Machine& machine) {
  return std::make_unique<TpuBackend>(machine);
}

}  // namespace takt
