// SPDX-License-Identifier: Apache-2.0
#pragma once
// Everything behind the units that is shared: DRAM channels, the cache before them, DMA engines,
// host link, on-chip banks.

#include <memory>
#include <optional>
#include <vector>

#include "models/common/cache/cache_tlm.h"
#include "models/common/chip/shared_port_core.h"
#include "models/common/chip/sram_banks_core.h"
#include "models/common/chip/transfer_route_core.h"
#include "models/common/dma/dma_tlm.h"
#include "models/common/dram/dram_tlm.h"
#include "models/common/pcie/pcie_tlm.h"

namespace takt {

class MemorySystemTlm : public sc_core::sc_module {
 public:
  MemorySystemTlm(const sc_core::sc_module_name& name, const Program& program, Watchdog& watchdog);
  ~MemorySystemTlm() override;

  BankPort& banks() { return banks_; }
  /// The way of a unit that moves bytes.
  TransferRoute& route(UnitId unit) { return *routes_[unit.index]; }

  /// Adds the counters of a unit's engine to its row.
  void report_unit(UnitId unit, UnitResult& row) const;
  /// Rows of the passive parts: buffers, "cache", "dram.ch0", "host.pcie".
  void report(std::vector<UnitResult>& into) const;

 private:
  DmaTlm& add_engine(UnitId unit);

  const Program& program_;
  PayloadPool pool_;
  SramBanks banks_;
  DramTlm dram_;
  std::optional<SramCore> shared_;  ///< the cores' shared buffer, if there is one
  std::unique_ptr<CacheTlm> cache_, inner_cache_;
  std::unique_ptr<PcieTlm> pcie_;
  std::vector<std::unique_ptr<DmaTlm>> engines_;           ///< by UnitId; null = moves nothing
  std::vector<std::unique_ptr<SharedPort>> shared_ports_;  ///< by UnitId; null = has none
  std::vector<std::unique_ptr<TransferRoute>> routes_;     ///< by UnitId; null = moves nothing
};

}  // namespace takt
