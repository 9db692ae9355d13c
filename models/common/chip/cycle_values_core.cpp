// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/cycle_values_core.h"

namespace takt {
namespace {

Diagnostic unsupported(std::string path, std::string message, std::string hint) {
  Diagnostic d;
  d.kind = ErrorKind::kUnsupported;
  d.name = "E-cycle-fidelity";
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
