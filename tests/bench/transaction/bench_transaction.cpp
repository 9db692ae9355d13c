// SPDX-License-Identifier: Apache-2.0
// usage: bench_transaction [TILES [DRAM_CHANNELS [WINDOW]]]    (0 channels = ideal memory)
// Plays a stream of tiles (weights, inputs, two passes, vector, store) and prints what an op costs
// on the host. SystemC runs once a process, so there is one measurement a call.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "models/common/chip/transaction_engine.h"
#include "tests/support/program_builder.h"

namespace takt::test {
namespace {

/// A loop over tiles whose ops are FlatNest's of one tile, at moving addresses.
class TileLoop : public Nest {
 public:
  TileLoop(std::uint64_t tiles, std::vector<TileOp> ops) : ops_(std::move(ops)) {
    loops_.resize(1);
    loops_[0].name = "m";
    tiles_ = tiles;
    NestNode loop;
    loop.loop = 0;
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      NestNode leaf;
      leaf.action = static_cast<int>(i);
      loop.children.push_back(leaf);
    }
    body_.push_back(loop);
  }
  NestRuns runs(int, const NestIndex&) const override {
    NestRuns runs;
    runs.push_back(tiles_);
    return runs;
  }
  bool emit(int action, const NestIndex& index, TileOp& op) const override {
    op = ops_[static_cast<std::size_t>(action)];
    const std::uint64_t bytes = op.transfer.remote.row_bytes;
    op.transfer.remote.address += index[0] * bytes % (std::uint64_t{1} << 24);
    return true;
  }

 private:
  std::uint64_t tiles_;
  std::vector<TileOp> ops_;
};

std::vector<TileOp> one_tile(ProgramBuilder& b) {
  const auto slots = [&](const std::string& name, StallCause cause) {
    return std::pair(b.channel(name + ".ready", cause),
                     b.channel(name + ".free", StallCause::kOutputs, 2, 2));
  };
  const auto [weights, weights_free] = slots("weights", StallCause::kWeights);
  const auto [inputs, inputs_free] = slots("inputs", StallCause::kInputs);
  const auto [outputs, outputs_free] = slots("outputs", StallCause::kVector);
  const auto [stores, stores_free] = slots("stores", StallCause::kDependency);
  std::vector<TileOp> ops;
  const auto keep = [&](OpMaker op) { ops.push_back(op.op()); };
  keep(b.load(1024).touches(0, 1024, true).needs(weights_free).gives(weights));
  keep(b.load(1024).touches(4096, 1024, true).needs(inputs_free).gives(inputs));
  keep(b.matrix(64, 16, 16)
           .touches(4096, 1024, false)
           .touches(0, 256, false, Transfer::Role::kWeight)
           .needs(weights)
           .needs(inputs)
           .gives(weights_free, Phase::kStationaryLoaded));
  keep(b.matrix(64, 16, 16, false)
           .touches(4096, 1024, false)
           .needs(outputs_free)
           .gives(inputs_free, Phase::kIssued)
           .gives(outputs));
  keep(b.vector(1024)
           .touches(8192, 1024, true)
           .needs(outputs)
           .needs(stores_free)
           .gives(outputs_free, Phase::kIssued)
           .gives(stores));
  keep(b.store(1024).touches(8192, 1024, false).needs(stores).gives(stores_free));
  return ops;
}

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

int measure(std::uint64_t tiles, std::uint32_t channels, std::size_t window) {
  Machine machine = small_machine();
  if (channels > 0) {
    machine.memory.ideal = false;
    machine.memory.channels = channels;
    machine.memory.bandwidth_bytes_per_s *= channels;
    machine.memory.interleave = Bytes(1024);
  }
  const FakeTiming timing;
  ProgramBuilder builder(machine);
  std::vector<TileOp> tile = one_tile(builder);
  builder.clear();
  Program program = builder.build();
  program.regions[0].nests.resize(1);
  program.regions[0].nests[0] = std::make_unique<TileLoop>(tiles, std::move(tile));

  TileOp op;
  CoreStream stream(program, 0);
  std::uint64_t ops = 0;
  double before = user_seconds();
  while (stream.next(op)) ++ops;
  const double streaming = user_seconds() - before;

  const auto engine = make_transaction_engine(machine, timing, {nullptr, window});
  before = user_seconds();
  const auto start = std::chrono::steady_clock::now();
  const EngineResult result = engine->run(program, {}).value();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  const double user = user_seconds() - before;
  std::uint64_t runs = 0;
  for (const UnitResult& unit : result.units) {
    for (const UnitCounter& counter : unit.counters) {
      if (counter.name == "runs") runs += counter.value;
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto n = static_cast<double>(ops);
  std::printf(
      "%llu ops, %llu DRAM row runs, %llu cycles: %.3f s (%.3f s user), %.0f ns/op user of "
      "which %.0f making the ops; %.2f activations/op; %ld MiB\n",
      static_cast<unsigned long long>(ops), static_cast<unsigned long long>(runs),
      static_cast<unsigned long long>(result.end.value()), wall.count(), user, user / n * 1e9,
      streaming / n * 1e9, static_cast<double>(result.kernel_activations) / n,
      usage.ru_maxrss / 1024);
  return result.status == EngineResult::Status::kFinished ? 0 : 1;
}

}  // namespace
}  // namespace takt::test

int main(int argc, char** argv) {
  const std::uint64_t tiles = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 50'000;
  const unsigned long channels = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1;
  const std::size_t window =
      argc > 3 ? std::strtoull(argv[3], nullptr, 10) : takt::SequencerOptions{}.window;
  return takt::test::measure(tiles, static_cast<std::uint32_t>(channels), window);
}
