// SPDX-License-Identifier: Apache-2.0
#pragma once
// SystemC shell of the host link: a loosely timed target for those who speak TLM, and one transfer
// port a direction for the units. It has no process: the link is first come, first served, so a
// transfer's moments are known when it comes. No rules live here.

#include "models/common/dma/transfer_port.h"
#include "models/common/pcie/pcie_core.h"
#include "sim/kernel/clock_bridge.h"

// clang-format off
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
// clang-format on

namespace takt {

/// b_transport: TLM_READ_COMMAND reads from the host, TLM_WRITE_COMMAND writes to it; the delay
/// grows until the last byte has arrived.
class PcieTlm : public sc_core::sc_module {
 public:
  /// May stay unbound: the chip moves its transfers through the ports.
  tlm_utils::simple_target_socket_optional<PcieTlm> socket{"socket"};

  PcieTlm(const sc_core::sc_module_name& name, const HostLink& link, const ClockDomain& core_clock);

  /// From the host to the device, and back. A port serves one unit.
  TransferPort& in() { return in_; }
  TransferPort& out() { return out_; }

  const PcieStats& stats() const { return core_.stats(); }

 private:
  class Port : public TransferPort {
   public:
    explicit Port(PcieTlm& link) : link_(link) {}
    void set_listener(TransferListener& listener) override { listener_ = &listener; }
    bool has_room() const override { return true; }
    void start(const TransferJob& job) override { link_.start(job, *listener_); }

   private:
    PcieTlm& link_;
    TransferListener* listener_ = nullptr;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  void start(const TransferJob& job, TransferListener& listener);

  PcieCore core_;
  ClockBridge clock_;
  Port in_{*this}, out_{*this};
};

}  // namespace takt
