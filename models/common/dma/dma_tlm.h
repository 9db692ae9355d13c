// SPDX-License-Identifier: Apache-2.0
#pragma once
// SystemC shell of a DMA engine. It has no process: it acts when a job comes and when the memory
// answers, and both carry their moments with them. No rules live here.

#include <vector>

#include "models/common/dma/dma_core.h"
#include "models/common/dma/transfer_port.h"
#include "models/common/dram/dram_tlm.h"
#include "sim/kernel/clock_bridge.h"
#include "sim/kernel/payload_pool.h"

// clang-format off
#include <tlm_utils/simple_initiator_socket.h>
// clang-format on

namespace takt {

/// One payload a run, as DramTlm wants them (at most Dma.outstanding are out at a time).
class DmaTlm : public sc_core::sc_module, public TransferPort {
 public:
  tlm_utils::simple_initiator_socket<DmaTlm> socket{"socket"};

  /// `pool` must outlive the module; payloads carry `requester` for those who look.
  DmaTlm(const sc_core::sc_module_name& name, const Dma& dma, const DramMap& map,
         const ClockDomain& core_clock, PayloadPool& pool, UnitId requester);

  void set_listener(TransferListener& listener) override { listener_ = &listener; }
  bool has_room() const override { return core_.has_room(); }
  void start(const TransferJob& job) override;

  const DmaStats& stats() const { return core_.stats(); }

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void pump();
  void send(const DmaCore::Request& request);

  DmaCore core_;
  ClockBridge clock_;
  PayloadPool& pool_;
  UnitId requester_;
  TransferListener* listener_ = nullptr;
  struct InFlight {
    DmaCore::Request request;
    FirstBurst* first = nullptr;  ///< of its payload
  };
  std::vector<InFlight> in_flight_;  ///< indexed by PayloadInfo::context
  std::vector<std::uintptr_t> idle_;
};

}  // namespace takt
