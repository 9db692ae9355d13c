// SPDX-License-Identifier: Apache-2.0
#include "models/common/dma/dma_tlm.h"

namespace takt {

DmaTlm::DmaTlm(const sc_core::sc_module_name& name, const Dma& dma, const DramMap& map,
               const ClockDomain& core_clock, PayloadPool& pool, UnitId requester)
    : sc_module(name), core_(dma, map), clock_(core_clock), pool_(pool), requester_(requester) {
  socket.register_nb_transport_bw(this, &DmaTlm::nb_transport_bw);
}

void DmaTlm::start(const TransferJob& job) {
  CHECK(listener_ != nullptr) << name() << " has nobody to tell";
  const Cycles free = job.start + job.floor.occupancy;
  DmaDescriptor descriptor;
  descriptor.id = job.id;
  descriptor.box = job.box;
  descriptor.piece_bytes = job.piece_bytes;
  descriptor.write = job.write;
  descriptor.start = to_femtoseconds(clock_.time_of(job.start));
  descriptor.free_floor = to_femtoseconds(clock_.time_of(free));
  descriptor.done_floor = to_femtoseconds(clock_.time_of(free + job.floor.latency));
  core_.submit(descriptor);
  pump();
}

/// Asks for all runs whose moment is known.
void DmaTlm::pump() {
  DmaCore::Request request;
  while (core_.next_run(request)) {
    send(request);
    if (request.completes) {
      listener_->requested(request.id, clock_.cycle_at(to_sc_time(request.free)));
    }
  }
}

void DmaTlm::send(const DmaCore::Request& request) {
  if (idle_.empty()) {
    idle_.push_back(in_flight_.size());
    in_flight_.emplace_back();
  }
  const std::uintptr_t index = idle_.back();
  idle_.pop_back();
  tlm::tlm_generic_payload& payload =
      pool_.acquire(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
                    request.run.address, request.run.size);
  FirstBurst* first = payload.get_extension<FirstBurst>();
  if (first == nullptr) {
    first = new FirstBurst;  // stays on the payload, which is used again
    payload.set_extension(first);
  }
  first->at = Femtoseconds(0);
  in_flight_[index] = {request, first};
  PayloadInfo& info = PayloadPool::info(payload);
  info.requester = requester_;
  info.context = reinterpret_cast<void*>(index);
  const sc_core::sc_time at = to_sc_time(request.at);
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  sc_core::sc_time delay = at > now ? at - now : sc_core::SC_ZERO_TIME;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
  CHECK(answer == tlm::TLM_UPDATED || answer == tlm::TLM_ACCEPTED)
      << name() << ": a memory that answers at once";
}

tlm::tlm_sync_enum DmaTlm::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  CHECK(payload.is_response_ok()) << name() << ": " << payload.get_response_string();
  const std::uintptr_t index = reinterpret_cast<std::uintptr_t>(PayloadPool::info(payload).context);
  const Femtoseconds done = to_femtoseconds(sc_core::sc_time_stamp() + delay);
  const DmaCore::Request& request = in_flight_[index].request;
  const Femtoseconds first = in_flight_[index].first->at;
  const auto finished =
      core_.answer(request, first.value() == 0 ? done : std::max(first, request.at), done);
  idle_.push_back(index);
  payload.release();
  if (finished) listener_->finished(finished->id, clock_.cycle_at(to_sc_time(finished->done)));
  pump();
  return tlm::TLM_COMPLETED;
}

}  // namespace takt
