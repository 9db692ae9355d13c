// SPDX-License-Identifier: Apache-2.0
#include "models/common/sram/sram_tlm.h"

#include "sim/base/math.h"

namespace takt {

SramTlm::SramTlm(const sc_core::sc_module_name& name, const Buffer& buffer,
                 const ClockDomain& core_clock)
    : sc_module(name),
      core_(buffer),
      width_(buffer.width.value()),
      size_(buffer.size.value()),
      clock_(core_clock) {
  socket.register_b_transport(this, &SramTlm::b_transport);
}

void SramTlm::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t address = payload.get_address(), bytes = payload.get_data_length();
  if (bytes > size_ || address > size_ - bytes) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  SramRequest request;
  request.start = clock_.cycle_at(sc_core::sc_time_stamp() + delay);
  request.duration = Cycles(ceil_div(bytes, width_));
  request.address = address;
  request.bytes = request.span = bytes;
  request.write = payload.is_write();
  const Cycles held = core_.issue(request);
  delay = clock_.delay_until(request.start + request.duration + held);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace takt
