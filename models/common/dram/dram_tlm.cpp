// SPDX-License-Identifier: Apache-2.0
#include "models/common/dram/dram_tlm.h"

#include "sim/base/check.h"

namespace takt {

/// One channel's controller.
class DramChannelTlm : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(DramChannelTlm);
  DramChannelTlm(const sc_core::sc_module_name& name, DramTlm& dram, const Memory& memory,
                 Watchdog* watchdog)
      : sc_module(name),
        dram_(dram),
        core_(memory),
        scheduler_(core_, memory.queue),
        clock_(ClockDomain(memory.timing.clock_hz)),
        watchdog_(watchdog) {
    SC_METHOD(control);
    sensitive << wake_;
    dont_initialize();
  }

  void request(int initiator, tlm::tlm_generic_payload& payload, std::uint64_t address,
               const sc_core::sc_time& delay) {
    const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
    DramQueued queued;
    queued.request.address = address;
    queued.request.size = Bytes(payload.get_data_length());
    queued.request.write = payload.is_write();
    queued.arrival = clock_.cycle_at(at);
    queued.owner = &payload;
    queued.port = initiator;
    scheduler_.push(queued);
    if (!controlling_) wake_by(wish());
  }

  const DramStats& stats() const { return core_.stats(); }

 private:
  /// Chooses and books every request whose time has come.
  void control() {
    if (watchdog_ != nullptr) watchdog_->tick();
    controlling_ = true;
    wake_at_ = kNever;
    const Cycles now = clock_.now();
    DramQueued next;
    while (!(core_.decide_at() > now) && scheduler_.pick(now, next)) serve(now, next);
    controlling_ = false;
    if (!scheduler_.empty()) wake_by(wish());
  }

  void serve(Cycles now, const DramQueued& next) {
    const DramBooking booking = core_.issue(now, next.request);
    auto& payload = *static_cast<tlm::tlm_generic_payload*>(next.owner);
    if (FirstBurst* first = payload.get_extension<FirstBurst>()) {
      first->at = to_femtoseconds(clock_.time_of(booking.first));
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    dram_.respond(next.port, payload, clock_.delay_until(booking.done));
  }

  /// When there is next something to choose; the queue must not be empty.
  Cycles wish() const {
    const Cycles decide = core_.decide_at(), arrival = scheduler_.next_arrival();
    return decide > arrival ? decide : arrival;
  }
  /// An earlier notification that is still to come is enough: it asks again.
  void wake_by(Cycles when) {
    if (!(when < wake_at_)) return;
    wake_at_ = when;
    wake_.notify(clock_.delay_until(when));
  }

  DramTlm& dram_;
  DramCore core_;
  DramScheduler scheduler_;
  ClockBridge clock_;
  Watchdog* watchdog_;
  static constexpr Cycles kNever{UINT64_MAX};
  bool controlling_ = false;
  Cycles wake_at_ = kNever;  ///< of the notification that is on its way
  sc_core::sc_event wake_{"wake"};
};

DramTlm::DramTlm(const sc_core::sc_module_name& name, const Memory& memory, Watchdog* watchdog)
    : sc_module(name), map_(memory) {
  socket.register_nb_transport_fw(this, &DramTlm::nb_transport_fw);
  for (std::uint32_t channel = 0; channel < map_.channels(); ++channel) {
    channels_.push_back(std::make_unique<DramChannelTlm>(("ch" + std::to_string(channel)).c_str(),
                                                         *this, memory, watchdog));
  }
}

DramTlm::~DramTlm() = default;

const DramStats& DramTlm::stats(std::uint32_t channel) const { return channels_[channel]->stats(); }

tlm::tlm_sync_enum DramTlm::nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload,
                                            tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  CHECK(phase == tlm::BEGIN_REQ) << name() << ": phase " << phase.get_name();
  const DramMap::Place place = map_.place(payload.get_address());
  channels_[place.channel]->request(initiator, payload, place.address, delay);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void DramTlm::respond(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time delay) {
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  const tlm::tlm_sync_enum answer = socket[initiator]->nb_transport_bw(payload, phase, delay);
  CHECK(answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP))
      << name() << ": an initiator that holds up the data bus";
}

}  // namespace takt
