// SPDX-License-Identifier: Apache-2.0
#pragma once
// SystemC shell of an on-chip memory: a loosely timed target, for initiators that are not tile ops
// (those book their ports in SramCore directly). No rules live here.

#include "models/common/sram/sram_core.h"
#include "sim/kernel/clock_bridge.h"

// clang-format off
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
// clang-format on

namespace takt {

/// b_transport: the payload takes the cycles that its lines take at one line a cycle, and what
/// others hold it up; the delay grows by both.
class SramTlm : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<SramTlm> socket{"socket"};

  SramTlm(const sc_core::sc_module_name& name, const Buffer& buffer, const ClockDomain& core_clock);

  SramCore& core() { return core_; }
  const SramStats& stats() const { return core_.stats(); }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  SramCore core_;
  std::uint64_t width_;
  std::uint64_t size_;
  ClockBridge clock_;
};

}  // namespace takt
