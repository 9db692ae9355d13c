// SPDX-License-Identifier: Apache-2.0
#include "models/common/sram/sram_tlm.h"

#include <gtest/gtest.h>

#include "sim/kernel/kernel.h"
#include "sim/kernel/payload_pool.h"

// clang-format off
#include <tlm_utils/simple_initiator_socket.h>
// clang-format on

namespace takt {
namespace {

struct Bench : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Bench> socket{"socket"};
  explicit Bench(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(sram.socket);
  }
  /// Core cycles that the access takes from time 0, or -1 if it is refused.
  int cycles(std::uint64_t address, std::uint64_t size, bool write) {
    tlm::tlm_generic_payload& payload =
        pool.acquire(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, Bytes(size));
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    const bool ok = payload.is_response_ok();
    payload.release();
    return ok ? static_cast<int>(delay.value() / 1'000'000) : -1;
  }
  static Buffer buffer() {
    Buffer b;
    b.name = "unified";
    b.size = Bytes(4096);
    b.banks = 4;
    b.width = Bytes(16);
    return b;
  }
  PayloadPool pool;
  SramTlm sram{"sram", buffer(), ClockDomain(1'000'000'000)};
};

TEST(SramTlm, TakesALineACycleAndWhatOthersHoldItUp) {
  prepare_kernel();
  Bench bench("bench");
  EXPECT_EQ(bench.cycles(0, 1024, false), 64);  // 16 of 64 B a cycle
  EXPECT_EQ(bench.cycles(0, 1024, true), 64);   // 32
  EXPECT_EQ(bench.cycles(0, 1024, true), 64);   // 48
  EXPECT_EQ(bench.cycles(0, 1024, true), 64);   // 64
  EXPECT_EQ(bench.cycles(0, 1024, true), 128);  // behind them
  EXPECT_EQ(bench.sram.stats().conflict_cycles, 64u);
}

TEST(SramTlm, RefusesWhatLiesOutside) {
  prepare_kernel();
  Bench bench("bench");
  EXPECT_EQ(bench.cycles(4095, 2, false), -1);
  EXPECT_EQ(bench.cycles(UINT64_MAX, 2, false), -1);
  EXPECT_EQ(bench.cycles(4095, 1, false), 1);
}

}  // namespace
}  // namespace takt
