// SPDX-License-Identifier: Apache-2.0
// Cores that share a buffer: programs are verified, their nests equal their expansion, the closed
// form is never above the transaction engine and equal to it where memory is ideal.
#include <gtest/gtest.h>

#include <sstream>

#include "sim/base/math.h"
#include "sim/program/text.h"
#include "sim/program/verify.h"
#include "tests/support/engine_order.h"
#include "tests/support/seeds.h"
#include "tests/support/shared_buffer.h"

namespace takt::test {
namespace {

std::optional<Compiled> compiled_seed(std::uint64_t seed, bool ideal) {
  Random random(seed * 86'028'121);
  Machine machine = random_machine(random);
  machine.memory.ideal = ideal;
  machine.cores = static_cast<std::uint32_t>(random.between(1, 4));
  machine.buffers[0].size = Bytes(machine.buffers[0].size.value() * 4);
  give_shared_buffer(machine, random);
  return compiled(machine, random_regions(random));
}

std::size_t tensors_there(const Compiled& c) {
  std::size_t there = 0;
  for (const TensorPlacement& place : c.program().tensors) {
    there += place.shared;
    EXPECT_FALSE(place.shared && (place.resident || place.in_dram));
  }
  return there;
}

struct SharedBytes {
  std::uint64_t read = 0, written = 0, noc = 0;
};
SharedBytes shared_bytes_of(const EngineResult& result) {
  SharedBytes bytes;
  for (const RegionResult& region : result.regions) {
    bytes.read += region.counts.shared_read_bytes;
    bytes.written += region.counts.shared_write_bytes;
    bytes.noc += region.counts.noc_bytes;
  }
  return bytes;
}

void expect_verified(const Compiled& c) {
  const Verification v = verify(c.program());
  for (const std::string& finding : v.findings) ADD_FAILURE() << finding;
}

/// What the ops move, against what is counted: each tensor is stored once, by whichever cores.
void expect_counted(const Compiled& c, const EngineResult& result) {
  std::uint64_t moved = 0, stored = 0;
  for (std::uint32_t core = 0; core < c.machine().cores; ++core) {
    CoreStream stream(c.program(), core);
    for (TileOp op; stream.next(op);) {
      if (op.kind != TileOpKind::kLoad && op.kind != TileOpKind::kStore) continue;
      const bool host = op.transfer.space == Space::kHost;
      const Space device = host ? op.transfer.near : op.transfer.space;
      if (device != Space::kShared || (host && op.transfer.buffer.valid())) continue;
      moved += op.transfer.remote.bytes().value();
      if ((op.kind == TileOpKind::kLoad) == host) stored += op.transfer.remote.bytes().value();
    }
  }
  std::uint64_t sizes = 0;
  const RegionGraph& graph = *c.network.graph;
  for (std::size_t t = 0; t < graph.tensors.size(); ++t) {
    if (c.program().tensors[t].shared) sizes += graph.tensors[t].bytes();
  }
  const SharedBytes counted = shared_bytes_of(result);
  EXPECT_EQ(counted.read + counted.written, moved);
  EXPECT_EQ(counted.noc, moved);
  EXPECT_EQ(counted.written, stored);
  EXPECT_EQ(stored, sizes * c.network.decisions.passes);
}

bool try_ideal(std::uint64_t seed) {
  const auto c = compiled_seed(seed, true);
  if (!c || tensors_there(*c) == 0) return false;
  expect_verified(*c);
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  const EngineResult one_by_one = AnalyticEngine(c->backend->timing(), AnalyticEngine::Jumps::kOff)
                                      .run(c->program(), {})
                                      .value();
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  expect_same(closed_form, one_by_one);
  expect_same(closed_form, played);
  expect_balanced(c->program(), played);
  expect_counted(*c, played);
  return true;
}

bool try_real(std::uint64_t seed) {
  const auto c = compiled_seed(seed, false);
  if (!c || tensors_there(*c) == 0) return false;
  expect_verified(*c);
  const EngineResult closed_form = analytic(*c), played = transaction(*c);
  EXPECT_EQ(played.status, EngineResult::Status::kFinished);
  expect_order(closed_form, played);
  expect_balanced(c->program(), closed_form);
  expect_balanced(c->program(), played);
  expect_counted(*c, closed_form);
  expect_counted(*c, played);
  return true;
}

/// The ports bound the run: all bytes at what the banks move a cycle.
bool try_slow(std::uint64_t seed) {
  auto c = compiled_seed(seed, false);
  if (!c || tensors_there(*c) == 0) return false;
  Machine machine = c->machine();
  Buffer& memory = machine.shared.memory;
  memory.banks = 1;
  memory.width = Bytes(1);
  memory.read_ports = memory.write_ports = 1;
  memory.shared_port = true;
  const Compiled slow = rebuilt(*c, machine);
  const EngineResult closed_form = analytic(slow), played = transaction(slow);
  const SharedBytes bytes = shared_bytes_of(played);
  // A byte a cycle, less what rounding in a bank's books may lose.
  const std::uint64_t least = (bytes.read + bytes.written) * 999 / 1000;
  EXPECT_GE(closed_form.end.value(), least);
  EXPECT_GE(played.end, closed_form.end);
  return true;
}

bool try_text(std::uint64_t seed) {
  const auto c = compiled_seed(seed, true);
  if (!c || tensors_there(*c) == 0) return false;
  std::ostringstream first, second;
  print(c->program(), first);
  const Result<Program> read =
      read_program(first.str(), "p.txt", &c->machine(), c->network.graph.get());
  EXPECT_TRUE(read.ok());
  if (!read.ok()) return true;
  print(*read, second);
  EXPECT_EQ(first.str(), second.str());
  return true;
}

TEST(SharedBuffer, EnginesAgreeWhereMemoryIsIdeal) { EXPECT_GT(for_seeds(200, try_ideal), 40u); }
TEST(SharedBuffer, AnalyticIsNeverAboveTransaction) { EXPECT_GT(for_seeds(200, try_real), 40u); }
TEST(SharedBuffer, ItsPortsBoundTheRun) { EXPECT_GT(for_seeds(40, try_slow), 10u); }
TEST(SharedBuffer, ProgramsReadBack) { EXPECT_GT(for_seeds(40, try_text), 10u); }

}  // namespace
}  // namespace takt::test
