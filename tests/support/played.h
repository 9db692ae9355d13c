// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plays programs on the transaction engine in a child process and brings back every op's booking.

#include <string>
#include <utility>

#include "models/common/chip/transaction_engine.h"
#include "sim/kernel/child_process.h"
#include "sim/kernel/result_codec.h"
#include "tests/support/reference_player.h"

namespace takt::test {

struct TransactionRun {
  EngineResult result;
  Played played;
};

/// The run of a program on the transaction engine, in a process of its own.
inline TransactionRun play_transaction(const Program& program, const TileTiming& timing,
                                       const RunLimits& limits = {},
                                       std::size_t window = SequencerOptions{}.window) {
  const std::string bytes = run_in_child_or_throw([&] {
    std::string ops;
    TransactionOptions options;
    options.window = window;
    options.observer = [&](const TileOp& op, const Booking& b) {
      const PlayedOp p{op.unit.index,    op.region,        b.start.value(),
                       b.loaded.value(), b.issued.value(), b.done.value()};
      ops.append(reinterpret_cast<const char*>(&p), sizeof(p));
    };
    const auto engine = make_transaction_engine(*program.machine, timing, options);
    const std::string result = encode(engine->run(program, limits).value());
    const std::uint64_t size = ops.size();
    return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) + ops + result;
  });
  TransactionRun run;
  std::uint64_t size = 0;
  CHECK(bytes.size() >= sizeof(size)) << "no answer";
  std::copy_n(bytes.data(), sizeof(size), reinterpret_cast<char*>(&size));
  for (std::size_t at = sizeof(size); at < sizeof(size) + size; at += sizeof(PlayedOp)) {
    PlayedOp p;
    std::copy_n(bytes.data() + at, sizeof(p), reinterpret_cast<char*>(&p));
    run.played[p.unit].push_back(p);
  }
  run.result = decode_engine_result(bytes.substr(sizeof(size) + size));
  return run;
}

/// The first op that differs, in words; empty if none does.
inline std::string first_difference(const Program& program, const Played& expected,
                                    const Played& actual) {
  const auto text = [](const PlayedOp& p) {
    return "start " + std::to_string(p.start) + " loaded " + std::to_string(p.loaded) + " issued " +
           std::to_string(p.issued) + " done " + std::to_string(p.done);
  };
  for (const auto& [unit, ops] : expected) {
    const auto found = actual.find(unit);
    const std::size_t there = found == actual.end() ? 0 : found->second.size();
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (i >= there) return program.units[unit].name + " played only " + std::to_string(there);
      if (ops[i] == found->second[i]) continue;
      return program.units[unit].name + " op " + std::to_string(i) + ": expected " + text(ops[i]) +
             ", got " + text(found->second[i]);
    }
  }
  return "";
}

}  // namespace takt::test
