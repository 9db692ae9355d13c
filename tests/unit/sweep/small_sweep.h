// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sweep of twelve points in a folder of its own, and a model of a few lines in place of machines.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/base/check.h"
#include "sim/sweep/sweep_run.h"
#include "sim/sweep/sweep_spec.h"

namespace takt {

namespace fs = std::filesystem;

inline constexpr const char* kSweep = R"(name: small
arch: machine.yaml
workloads: ["gemm:a", "gemm:b"]
parameters:
  rows: [8, 16, 32]
  cols: same_as rows
  size: {from: 64 KiB, to: 128 KiB, factor: 2}
constraints: ["rows <= 16"]
objectives: [cycles, utilization]
)";

inline Diagnostic no_fit(ErrorKind kind) {
  Diagnostic d;
  d.kind = kind;
  d.name = "E-x";
  d.message = "does not fit";
  return d;
}

/// Cycles are rows x size in KiB; 16 rows do not fit into 64 KiB; what `bad` says goes wrong.
class SmallModel : public PointModel {
 public:
  std::string bad;  ///< network at which run() ends as bad_end says
  enum class End { kAbort, kThrow, kLimit, kUnsupported, kChanged } bad_end = End::kAbort;

  std::string killed_by, breaks_check;  ///< networks at which the worker ends

  Result<MachineConfig> machine(const PointRequest& request) override {
    MachineConfig config;
    config.machine.hash = "m";
    for (const std::string& text : request.overrides) {
      const std::size_t equal = text.find('=');
      config.values.push_back({text.substr(0, equal), text.substr(equal + 1), "", ""});
      config.machine.hash += "," + text;
    }
    return config;
  }
  Result<NetworkFacts> network(const PointRequest& request, const Machine&) override {
    if (request.workload == killed_by) ::raise(SIGKILL);
    if (request.workload == breaks_check) std::abort();
    return NetworkFacts{request.workload, 1};
  }
  Result<RunRecord> run(const PointRequest& request) override {
    const std::uint64_t rows = std::strtoull(request.overrides[0].c_str() + 5, nullptr, 10);
    const std::uint64_t kib = std::strtoull(request.overrides[2].c_str() + 5, nullptr, 10);
    RunRecord record;
    record.cycles = Cycles(rows * kib);
    record.identity.arch_hash = machine(request)->machine.hash;
    record.identity.workload_hash = request.workload;
    record.identity.batch = 1;
    record.identity.takt_version = "1";
    if (request.workload == bad && bad_end == End::kAbort) std::abort();
    if (request.workload == bad && bad_end == End::kThrow) throw InternalError("our mistake");
    if (request.workload == bad && bad_end == End::kUnsupported) {
      return no_fit(ErrorKind::kUnsupported);
    }
    if (request.workload == bad && bad_end == End::kChanged) record.identity.arch_hash = "other";
    if (request.workload == bad && bad_end == End::kLimit) {
      record.partial = PartialRun{"cycle_limit", 0, 1};
    }
    if (rows == 16 && kib == 64) return no_fit(ErrorKind::kInfeasible);
    return record;
  }
};

class SweepTest : public ::testing::Test {
 protected:
  SweepTest()
      : folder_(fs::temp_directory_path() / ("takt-sweep-test-" + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    write("machine.yaml", "");
  }
  ~SweepTest() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  Sweep sweep(const std::string& text = kSweep) const {
    return sweep_from_text(text, "s.yaml", {at("s.yaml"), nullptr, nullptr}).value();
  }
  CheckedSweep check(const Sweep& sweep, const std::string& version = "1") {
    return check_sweep(sweep, model_, version, PoolOptions{}).value();
  }
  SweepOutcome run(SweepFolder& folder, const Sweep& sweep, const CheckedSweep& checked) {
    return run_sweep(folder, sweep, checked.points, model_, PoolOptions{}).value();
  }

  fs::path folder_;
  SmallModel model_;
};

}  // namespace takt
