// SPDX-License-Identifier: Apache-2.0
// DMA engines with DRAM behind them.
#include "models/common/dma/dma_tlm.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "sim/kernel/kernel.h"
#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::ddr4;
using testing::flat_box;
using testing::hbm2;
using testing::random_box;
using testing::strided_box;

struct Log : TransferListener {
  void requested(std::uint64_t id, Cycles when) override {
    EXPECT_EQ(free.count(id), 0u);
    free[id] = when;
  }
  void finished(std::uint64_t id, Cycles when) override {
    EXPECT_EQ(done.count(id), 0u);
    done[id] = when;
  }
  std::map<std::uint64_t, Cycles> free, done;
};

Dma dma_of(std::uint32_t queue, std::uint32_t outstanding, std::uint64_t burst) {
  Dma dma;
  dma.queue = queue;
  dma.outstanding = outstanding;
  dma.burst = Bytes(burst);
  return dma;
}

/// Engines on one DRAM; the core clock is 700 MHz, which fits no femtosecond.
struct Bench {
  explicit Bench(const Memory& memory_in, const Dma& dma = dma_of(1000, 64, 256),
                 std::uint32_t engines = 1)
      : memory(memory_in) {
    prepare_kernel();
    machine.clock = ClockDomain(700'000'000);
    machine.memory = memory;
    dram = std::make_unique<DramTlm>("dram", memory, &watchdog);
    logs.resize(engines);
    for (std::uint32_t i = 0; i < engines; ++i) {
      dmas.push_back(std::make_unique<DmaTlm>(("dma" + std::to_string(i)).c_str(), dma, dram->map(),
                                              machine.clock, pool, UnitId{i}));
      dmas[i]->socket.bind(dram->socket);
      dmas[i]->set_listener(logs[i]);
    }
    run_kernel(Femtoseconds(0));  // elaborates; there is nothing to do yet
    timing = std::make_unique<TransferTiming>(machine);
  }
  TransferJob job(std::uint64_t id, const Box& box, Cycles start, bool write = false) {
    Transfer transfer;
    transfer.remote = box;
    return {id, box, write, start, timing->cost(transfer)};
  }
  std::uint64_t sum(std::uint64_t DramStats::*counter) const {
    std::uint64_t total = 0;
    for (std::uint32_t c = 0; c < dram->channels(); ++c) total += dram->stats(c).*counter;
    return total;
  }
  Machine machine;
  Memory memory;
  Watchdog watchdog{nullptr};
  PayloadPool pool;
  std::unique_ptr<DramTlm> dram;
  std::vector<Log> logs;
  std::vector<std::unique_ptr<DmaTlm>> dmas;
  std::unique_ptr<TransferTiming> timing;
};

TEST(DmaTlm, AnUnloadedTransferTakesTheMemorysLatency) {
  const Memory memory = testing::without_refresh(hbm2());
  Bench bench(memory);
  bench.dmas[0]->start(bench.job(7, flat_box(0, 1024), Cycles(70)));
  run_kernel(Femtoseconds(0));
  // 70 cycles are 100 ns; then tRCD + CL + burst, the other 15 bursts spread by tRRD at first.
  DramCore core(memory);
  const Cycles done = core.issue(Cycles(100), {0, Bytes(1024), false, false}).done;
  EXPECT_EQ(bench.logs[0].done[7],
            bench.machine.clock.cycle_at(ClockDomain(memory.timing.clock_hz).time_of(done)));
}

TEST(DmaTlm, ALongStreamComesNearTheRatedBandwidth) {
  Bench bench(hbm2(8));
  const std::uint64_t bytes = 32 << 20;
  const TransferJob job = bench.job(1, flat_box(0, bytes), Cycles(0));
  bench.dmas[0]->start(job);
  run_kernel(Femtoseconds(0));
  const double cycles = static_cast<double>(bench.logs[0].done[1].value());
  const double rated = static_cast<double>(job.floor.occupancy.value());
  std::printf("32 MiB over 8 channels: %.0f cycles, rated %.0f, %+.2f %%\n", cycles, rated,
              (cycles / rated - 1) * 100);
  EXPECT_GE(cycles, rated);
  EXPECT_LE(cycles, rated * 1.12);
  EXPECT_EQ(bench.sum(&DramStats::bytes_transferred), bytes);
  EXPECT_LE(bench.watchdog.activations(), bench.dmas[0]->stats().runs * 5 / 4);
}

TEST(DmaTlm, NothingIsFasterThanItsFloor) {
  Bench bench(ddr4(2), dma_of(5000, 64, 64), 3);
  Random random(17);
  std::vector<TransferJob> jobs;
  Cycles start{};
  std::uint64_t bytes = 0;
  for (std::uint64_t id = 0; id < 600; ++id) {
    const TransferJob job = bench.job(id, random_box(random), start, random.between(0, 2) == 0);
    bytes += job.box.bytes().value();
    bench.dmas[id % 3]->start(job);
    jobs.push_back(job);
    start += Cycles(random.between(0, 200));
  }
  run_kernel(Femtoseconds(0));
  for (const TransferJob& job : jobs) {
    Log& log = bench.logs[job.id % 3];
    ASSERT_EQ(log.done.count(job.id), 1u);
    EXPECT_GE(log.free[job.id], job.start + job.floor.occupancy);
    EXPECT_GE(log.done[job.id], job.start + job.floor.occupancy + job.floor.latency);
    EXPECT_GE(log.done[job.id], log.free[job.id]);
  }
  EXPECT_EQ(bench.sum(&DramStats::bytes_requested), bytes);
  EXPECT_GE(bench.sum(&DramStats::bytes_transferred), bytes);
  EXPECT_EQ(bench.pool.in_use(), 0u);
  EXPECT_LE(bench.pool.made(), 3u * 64);
}

// bandwidth = min(rated, outstanding x burst / latency), with a memory that is really there.
TEST(DmaTlm, FewBurstsInFlightBoundTheBandwidth) {
  const Memory memory = testing::without_refresh(hbm2(8));
  Bench bench(memory, dma_of(16, 2, 64));
  const std::uint64_t bytes = 1 << 20;
  bench.dmas[0]->start(bench.job(1, flat_box(0, bytes), Cycles(0)));
  run_kernel(Femtoseconds(0));
  const double ns = static_cast<double>(bench.logs[0].done[1].value()) / 0.7;
  const double open_row_latency = memory.timing.cl + 2;
  const double expected = static_cast<double>(bytes) / 64 / 2 * open_row_latency;
  std::printf("2 bursts in flight: %.0f ns, at the latency of open rows %.0f\n", ns, expected);
  EXPECT_GE(ns, expected);
  EXPECT_LE(ns, expected * 1.7) << "one burst in sixteen opens a row";
}

TEST(DmaTlm, TwoEnginesShareWhatTheMemoryHas) {
  Bench bench(hbm2(), dma_of(16, 64, 256), 2);
  const std::uint64_t bytes = 4 << 20;
  bench.dmas[0]->start(bench.job(1, flat_box(0, bytes), Cycles(0)));
  bench.dmas[1]->start(bench.job(1, flat_box(bytes, bytes), Cycles(0), /*write=*/true));
  run_kernel(Femtoseconds(0));
  const std::uint64_t alone = bench.job(1, flat_box(0, bytes), Cycles(0)).floor.occupancy.value();
  const std::uint64_t both = std::max(bench.logs[0].done[1], bench.logs[1].done[1]).value();
  EXPECT_GE(both, 2 * alone);
  EXPECT_LE(both, 2 * alone * 5 / 4) << "turnarounds and refresh cost something, not everything";
}

TEST(DmaTlm, ShortRowsMoveWholeBursts) {
  Bench bench(hbm2());
  bench.dmas[0]->start(bench.job(1, strided_box(0, 16, 1000, 256), Cycles(0)));
  run_kernel(Femtoseconds(0));
  EXPECT_EQ(bench.sum(&DramStats::bytes_requested), 16'000u);
  EXPECT_EQ(bench.sum(&DramStats::bytes_transferred), 64'000u);
}

}  // namespace
}  // namespace takt
