// SPDX-License-Identifier: Apache-2.0
#pragma once
// One machine, one network: from what the user named to the record. Every stage is a value that the
// next one takes; run() is the list of them.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sim/app/options.h"
#include "sim/backend/compile.h"
#include "sim/machine/machine_spec.h"
#include "sim/reference/compare.h"
#include "sim/report/host_facts.h"
#include "sim/stats/record.h"

namespace takt {

/// What was read: nothing is mapped yet.
struct RunInputs {
  MachineConfig machine;
  std::shared_ptr<const RegionGraph> network;  ///< only the layers asked for
};

/// A program ready to be played, with everything it points to: not to be copied or moved.
struct PreparedRun {
  explicit PreparedRun(RunInputs read) : inputs(std::move(read)) {}
  PreparedRun(const PreparedRun&) = delete;
  PreparedRun& operator=(const PreparedRun&) = delete;

  RunInputs inputs;
  std::unique_ptr<Backend> backend;
  CompiledNetwork network;
};

struct WaveOptions;

struct RunHooks {
  StopFlag stop = nullptr;  ///< prepare() and checks throw Stopped, play() returns what it has
  /// Asked for when the program is there, because a sink needs its names; may be empty.
  std::function<SpanSink*(const Program&)> spans;
  std::function<void(std::size_t done, std::size_t total)> mapping_progress, check_progress,
      engine_progress;
  std::size_t alternatives = 1;  ///< mappings kept a layer
  bool in_child = false;         ///< play in a child process: more than one simulation is to come
  /// The network at another batch, from whoever keeps it; empty: it is read again.
  std::function<Result<std::shared_ptr<const RegionGraph>>(std::int64_t batch)> network;
  const WaveOptions* waves = nullptr;  ///< fidelity `cycle`: write them
};

struct RunOutcome {
  std::unique_ptr<PreparedRun> prepared;
  EngineResult result;
  RunRecord record;
  HostFacts host;
  std::optional<ValueCheck> check;  ///< if `--check` asked for it
};

/// The network as it was written, with shapes; nothing of the machine is in it.
Result<Graph> read_graph(const Options& options, std::optional<std::int64_t> batch);

/// The machine of that file, with the overrides.
Result<MachineConfig> read_arch(const Options& options, const std::string& arch);

/// The network at a batch, or at its own if there is none: only the layers asked for, in the
/// machine's precision where it leaves that open.
Result<std::shared_ptr<const RegionGraph>> read_network(const Options& options,
                                                        const Machine& machine,
                                                        std::optional<std::int64_t> batch);

/// Machine and network, checked. All that is wrong with either is reported.
Result<RunInputs> read_inputs(const Options& options, const std::string& arch);

/// Maps, lowers and verifies.
Result<std::unique_ptr<PreparedRun>> prepare(const Options& options, RunInputs inputs,
                                             const RunHooks& hooks);

/// `--check`: plays the program on values and compares what every layer made.
Result<ValueCheck> check_values(const Options& options, const PreparedRun& prepared,
                                const RunHooks& hooks);

/// A program that does not compute the network is our own mistake: ends in a CHECK with what the
/// verifier found.
void check_program(const Program& program, StopFlag stop = nullptr);

/// Plays; the status says whether it got to the end. An error: it would take longer than the engine
/// can count.
Result<EngineResult> play(const Options& options, const PreparedRun& prepared,
                          const RunHooks& hooks);

RunRecord record_of(const Options& options, const PreparedRun& prepared,
                    const EngineResult& result);

/// All of it.
Result<RunOutcome> run(const Options& options, RunInputs inputs, const RunHooks& hooks);

}  // namespace takt
