// SPDX-License-Identifier: Apache-2.0
#pragma once
// SystemC shell of the last-level cache: DMA engines on one side, DRAM on the other, one SC_METHOD
// that sleeps until the next request comes. No rules live here.

#include <deque>
#include <queue>
#include <vector>

#include "models/common/cache/cache_core.h"
#include "models/common/dram/dram_tlm.h"
#include "sim/kernel/payload_pool.h"

// clang-format off
#include <tlm_utils/simple_initiator_socket.h>
// clang-format on

namespace takt {

/// The protocol of DramTlm on both sides. Requests announced ahead of time are looked up when their
/// moment has come, so that they meet the lines in order.
class CacheTlm : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<CacheTlm> socket{"socket"};
  tlm_utils::simple_initiator_socket<CacheTlm> memory{"memory"};

  SC_HAS_PROCESS(CacheTlm);
  /// `pool` must outlive the module.
  CacheTlm(const sc_core::sc_module_name& name, const Cache& cache, PayloadPool& pool,
           Watchdog* watchdog = nullptr);

  /// As CacheCore::hold().
  void hold(std::uint64_t begin, std::uint64_t end, bool changed) {
    core_.hold(begin, end, changed);
  }
  const CacheStats& stats() const { return core_.stats(); }

 private:
  struct Request {
    Femtoseconds at{};
    std::uint64_t order = 0;
    int port = 0;
    tlm::tlm_generic_payload* payload = nullptr;
    bool operator<(const Request& other) const {  // the queue's top is the largest
      return at != other.at ? other.at < at : other.order < order;
    }
  };
  /// Of a line that is fetched: who waits for it, and what the cache itself takes.
  struct Waiting {
    Request request;
    CacheCore::Outcome outcome;
  };

  tlm::tlm_sync_enum nb_transport_fw(int port, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void control();
  void serve(const Request& request);
  void ask_memory(tlm::tlm_command command, std::uint64_t address, std::uint64_t bytes,
                  std::size_t waiting);
  void respond(const Request& request, Femtoseconds first, Femtoseconds done);

  static constexpr std::size_t kNobody = SIZE_MAX;  ///< what is written back

  CacheCore core_;
  PayloadPool& pool_;
  Watchdog* watchdog_;
  std::priority_queue<Request> requests_;
  std::uint64_t order_ = 0;
  std::vector<Waiting> waiting_;  ///< indexed by PayloadInfo::context
  std::vector<std::size_t> idle_;
  sc_core::sc_event wake_{"wake"};
};

}  // namespace takt
