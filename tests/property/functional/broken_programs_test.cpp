// SPDX-License-Identifier: Apache-2.0
// Programs that the compiler made, broken on purpose: the verifier or the values must say so.
#include <gtest/gtest.h>

#include <set>

#include "models/tpu/tpu_backend.h"
#include "sim/backend/compile.h"
#include "sim/functional/player.h"
#include "sim/ir/fuse.h"
#include "sim/machine/machine_spec.h"
#include "sim/program/verify.h"
#include "sim/reference/reference_executor.h"
#include "sim/workload/workload.h"

namespace takt {
namespace {

/// Hands a player other ops than the program has.
class Tamper : public OpTaker {
 public:
  using Change = std::function<void(TileOp&)>;
  Tamper(FunctionalPlayer& player, Change change) : player_(player), change_(std::move(change)) {}
  bool ready(const TileOp& op) const override { return player_.ready(op); }
  void take(const TileOp& op) override {
    TileOp other = op;
    change_(other);
    player_.take(other);
  }
  void blocked(const TileOp& op) override { player_.blocked(op); }

 private:
  FunctionalPlayer& player_;
  Change change_;
};

/// A convolution with a halo, in many tiles on a small machine.
class Compiled {
 public:
  Compiled() {
    MachineOptions options;
    options.overrides = {"core.matrix.rows=8", "core.matrix.cols=8",
                         "core.buffers.unified.size=16 KiB", "core.matrix.accumulators=256"};
    options.roots = {TAKT_SOURCE_DIR "/configs"};
    machine_ = *read_machine(TAKT_SOURCE_DIR "/configs/npu_128.yaml", options);
    graph_ = *read_workload("conv:n=1,c=16,h=40,w=40,k=24,r=3,s=3,stride=1,pad=1", {});
    network_ = std::make_shared<const RegionGraph>(*fuse(graph_, {}));
    backend_ = make_tpu_backend(machine_);
    compiled_ = compile(network_, *backend_, {}).value();
    semantics_.emplace(graph_, DType::kInt8);
    reference_ = make_reference("functional");
    expected_ = *reference_->run(*semantics_, {});
  }
  Program& program() { return compiled_.program; }

  /// What the check says of the program with its ops changed.
  ValueCheck check(const Tamper::Change& change) {
    FunctionalPlayer player(compiled_.program, *semantics_, expected_);
    Tamper tamper(player, change);
    play_by_tokens(compiled_.program, tamper);
    ValueCheck check = reference_->compare(
        *compiled_.program.graph, expected_,
        [&](TensorId id) -> const std::vector<std::byte>& { return player.result(id); });
    check.findings.insert(check.findings.end(), player.findings().begin(), player.findings().end());
    return check;
  }

 private:
  Machine machine_;
  Graph graph_;
  std::shared_ptr<const RegionGraph> network_;
  std::unique_ptr<Backend> backend_;
  CompiledNetwork compiled_;
  std::optional<Semantics> semantics_;
  std::unique_ptr<ReferenceExecutor> reference_;
  NetworkValues expected_;
};

bool loads(const TileOp& op, Transfer::Role role) {
  return op.kind == TileOpKind::kLoad && op.transfer.buffer.valid() && op.transfer.role == role;
}

/// Changes the `which`-th op that `picks` picks.
template <class Picks, class Change>
Tamper::Change only(int which, Picks picks, Change change) {
  return [which, picks, change, seen = 0](TileOp& op) mutable {
    if (picks(op) && seen++ == which) change(op);
  };
}

TEST(BrokenPrograms, TheProgramItselfIsRight) {
  Compiled compiled;
  int inputs = 0, weights = 0;
  const ValueCheck check = compiled.check([&](TileOp& op) {
    inputs += loads(op, Transfer::Role::kInput);
    weights += loads(op, Transfer::Role::kWeight);
  });
  EXPECT_TRUE(check.ok());
  EXPECT_EQ(check.compared, 24U * 40 * 40);
  EXPECT_GE(inputs, 3) << "the tests below break a tile in the middle";
  EXPECT_GE(weights, 2);
}

TEST(BrokenPrograms, ADroppedLoadChangesTheValues) {
  for (const Transfer::Role role : {Transfer::Role::kInput, Transfer::Role::kWeight}) {
    Compiled compiled;
    // The last that brings bytes for the first time: those that come again may lie there still.
    std::set<std::uint64_t> seen;
    std::uint64_t last = 0;
    compiled.check([&](TileOp& op) {
      if (!loads(op, role) || !seen.insert(op.transfer.remote.address).second) return;
      last = op.transfer.remote.address;
    });
    const ValueCheck check = compiled.check([&](TileOp& op) {
      if (loads(op, role) && op.transfer.remote.address == last) op.kind = TileOpKind::kSync;
    });
    EXPECT_GT(check.mismatches, 0U) << (role == Transfer::Role::kInput ? "inputs" : "weights");
    EXPECT_FALSE(check.findings.empty());
  }
}

TEST(BrokenPrograms, AWrongHaloChangesTheValues) {
  Compiled compiled;
  // A tile in the middle, one row of pixels too low.
  const ValueCheck check = compiled.check(only(
      1, [](const TileOp& op) { return loads(op, Transfer::Role::kInput); },
      [](TileOp& op) { op.transfer.remote.address += 40 * 16; }));
  EXPECT_GT(check.mismatches, 0U);
}

TEST(BrokenPrograms, ASlotTooSmallIsFound) {
  Compiled compiled;
  // The array reads a slot that ends before its tile does.
  const ValueCheck check = compiled.check([](TileOp& op) {
    for (SramAccess& access : op.accesses) {
      if (op.kind == TileOpKind::kMatrix && access.role == Transfer::Role::kInput) {
        access.span /= 2;
      }
    }
  });
  EXPECT_FALSE(check.ok());
}

// Tokens of the second channel go to the third and the other way around.
TEST(BrokenPrograms, SwappedTokensAreFound) {
  std::size_t found = 0, tried = 0;
  for (std::uint32_t a = 0; a < 8; ++a) {
    Compiled compiled;
    std::vector<Channel>& channels = compiled.program().channels;
    if (a + 1 >= channels.size()) break;
    if (channels[a].initial == channels[a + 1].initial) continue;
    ++tried;
    std::swap(channels[a].initial, channels[a + 1].initial);
    found += !verify(compiled.program()).ok();
  }
  EXPECT_GT(tried, 0U);
  EXPECT_EQ(found, tried);
}

}  // namespace
}  // namespace takt
