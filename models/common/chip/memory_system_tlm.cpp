// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/memory_system_tlm.h"

#include <algorithm>

namespace takt {
namespace {

template <class Stats>
void add_counters(const Stats& stats, UnitResult& row) {
  stats.describe([&](const char* name, const char*, const char*, std::uint64_t value) {
    row.counters.push_back({name, value});
  });
}

/// What the same network leaves in a cache: each tensor once, in the order in which they lie, and
/// what the run has made is changed.
void warm_up(CacheTlm& cache, const Program& program) {
  for (std::size_t i = 0; i < program.tensors.size(); ++i) {
    const TensorPlacement& place = program.tensors[i];
    if (!place.in_dram || place.resident || place.shared) continue;
    const StoredTensor& tensor = program.graph->tensors[i];
    const bool made = tensor.kind == TensorKind::kActivation;
    cache.hold(place.dram_address, place.dram_address + tensor.bytes(), made);
  }
}

}  // namespace

MemorySystemTlm::MemorySystemTlm(const sc_core::sc_module_name& name, const Program& program,
                                 Watchdog& watchdog)
    : sc_module(name),
      program_(program),
      banks_(program),
      dram_("dram", program.machine->memory, &watchdog),
      engines_(program.units.size()),
      shared_ports_(program.units.size()),
      routes_(program.units.size()) {
  const Machine& machine = *program.machine;
  if (machine.memory.cache.present()) {
    cache_ = std::make_unique<CacheTlm>("cache", machine.memory.cache, pool_, &watchdog);
    cache_->memory.bind(dram_.socket);
    if (machine.memory.cache.warm) warm_up(*cache_, program);
  }
  if (machine.memory.inner_cache.present()) {
    inner_cache_ =
        std::make_unique<CacheTlm>("inner_cache", machine.memory.inner_cache, pool_, &watchdog);
    inner_cache_->memory.bind(cache_->socket);
    if (machine.memory.inner_cache.warm) warm_up(*inner_cache_, program);
  }
  if (machine.host.enabled) {
    pcie_ = std::make_unique<PcieTlm>("pcie", machine.host, machine.clock);
  }
  if (machine.shared.present()) shared_.emplace(machine.shared.memory);
  for (std::uint32_t i = 0; i < program.units.size(); ++i) {
    const UnitKind kind = program.units[i].kind;
    if (kind == UnitKind::kMatrix || kind == UnitKind::kVector) continue;
    DmaTlm& engine = add_engine(UnitId{i});
    if (shared_) {
      shared_ports_[i] = std::make_unique<SharedPort>(*shared_, machine.shared.memory.width);
    }
    if (kind == UnitKind::kHostIn || kind == UnitKind::kHostOut) {
      CHECK(pcie_ != nullptr) << "a host unit without a host link";
      TransferPort& link = kind == UnitKind::kHostIn ? pcie_->in() : pcie_->out();
      routes_[i] = std::make_unique<HostRoute>(link, engine, shared_ports_[i].get());
    } else if (shared_) {
      routes_[i] = std::make_unique<SharedRoute>(engine, *shared_ports_[i]);
    } else {
      routes_[i] = std::make_unique<DirectRoute>(engine);
    }
  }
}

MemorySystemTlm::~MemorySystemTlm() = default;

DmaTlm& MemorySystemTlm::add_engine(UnitId unit) {
  // SystemC's names must not contain dots: "core0_dma_in".
  std::string name = program_.units[unit.index].name;
  std::replace(name.begin(), name.end(), '.', '_');
  const Machine& machine = *program_.machine;
  engines_[unit.index] =
      std::make_unique<DmaTlm>(name.c_str(), machine.dma, dram_.map(), machine.clock, pool_, unit);
  if (inner_cache_ != nullptr) {
    engines_[unit.index]->socket.bind(inner_cache_->socket);
  } else if (cache_ != nullptr) {
    engines_[unit.index]->socket.bind(cache_->socket);
  } else {
    engines_[unit.index]->socket.bind(dram_.socket);
  }
  return *engines_[unit.index];
}

void MemorySystemTlm::report_unit(UnitId unit, UnitResult& row) const {
  if (engines_[unit.index] != nullptr) add_counters(engines_[unit.index]->stats(), row);
}

void MemorySystemTlm::report(std::vector<UnitResult>& into) const {
  banks_.report(into);
  if (shared_) {
    UnitResult row;
    row.name = "shared";
    add_counters(shared_->stats(), row);
    into.push_back(std::move(row));
  }
  if (inner_cache_ != nullptr) {
    UnitResult row;
    row.name = "inner_cache";
    add_counters(inner_cache_->stats(), row);
    into.push_back(std::move(row));
  }
  if (cache_ != nullptr) {
    UnitResult row;
    row.name = "cache";
    add_counters(cache_->stats(), row);
    into.push_back(std::move(row));
  }
  for (std::uint32_t channel = 0; channel < dram_.channels(); ++channel) {
    UnitResult row;
    row.name = "dram.ch" + std::to_string(channel);
    add_counters(dram_.stats(channel), row);
    into.push_back(std::move(row));
  }
  if (pcie_ != nullptr) {
    UnitResult row;
    row.name = "host.pcie";
    add_counters(pcie_->stats(), row);
    into.push_back(std::move(row));
  }
}

}  // namespace takt
