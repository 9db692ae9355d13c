// SPDX-License-Identifier: Apache-2.0
#include "models/common/pcie/pcie_tlm.h"

#include <gtest/gtest.h>

#include "sim/kernel/kernel.h"
#include "sim/kernel/payload_pool.h"
#include "sim/machine/machine_spec.h"
#include "tests/support/boxes.h"

// clang-format off
#include <tlm_utils/simple_initiator_socket.h>
// clang-format on

namespace takt {
namespace {

HostLink gen3_x16() {
  HostLink l;
  l.max_payload = Bytes(256);
  l.read_request = Bytes(512);
  l.latency = Femtoseconds(250'000'000);
  const PcieRate rate = pcie_rate(3, 16, 256);
  l.raw_bytes_per_s = rate.tlp_bytes_per_s;
  l.payload_bytes_per_s = rate.read_bytes_per_s;
  return l;
}

struct Log : TransferListener {
  void requested(std::uint64_t, Cycles when) override { free = when; }
  void finished(std::uint64_t, Cycles when) override { done = when; }
  Cycles free{}, done{};
};

TEST(PcieTlm, PortsSayWhatTheCoreSays) {
  prepare_kernel();
  Machine machine;
  machine.clock = ClockDomain(700'000'000);
  machine.host = gen3_x16();
  machine.memory.ideal = false;
  machine.memory.timing.clock_hz = 1'000'000'000;
  machine.memory.bandwidth_bytes_per_s = 1'000'000'000;
  const TransferTiming timing(machine);
  PcieTlm pcie("pcie", machine.host, machine.clock);
  PcieCore core(machine.host);
  Log in, out;
  pcie.in().set_listener(in);
  pcie.out().set_listener(out);
  for (const bool write : {false, true, false}) {
    Transfer transfer;
    transfer.space = Space::kHost;
    transfer.remote = testing::flat_box(0, 100'000);
    const TransferJob job{1, transfer.remote, write, Cycles(700), timing.cost(transfer)};
    (write ? pcie.out() : pcie.in()).start(job);
    const Log& log = write ? out : in;
    const PcieBooking booking =
        core.issue(machine.clock.time_of(Cycles(700)), {Bytes(100'000), write});
    EXPECT_EQ(log.done, machine.clock.cycle_at(booking.done));
    EXPECT_EQ(log.free, log.done - job.floor.latency);
    EXPECT_GE(log.free, job.start + job.floor.occupancy);
  }
  EXPECT_EQ(pcie.stats().read_bytes, 200'000u);
  EXPECT_EQ(pcie.stats().write_bytes, 100'000u);
}

struct Asker : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Asker> socket{"socket"};
  explicit Asker(const sc_core::sc_module_name& name) : sc_module(name) {}
};

TEST(PcieTlm, SocketSaysWhatTheCoreSays) {
  prepare_kernel();
  Asker asker("asker");
  PcieTlm pcie("pcie", gen3_x16(), ClockDomain(1'000'000'000));
  asker.socket.bind(pcie.socket);
  PcieCore core(gen3_x16());
  PayloadPool pool;
  sc_core::sc_time delay(5, sc_core::SC_NS);
  tlm::tlm_generic_payload& payload = pool.acquire(tlm::TLM_READ_COMMAND, 0, Bytes(4096));
  asker.socket->b_transport(payload, delay);
  EXPECT_EQ(to_femtoseconds(delay), core.issue(Femtoseconds(5'000'000), {Bytes(4096), false}).done);
  EXPECT_TRUE(payload.is_response_ok());
  payload.release();
}

}  // namespace
}  // namespace takt
