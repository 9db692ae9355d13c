// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/cycle_values_core.h"

namespace takt {
namespace {

constexpr std::uint32_t kWaveSideMax = 16;  ///< SystolicArrayCycle::kSideMax

Diagnostic unsupported(std::string path, std::string message, std::string hint,
                       const char* name = "E-cycle-fidelity") {
  Diagnostic d;
  d.kind = ErrorKind::kUnsupported;
  d.name = name;
  d.path = std::move(path);
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

/// What the registers of an array that computes in `dtype` take in.
bool holds(DType dtype, DType operand) {
  if (info(dtype).is_float) return info(operand).is_float && operand != DType::kFp64;
  return operand == dtype || (dtype == DType::kInt16 && operand == DType::kInt8);
}

std::string name_of(DType dtype) { return std::string(to_string(dtype)); }

void check_region(const Program& program, const Region& region, Diagnostics& into) {
  const MacRate rate = program.machine->matrix.rate_of(region.dtype);
  const std::string layer = "layer '" + region.name + "'";
  const std::string other = "-f transaction";
  if (rate.numerator > rate.denominator && rate.numerator % rate.denominator != 0) {
    into.push_back(unsupported(layer,
                               "fidelity cycle: a PE that does " + std::to_string(rate.numerator) +
                                   "/" + std::to_string(rate.denominator) + " MACs a cycle in " +
                                   name_of(region.dtype) + " has no whole number of multipliers",
                               other));
  }
  const RegionGraph& graph = *program.graph;
  for (const TensorId id : {region.matrix.input.tensor, region.matrix.weight.tensor}) {
    const StoredTensor& tensor = graph.tensors[id.index];
    if (holds(region.dtype, tensor.dtype)) continue;
    into.push_back(unsupported(layer,
                               "fidelity cycle: the array computes in " + name_of(region.dtype) +
                                   " and has no registers for '" + tensor.name + "' in " +
                                   name_of(tensor.dtype),
                               other));
  }
}

/// The first matrix region, whose type is the arrays'.
const Region* first_product(const Program& program) {
  for (const Region& region : program.graph->regions) {
    if (region.kind == Region::Kind::kMatrix) return &region;
  }
  return nullptr;
}

}  // namespace

Diagnostics cycle_problems(const Program& program) {
  Diagnostics errors;
  if (program.machine->matrix.timing == MatrixUnit::Timing::kScaleSim) {
    errors.push_back(unsupported("core.matrix.timing",
                                 "fidelity cycle: 'scalesim' counts a cycle less a layer than any "
                                 "array takes",
                                 "--set core.matrix.timing=pipelined, or -f transaction"));
  }
  if (program.machine->matrix.dataflow == Dataflow::kRowStationary) {
    errors.push_back(unsupported("core.matrix.kind",
                                 "fidelity cycle: a row-stationary array has no PE-level model",
                                 "-f transaction, with --check functional for its values"));
    return errors;
  }
  const Region* const first = first_product(program);
  for (const Region& region : program.graph->regions) {
    if (region.kind != Region::Kind::kMatrix) continue;
    check_region(program, region, errors);
    if (region.dtype == first->dtype) continue;
    errors.push_back(unsupported("layer '" + region.name + "'",
                                 "fidelity cycle: computes in " + name_of(region.dtype) +
                                     ", layer '" + first->name + "' in " + name_of(first->dtype) +
                                     ", and an array has the registers of one type",
                                 "--layer for the layers of one type, or -f transaction"));
  }
  return errors;
}

Diagnostics wave_problems(const Program& program) {
  const MatrixUnit& unit = program.machine->matrix;
  const std::string side = std::to_string(kWaveSideMax);
  Diagnostics errors;
  if (unit.rows > kWaveSideMax || unit.cols > kWaveSideMax) {
    errors.push_back(unsupported(
        "core.matrix",
        "--vcd shows every register of every PE, of at most " + side + " x " + side +
            ", and this array is " + std::to_string(unit.rows) + " x " + std::to_string(unit.cols),
        "--set core.matrix.rows=" + side + " --set core.matrix.cols=" + side, "E-vcd"));
  }
  const Region* const first = first_product(program);
  if (first == nullptr) {
    errors.push_back(unsupported("workload", "--vcd shows the array, and no layer runs on it",
                                 "choose layers with matrix products", "E-vcd"));
  } else if (first->dtype != DType::kInt8) {
    errors.push_back(
        unsupported("layer '" + first->name + "'",
                    "--vcd shows an array of int8 PEs, and this runs in " + name_of(first->dtype),
                    "--dtype int8", "E-vcd"));
  } else if (const MacRate rate = unit.rate_of(DType::kInt8); rate.numerator > rate.denominator) {
    errors.push_back(unsupported("core.matrix.macs_per_pe.int8",
                                 "--vcd shows PEs that do one MAC a cycle at most",
                                 "--set core.matrix.macs_per_pe.int8=1", "E-vcd"));
  }
  return errors;
}

CycleValues::CycleValues(const Program& program, FunctionalPlayer& values, PassObserver* observer)
    : values_(values), arrays_(program.units.size()) {
  const Region* const first = first_product(program);
  if (first == nullptr) return;
  for (std::uint32_t i = 0; i < program.units.size(); ++i) {
    if (program.units[i].kind != UnitKind::kMatrix) continue;
    arrays_[i] = make_cycle_array(program, UnitId{i}, first->dtype, values, observer);
  }
}

void CycleValues::performed(const TileOp& op, Cycles when) {
  if (op.kind == TileOpKind::kSync) return;
  coming_.emplace(when, op);
  wake_();
}

void CycleValues::run_to(Cycles now) {
  const auto run_arrays = [this](Cycles to) {
    for (const auto& array : arrays_) {
      if (array != nullptr) array->run_to(to);
    }
  };
  while (!coming_.empty() && coming_.begin()->first <= now) {
    const auto next = coming_.begin();
    run_arrays(next->first);
    values_.perform(next->second);
    coming_.erase(next);
  }
  run_arrays(now);
}

bool CycleValues::idle() const {
  for (const auto& array : arrays_) {
    if (array != nullptr && !array->idle()) return false;
  }
  return coming_.empty();
}

}  // namespace takt
