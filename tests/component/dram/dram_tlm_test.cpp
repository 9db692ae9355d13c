// SPDX-License-Identifier: Apache-2.0
// The shell says what the core says, in the protocol's words.
#include "models/common/dram/dram_tlm.h"

#include <gtest/gtest.h>

#include <map>

#include "sim/base/random.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/payload_pool.h"
#include "tests/support/memories.h"

// clang-format off
#include <tlm_utils/simple_initiator_socket.h>
// clang-format on

namespace takt {
namespace {

using testing::hbm2;

constexpr std::uint64_t kNs = 1'000'000;  // femtoseconds; a clock of HBM2

/// Asks for what it is told before the run, all announced at time 0.
struct Asker : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Asker> socket{"socket"};
  explicit Asker(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Asker::answer);
  }

  void ask(std::uint64_t address, std::uint64_t size, std::uint64_t at_ns, bool write = false) {
    tlm::tlm_generic_payload& payload =
        pool.acquire(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, Bytes(size));
    if (payload.get_extension<FirstBurst>() == nullptr) payload.set_extension(new FirstBurst);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = to_sc_time(Femtoseconds(at_ns * kNs));
    EXPECT_EQ(socket->nb_transport_fw(payload, phase, delay), tlm::TLM_UPDATED);
    EXPECT_EQ(phase, tlm::END_REQ);
  }

  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay) {
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    EXPECT_TRUE(payload.is_response_ok());
    done_ns[payload.get_address()] =
        to_femtoseconds(sc_core::sc_time_stamp() + delay).value() / kNs;
    first_ns[payload.get_address()] = payload.get_extension<FirstBurst>()->at.value() / kNs;
    order.push_back(payload.get_address());
    payload.release();
    return tlm::TLM_COMPLETED;
  }

  PayloadPool pool;
  std::map<std::uint64_t, std::uint64_t> done_ns, first_ns;
  std::vector<std::uint64_t> order;
};

struct Bench {
  explicit Bench(const Memory& memory) {
    prepare_kernel();
    asker = std::make_unique<Asker>("asker");
    dram = std::make_unique<DramTlm>("dram", memory, &watchdog);
    asker->socket.bind(dram->socket);
    run_kernel(Femtoseconds(0));  // elaborates; there is nothing to do yet
  }
  Watchdog watchdog{nullptr};
  std::unique_ptr<Asker> asker;
  std::unique_ptr<DramTlm> dram;
};

TEST(DramTlm, AnswersWhatTheCoreAnswers) {
  Bench bench(hbm2());
  bench.asker->ask(0, 1024, 100);
  bench.asker->ask(1024, 512, 5000, /*write=*/true);
  run_kernel(Femtoseconds(0));
  DramCore core(hbm2());
  const DramBooking read = core.issue(Cycles(100), {0, Bytes(1024), false, false});
  const DramBooking write = core.issue(Cycles(5000), {1024, Bytes(512), true, false});
  EXPECT_EQ(bench.asker->done_ns[0], read.done.value());
  EXPECT_EQ(bench.asker->first_ns[0], read.first.value());
  EXPECT_EQ(bench.asker->done_ns[1024], write.done.value());
  EXPECT_EQ(bench.asker->first_ns[1024], write.first.value());
  EXPECT_EQ(bench.dram->stats(0).bytes_transferred, 1536u);
  EXPECT_EQ(bench.asker->pool.in_use(), 0u);
}

TEST(DramTlm, ChannelsWorkAtTheSameTime) {
  Bench bench(testing::without_refresh(hbm2(2)));
  bench.asker->ask(0, 256, 0);
  bench.asker->ask(256, 256, 0);  // the other channel
  run_kernel(Femtoseconds(0));
  EXPECT_EQ(bench.asker->done_ns[0], bench.asker->done_ns[256]);
  EXPECT_EQ(bench.dram->stats(0).reads, 4u);
  EXPECT_EQ(bench.dram->stats(1).reads, 4u);
}

TEST(DramTlm, OpenRowsComeFirst) {
  const std::uint64_t row_step = 4 * 4096;
  Bench bench(testing::without_refresh(hbm2()));
  bench.asker->ask(0, 1024, 0);
  bench.asker->ask(row_step, 1024, 1);
  bench.asker->ask(1024, 1024, 2);  // the row that is open
  run_kernel(Femtoseconds(0));
  EXPECT_EQ(bench.asker->order, (std::vector<std::uint64_t>{0, 1024, row_step}));
}

TEST(DramTlm, AnActivationARun) {
  Bench bench(hbm2());
  constexpr std::uint64_t kRuns = 2000;
  for (std::uint64_t i = 0; i < kRuns; ++i) bench.asker->ask(i * 1024, 1024, 0);
  run_kernel(Femtoseconds(0));
  EXPECT_EQ(bench.asker->order.size(), kRuns);
  EXPECT_LE(bench.watchdog.activations(), kRuns + 1);
  const double bytes_per_ns =
      kRuns * 1024.0 / static_cast<double>(bench.asker->done_ns[(kRuns - 1) * 1024]);
  EXPECT_GT(bytes_per_ns, 29.0) << "32 less refresh";
  EXPECT_LT(bytes_per_ns, 29.7);
}

TEST(DramTlm, RandomTrafficIsAnsweredOnceEach) {
  Bench bench(hbm2(4));
  Random random(21);
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const std::uint64_t size = random.between(1, 256);
    bytes += size;
    bench.asker->ask(i * 256 + random.between(0, 256 - size), size, random.between(0, 20'000),
                     random.between(0, 2) == 0);
  }
  run_kernel(Femtoseconds(0));
  EXPECT_EQ(bench.asker->order.size(), 3000u);
  EXPECT_EQ(bench.asker->done_ns.size(), 3000u);
  std::uint64_t requested = 0;
  for (std::uint32_t c = 0; c < 4; ++c) requested += bench.dram->stats(c).bytes_requested;
  EXPECT_EQ(requested, bytes);
  EXPECT_EQ(bench.asker->pool.in_use(), 0u);
}

}  // namespace
}  // namespace takt
