// SPDX-License-Identifier: Apache-2.0
// DRAM standards against what their timing constraints add up to. The expectations are formulas on
// the constraints; what is compared with them is played by the DMA engines, the scheduler and the
// channel of an ordinary run.
#include <algorithm>
#include <cmath>

#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "parts/dram_probe.yaml";
constexpr const char* kStandards[] = {"ddr3_1600",   "ddr3_2133", "ddr4_2400",
                                      "ddr4_3200",   "ddr5_3200", "lpddr4_3200",
                                      "gddr6_12000", "hbm2",      "hbm3_6400"};

/// A standard's constraints with what follows from them, in its clocks.
struct Dram {
  explicit Dram(const DramTiming& timing) : t(timing) {}
  const DramTiming& t;
  double burst() const { return static_cast<double>(t.burst_length) / t.data_rate; }
  std::int64_t burst_bytes() const { return std::int64_t{t.burst_length} * t.bus_bits / 8; }
  /// From a row of one bank to the next row of the same, and to the same row of the next bank.
  std::int64_t bank_step() const {
    return static_cast<std::int64_t>(t.row_bytes.value()) * t.bank_groups;
  }
  std::int64_t row_step() const { return bank_step() * t.banks_per_group; }
  double row_cycle() const { return std::max(t.ras, t.rcd + t.rtp) + t.rp; }
  /// Of all time, what is left beside refreshes: banks are closed, refreshed and opened again.
  double beside_refresh() const { return 1 - (t.rp + t.rfc + t.rcd) / double{1.0 * t.refi}; }
  double pace() const { return std::max({burst(), 1.0 * t.ccd_s, 1.0 * t.ccd_l / t.bank_groups}); }
};

struct Pattern {
  const char* name;
  /// What to run, and the clocks that it should take.
  void (*plan)(const Dram& dram, RunRequest& request, double& clocks);
};

// An unloaded read and write: tRCD + CL + burst, then CWL + burst in the same row. The result lies
// 256 B behind the input: in another bank group, its row has to be opened as well.
void plan_unloaded(const Dram& dram, RunRequest& request, double& clocks) {
  constexpr std::int64_t kBehind = 256;
  request.workload = "parts/copy.yaml";
  request.dims = {{"bytes", dram.burst_bytes()}, {"row", dram.burst_bytes()}};
  const bool open = kBehind / dram.burst_bytes() % dram.t.bank_groups == 0;
  clocks =
      dram.t.rcd + dram.t.cl + dram.burst() + (open ? 0 : dram.t.rcd) + dram.t.cwl + dram.burst();
}

// A stream of reads: bursts at the bus's pace, all but refreshes.
void plan_stream(const Dram& dram, RunRequest& request, double& clocks) {
  constexpr std::int64_t kColumns = 4096, kRows = 8192;
  request.workload = "gemm:m=1,n=" + std::to_string(kColumns) + ",k=" + std::to_string(kRows);
  const double bursts = 1.0 * kColumns * kRows / static_cast<double>(dram.burst_bytes());
  clocks = bursts * dram.pace() / dram.beside_refresh();
}

// Read in one piece: cut in several, each would show a latency of its own.
void strided(RunRequest& request, std::int64_t rows, std::int64_t width, std::int64_t pitch) {
  request.workload = "parts/strided_read.yaml";
  request.dims = {{"rows", rows}, {"width", width}, {"pitch", pitch}};
  request.mapping = "parts/mappings/strided_read_" + std::to_string(width) + ".yaml";
}

// Every access a new row of the same bank: a row cycle each.
void plan_one_bank(const Dram& dram, RunRequest& request, double& clocks) {
  constexpr std::int64_t kRows = 4096;
  strided(request, kRows, dram.burst_bytes(), dram.row_step());
  clocks = kRows * dram.row_cycle() / dram.beside_refresh();
}

// Every burst a new row, in all banks by turns: four activations in tFAW, one in tRRD_S, each bank
// once in its row cycle. A row set is opened a burst a group; without groups 64 B of a row are
// read.
void plan_all_banks(const Dram& dram, RunRequest& request, double& clocks) {
  constexpr std::int64_t kRows = 4096, kLeast = 64;
  const std::int64_t groups = dram.t.bank_groups;
  const std::int64_t width = std::max(groups * dram.burst_bytes(), kLeast);
  strided(request, kRows, width, dram.bank_step());
  const double banks = 1.0 * dram.t.bank_groups * dram.t.banks_per_group;
  const double bursts = static_cast<double>(width / dram.burst_bytes());
  const double each = std::max({dram.t.faw / 4.0, 1.0 * dram.t.rrd_s, dram.row_cycle() / banks});
  clocks = kRows * std::max(static_cast<double>(groups) * each, bursts * dram.pace()) /
           dram.beside_refresh();
}

// One engine that reads a burst, writes it elsewhere and reads the next. A write is asked for when
// its data are there, at the clock after; a read waits for the write's data to be over and for
// tWTR, across groups if there are any. A row that is written to for the first time is opened
// before the eyes of all, in each group; one that is read is opened while the write goes on.
void plan_turns(const Dram& dram, RunRequest& request, double& clocks) {
  constexpr std::int64_t kRowSets = 33;  // odd: input and output never lie in the same bank
  constexpr std::int64_t kInterleave = 256;
  const std::int64_t bytes = kRowSets * dram.bank_step(), burst = dram.burst_bytes();
  request.workload = "parts/copy.yaml";
  request.dims = {{"bytes", bytes}, {"row", burst}};
  request.mapping = "parts/mappings/in_turn.yaml";
  request.overrides.emplace_back("core.dma.engines=1");
  request.overrides.push_back("core.dma.burst=" + std::to_string(burst) + " B");
  request.overrides.push_back("memory.interleave=" + std::to_string(std::max(burst, kInterleave)) +
                              " B");
  const double to_read = dram.t.bank_groups > 1 ? dram.t.wtr_s : dram.t.wtr_l;
  const double pair = dram.t.cl + dram.burst() + 1 + dram.t.cwl + dram.burst() + to_read;
  const double open = 1.0 * dram.t.bank_groups * dram.t.rcd;
  const double pairs = 1.0 * static_cast<double>(bytes) / static_cast<double>(burst);
  clocks = (pairs * pair + kRowSets * open) / (1 - (dram.t.rp + dram.t.rfc + open) / dram.t.refi);
}

constexpr Pattern kPatterns[] = {{"one burst read, then written", plan_unloaded},
                                 {"stream of reads", plan_stream},
                                 {"row misses in one bank", plan_one_bank},
                                 {"row misses in all banks", plan_all_banks},
                                 {"reads and writes in turn", plan_turns}};

ValidationRow run_pattern(const Pattern& pattern, const Dram& dram, RunRequest request,
                          const EntryInput& input) {
  constexpr double kNano = 1e9;
  ValidationRow row;
  row.id = dram.t.standard + ": " + pattern.name;
  double clocks = 0;
  pattern.plan(dram, request, clocks);
  row.measured = clocks / static_cast<double>(dram.t.clock_hz) * kNano;
  row.command = command_line(request);
  const Result<RunRecord> record = input.evaluate(request);
  if (record) {
    row.simulated = static_cast<double>(record->cycles.value()) /
                    static_cast<double>(record->machine.clock_hz) * kNano;
  } else {
    row.problem = record.errors().front().message;
  }
  return row;
}

Result<EntryRows> run_patterns(const EntryInput& input) {
  EntryRows out;
  const std::size_t total = std::size(kStandards) * std::size(kPatterns);
  for (const char* standard : kStandards) {
    RunRequest request;
    request.arch = kMachine;
    request.overrides = {std::string("memory.standard=parts/dram/") + standard + ".yaml"};
    const Result<Machine> machine = input.machine_of(request);
    if (!machine) return machine.errors();
    const Dram dram(machine->memory.timing);
    for (const Pattern& pattern : kPatterns) {
      out.rows.push_back(run_pattern(pattern, dram, request, input));
      input.progress(out.rows.size(), total);
    }
  }
  return out;
}

}  // namespace

SuiteSpec dram_suite() {
  SuiteSpec suite;
  suite.name = "dram";
  suite.what =
      "time of access patterns on one channel, ns, for every standard in configs/parts/dram";
  suite.measured =
      "computed from each standard's timing constraints; the formulas stand in dram_suite.cpp";
  suite.limits = {
      "Expectation and simulation rest on the same constraints: a wrong entry in a standard's "
      "table "
      "shows in neither.",
      "Random traffic, and reads mixed with writes at will, where the scheduler's choices count, "
      "have no closed form and are not compared."};
  EntrySpec entry;
  entry.name = "dram";
  entry.bound.max_abs_pct = 3;
  entry.run = run_patterns;
  suite.entries = {entry};
  return suite;
}

}  // namespace takt
