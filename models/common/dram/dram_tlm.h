// SPDX-License-Identifier: Apache-2.0
#pragma once
// SystemC shell of the DRAM: sockets, one SC_METHOD a channel that sleeps until it next has
// something to choose. No rules live here.

#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/common/dram/dram_scheduler.h"
#include "sim/kernel/clock_bridge.h"
#include "sim/kernel/watchdog.h"

// clang-format off
#include <tlm_utils/multi_passthrough_target_socket.h>
// clang-format on

namespace takt {

/// Ignorable: when a run's first burst is over. The answer's delay says when its last one is.
struct FirstBurst : tlm::tlm_extension<FirstBurst> {
  Femtoseconds at{};
  tlm::tlm_extension_base* clone() const override { return new FirstBurst(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    at = static_cast<const FirstBurst&>(other).at;
  }
};

class DramChannelTlm;

/// Base protocol, approximately timed. A request may be announced ahead of time (delay of
/// BEGIN_REQ); it is accepted at once (TLM_UPDATED, END_REQ) and answered by one BEGIN_RESP, as
/// soon as the channel has chosen it, whose delay says when its last byte is there. Answer that
/// with TLM_COMPLETED. A payload lies on one channel: `length` consecutive bytes of the channel
/// that its address belongs to (DramMap), crossing no multiple of DramMap::run_bytes() there.
class DramTlm : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<DramTlm> socket{"socket"};

  DramTlm(const sc_core::sc_module_name& name, const Memory& memory, Watchdog* watchdog = nullptr);
  ~DramTlm() override;

  const DramMap& map() const { return map_; }
  std::uint32_t channels() const { return map_.channels(); }
  const DramStats& stats(std::uint32_t channel) const;

 private:
  friend class DramChannelTlm;
  tlm::tlm_sync_enum nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void respond(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time delay);

  DramMap map_;
  std::vector<std::unique_ptr<DramChannelTlm>> channels_;
};

}  // namespace takt
