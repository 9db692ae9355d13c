// SPDX-License-Identifier: Apache-2.0
#include "models/common/pcie/pcie_tlm.h"

#include <algorithm>

namespace takt {

PcieTlm::PcieTlm(const sc_core::sc_module_name& name, const HostLink& link,
                 const ClockDomain& core_clock)
    : sc_module(name), core_(link), clock_(core_clock) {
  socket.register_b_transport(this, &PcieTlm::b_transport);
}

void PcieTlm::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const PcieBooking booking = core_.issue(to_femtoseconds(now + delay),
                                          {Bytes(payload.get_data_length()), payload.is_write()});
  delay = to_sc_time(booking.done) - now;
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void PcieTlm::start(const TransferJob& job, TransferListener& listener) {
  const PcieBooking booking =
      core_.issue(to_femtoseconds(clock_.time_of(job.start)), {job.box.bytes(), job.write});
  const Cycles done = std::max(clock_.cycle_at(to_sc_time(booking.done)),
                               job.start + job.floor.occupancy + job.floor.latency);
  listener.requested(job.id, done - job.floor.latency);
  listener.finished(job.id, done);
}

}  // namespace takt
