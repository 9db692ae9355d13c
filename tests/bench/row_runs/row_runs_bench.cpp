// SPDX-License-Identifier: Apache-2.0
// Host time of a DRAM row run: core alone, scheduler and core, DMA with DRAM in the kernel, and the
// kernel's own share (a bare SC_METHOD that wakes itself). SystemC elaborates once a process, so
// the kernel's two measurements run in children.
#include <benchmark/benchmark.h>

#include <ctime>
#include <functional>
#include <memory>

#include "models/common/dma/dma_tlm.h"
#include "sim/kernel/child_process.h"
#include "sim/kernel/kernel.h"
#include "tests/support/boxes.h"
#include "tests/support/memories.h"

namespace takt {
namespace {

using testing::flat_box;
using testing::hbm2;

void core_issue(benchmark::State& state) {
  DramCore core(hbm2());
  std::uint64_t address = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        core.issue(core.decide_at(), {address & 0xFFFFFFF, Bytes(1024), false, false}));
    address += 1024;
  }
}
BENCHMARK(core_issue);

void schedule_and_issue(benchmark::State& state) {
  DramCore core(hbm2());
  DramScheduler scheduler(core, 32);
  std::uint64_t address = 0;
  const auto push = [&] {
    DramQueued queued;
    queued.request = {address & 0xFFFFFFF, Bytes(1024), false, false};
    queued.arrival = core.decide_at();
    scheduler.push(queued);
    address += 1024;
  };
  for (int i = 0; i < 16; ++i) push();
  for (auto _ : state) {
    const Cycles now = std::max(core.decide_at(), scheduler.next_arrival());
    DramQueued picked;
    scheduler.pick(now, picked);
    benchmark::DoNotOptimize(core.issue(now, picked.request));
    push();
  }
}
BENCHMARK(schedule_and_issue);

void box_runs(benchmark::State& state) {
  const DramMap map(hbm2(8));
  BoxRuns runs(flat_box(0, 1ull << 50), map, Bytes(256), 64);
  DmaRun run;
  for (auto _ : state) benchmark::DoNotOptimize(runs.next(run));
}
BENCHMARK(box_runs);

/// Of the processor: what others on the machine take does not count.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

struct Quiet : TransferListener {
  void requested(std::uint64_t, Cycles) override {}
  void finished(std::uint64_t, Cycles) override {}
};

std::string stream(std::uint64_t bytes, std::uint32_t channels) {
  prepare_kernel();
  const Memory memory = hbm2(channels);
  PayloadPool pool;
  DramTlm dram("dram", memory);
  DmaTlm dma("dma", {2, 16, 64, Bytes(256)}, dram.map(), ClockDomain(1'000'000'000), pool,
             UnitId{0});
  dma.socket.bind(dram.socket);
  Quiet quiet;
  dma.set_listener(quiet);
  run_kernel(Femtoseconds(0));  // elaborates
  dma.start({1, flat_box(0, bytes), false, Cycles(0), {}});
  const double seconds = seconds_of([] { run_kernel(Femtoseconds(0)); });
  return std::to_string(seconds * 1e9 / static_cast<double>(dma.stats().runs));
}

/// A method that wakes itself `left` times.
struct Bare : sc_core::sc_module {
  SC_HAS_PROCESS(Bare);
  Bare(const sc_core::sc_module_name& name, std::uint64_t times) : sc_module(name), left(times) {
    SC_METHOD(step);
    sensitive << wake;
  }
  void step() {
    if (left-- > 0) wake.notify(sc_core::sc_time::from_value(1'000'000));
  }
  sc_core::sc_event wake{"wake"};
  std::uint64_t left;
};

std::string bare(std::uint64_t times) {
  prepare_kernel();
  Bare module("bare", times);
  const double seconds = seconds_of([] { run_kernel(Femtoseconds(0)); });
  return std::to_string(seconds * 1e9 / static_cast<double>(times));
}

/// One measurement in a child an iteration; its nanoseconds are what is reported.
template <class Work>
void in_child(benchmark::State& state, Work&& work) {
  for (auto _ : state) {
    state.SetIterationTime(std::stod(run_in_child_or_throw(work)) * 1e-9);
  }
}

void dma_and_dram_a_row_run(benchmark::State& state) {
  const auto channels = static_cast<std::uint32_t>(state.range(0));
  in_child(state, [=] { return stream(std::uint64_t{512} << 20, channels); });
}
BENCHMARK(dma_and_dram_a_row_run)->Arg(1)->Arg(8)->UseManualTime()->Iterations(3);

void bare_activation(benchmark::State& state) {
  in_child(state, [] { return bare(1'000'000); });
}
BENCHMARK(bare_activation)->UseManualTime()->Iterations(3);

}  // namespace
}  // namespace takt

BENCHMARK_MAIN();
