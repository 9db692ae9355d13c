// SPDX-License-Identifier: Apache-2.0
#include "models/common/cache/cache_tlm.h"

#include <algorithm>

#include "sim/base/check.h"

namespace takt {

CacheTlm::CacheTlm(const sc_core::sc_module_name& name, const Cache& cache, PayloadPool& pool,
                   Watchdog* watchdog)
    : sc_module(name), core_(cache), pool_(pool), watchdog_(watchdog) {
  socket.register_nb_transport_fw(this, &CacheTlm::nb_transport_fw);
  memory.register_nb_transport_bw(this, &CacheTlm::nb_transport_bw);
  SC_METHOD(control);
  sensitive << wake_;
  dont_initialize();
}

tlm::tlm_sync_enum CacheTlm::nb_transport_fw(int port, tlm::tlm_generic_payload& payload,
                                             tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  CHECK(phase == tlm::BEGIN_REQ) << name() << ": phase " << phase.get_name();
  requests_.push({to_femtoseconds(sc_core::sc_time_stamp() + delay), order_++, port, &payload});
  wake_.notify(delay);  // an earlier notification that is still to come overrides this one
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void CacheTlm::control() {
  if (watchdog_ != nullptr) watchdog_->tick();
  const Femtoseconds now = to_femtoseconds(sc_core::sc_time_stamp());
  while (!requests_.empty() && !(now < requests_.top().at)) {
    const Request request = requests_.top();
    requests_.pop();
    serve(request);
  }
  if (!requests_.empty()) wake_.notify(to_sc_time(requests_.top().at - now));
}

void CacheTlm::serve(const Request& request) {
  const tlm::tlm_generic_payload& payload = *request.payload;
  const CacheCore::Outcome outcome = core_.access(
      request.at, {payload.get_address(), Bytes(payload.get_data_length()), payload.is_write()});
  for (const std::uint64_t line : core_.written_back()) {
    ask_memory(tlm::TLM_WRITE_COMMAND, line, core_.line().value(), kNobody);
  }
  if (outcome.fetch_begin == outcome.fetch_end) {
    respond(request, outcome.first, outcome.done);
    return;
  }
  if (idle_.empty()) {
    idle_.push_back(waiting_.size());
    waiting_.emplace_back();
  }
  const std::size_t index = idle_.back();
  idle_.pop_back();
  waiting_[index] = {request, outcome};
  ask_memory(tlm::TLM_READ_COMMAND, outcome.fetch_begin, outcome.fetch_end - outcome.fetch_begin,
             index);
}

/// A miss is known after the cache's own latency. Its whole way counts before the DRAM: what is on
/// the way back does not hold up the next.
void CacheTlm::ask_memory(tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes,
                          std::size_t waiting) {
  tlm::tlm_generic_payload& payload = pool_.acquire(command, address, Bytes(bytes));
  FirstBurst* first = payload.get_extension<FirstBurst>();
  if (first == nullptr) {
    first = new FirstBurst;  // stays on the payload, which is used again
    payload.set_extension(first);
  }
  first->at = Femtoseconds(0);
  PayloadPool::info(payload).context = reinterpret_cast<void*>(waiting);
  sc_core::sc_time delay = to_sc_time(core_.miss_latency());
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const tlm::tlm_sync_enum answer = memory->nb_transport_fw(payload, phase, delay);
  CHECK(answer == tlm::TLM_UPDATED || answer == tlm::TLM_ACCEPTED)
      << name() << ": a memory that answers at once";
}

tlm::tlm_sync_enum CacheTlm::nb_transport_bw(tlm::tlm_generic_payload& payload,
                                             tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto index = reinterpret_cast<std::size_t>(PayloadPool::info(payload).context);
  const Femtoseconds done = to_femtoseconds(sc_core::sc_time_stamp() + delay);
  const Femtoseconds first = payload.get_extension<FirstBurst>()->at;
  payload.release();
  if (index == kNobody) return tlm::TLM_COMPLETED;
  const Waiting waiting = waiting_[index];
  idle_.push_back(index);
  const CacheCore::Outcome& outcome = waiting.outcome;
  // The first line may have been there; then it is over before those that are fetched.
  const std::uint64_t begin = waiting.request.payload->get_address();
  const bool first_fetched = outcome.fetch_begin <= begin;
  const Femtoseconds first_done =
      first_fetched ? std::max(outcome.first, first.value() == 0 ? done : first) : outcome.first;
  respond(waiting.request, first_done, std::max(outcome.done, done));
  return tlm::TLM_COMPLETED;
}

void CacheTlm::respond(const Request& request, Femtoseconds first, Femtoseconds done) {
  tlm::tlm_generic_payload& payload = *request.payload;
  if (FirstBurst* told = payload.get_extension<FirstBurst>()) told->at = std::min(first, done);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  const Femtoseconds now = to_femtoseconds(sc_core::sc_time_stamp());
  sc_core::sc_time delay = to_sc_time(now < done ? done - now : Femtoseconds(0));
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  const tlm::tlm_sync_enum answer = socket[request.port]->nb_transport_bw(payload, phase, delay);
  CHECK(answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP))
      << name() << ": an initiator that holds up the answer";
}

}  // namespace takt
