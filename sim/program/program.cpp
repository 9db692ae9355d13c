// SPDX-License-Identifier: Apache-2.0
#include "sim/program/program.h"

namespace takt {

std::vector<Unit> make_units(const Machine& machine) {
  std::vector<Unit> units;
  for (std::uint32_t core = 0; core < machine.cores; ++core) {
    const std::string prefix = "core" + std::to_string(core) + ".";
    if (machine.dma.engines == 1) {
      units.push_back({prefix + "dma", UnitKind::kDmaIn, core});
    } else {
      units.push_back({prefix + "dma_in", UnitKind::kDmaIn, core});
      units.push_back({prefix + "dma_out", UnitKind::kDmaOut, core});
    }
    if (machine.dma.weight_engine) {
      units.push_back({prefix + "weight_in", UnitKind::kWeightIn, core});
    }
    for (std::uint32_t i = 0; i < machine.matrix.count; ++i) {
      const std::string suffix = machine.matrix.count > 1 ? std::to_string(i) : "";
      units.push_back({prefix + "matrix" + suffix, UnitKind::kMatrix, core});
    }
    units.push_back({prefix + "vector", UnitKind::kVector, core});
  }
  if (machine.host.enabled) {
    units.push_back({"host.in", UnitKind::kHostIn, 0});
    units.push_back({"host.out", UnitKind::kHostOut, 0});
  }
  return units;
}

UnitId Program::unit_of(UnitKind kind, std::uint32_t core) const {
  UnitId shared;
  for (std::uint32_t i = 0; i < units.size(); ++i) {
    if (units[i].core != core) continue;
    if (units[i].kind == kind) return UnitId{i};
    if (units[i].kind == UnitKind::kDmaIn) shared = UnitId{i};
  }
  const bool may_share = kind == UnitKind::kDmaOut || kind == UnitKind::kWeightIn;
  CHECK(may_share && shared.valid()) << "the machine has no such unit in core " << core;
  return shared;  // one engine does both
}

UnitId Program::matrix_unit(std::uint32_t core, std::uint32_t which) const {
  return UnitId{unit_of(UnitKind::kMatrix, core).index + which};
}

CoreStream::CoreStream(const Program& program, std::uint32_t core)
    : program_(program), core_(core) {}

bool CoreStream::next(TileOp& op) {
  while (region_ < program_.regions.size()) {
    if (!cursor_) {
      const auto& nests = program_.regions[region_].nests;
      const Nest* nest = core_ < nests.size() ? nests[core_].get() : nullptr;
      if (nest == nullptr) {
        ++region_;
        continue;
      }
      cursor_ = std::make_unique<NestCursor>(*nest);
    }
    if (cursor_->next(op)) {
      op.sequence = sequence_++;
      op.region = static_cast<std::uint32_t>(region_);
      return true;
    }
    cursor_.reset();
    ++region_;
  }
  return false;
}

}  // namespace takt
