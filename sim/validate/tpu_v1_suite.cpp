// SPDX-License-Identifier: Apache-2.0
// Google's first TPU: operations a second and shares of cycles by performance counters.
#include "sim/validate/json_numbers.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "tpu_v1.yaml";
/// The same with activations of 16 bits; its `sources` say why LSTM0 has them.
constexpr const char* kWideMachine = "parts/machines/tpu_v1_int16_activations.yaml";
/// Applications that table 1 describes well enough to be rebuilt.
constexpr const char* kApplications[] = {"MLP0", "MLP1", "LSTM0", "CNN0"};

std::string lower(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

/// The one that `core.sync` of the machine was fitted on.
constexpr const char* kFittedOn = "MLP0";

/// Inputs and outputs cross the link, which the counters see as stalls for input data; the host's
/// own time is in none of them.
RunRequest request_of(const std::string& application) {
  RunRequest request;
  request.arch = application == "LSTM0" ? kWideMachine : kMachine;
  request.workload = lower(application) + ".yaml";
  request.overrides = {"host.driver_cost=0ns"};
  return request;
}

/// A figure of an application.
double figure_of(JsonNumbers& numbers, const char* row, const char* application) {
  return numbers.at({"per_app", row, application});
}

struct Share {
  const char* name;  ///< in our words
  const char* row;   ///< in the data
  std::vector<Account> accounts;
};

const std::vector<Share>& shares() {
  static const std::vector<Share> kShares{
      {"array active", "array_active_pct", {Account::kComputeUseful, Account::kComputePadding}},
      {"weight stall", "weight_stall_pct", {Account::kStallWeights}},
      {"weight shift", "weight_shift_pct", {Account::kWeightLoad}}};
  return kShares;
}

double share_of(const RunRecord& record, const std::vector<Account>& accounts) {
  constexpr double kPercent = 100;
  std::uint64_t cycles = 0;
  for (const Account account : accounts) {
    cycles += record.ledger.cycles[static_cast<std::size_t>(account)];
  }
  return kPercent * static_cast<double>(cycles) / static_cast<double>(record.cycles.value());
}

double tera_ops(const RunRecord& record) {
  constexpr double kTera = 1e12;
  const double seconds =
      static_cast<double>(record.cycles.value()) / static_cast<double>(record.machine.clock_hz);
  return 2 * static_cast<double>(record.macs) / seconds / kTera;
}

Result<EntryRows> run_tops(const EntryInput& input) {
  JsonNumbers numbers(*input.data);
  std::vector<PlannedRow> plan;
  for (const char* application : kApplications) {
    PlannedRow planned;
    planned.row.id = application;
    planned.row.measured = figure_of(numbers, "teraops_per_s", application);
    // 86 TOPS are 93.5 % of the peak, while the counters of the same run say 78.2 %.
    planned.row.judged = std::string(application) != "CNN0";
    planned.row.fitted = std::string(application) == kFittedOn;
    planned.request = request_of(application);
    plan.push_back(std::move(planned));
  }
  if (!numbers.errors().empty()) return numbers.errors();
  return simulate_rows(std::move(plan), input, tera_ops);
}

Result<EntryRows> run_shares(const EntryInput& input) {
  JsonNumbers numbers(*input.data);
  EntryRows out;
  for (const char* application : kApplications) {
    for (const Share& share : shares()) {
      ValidationRow row;
      row.id = std::string(application) + " " + share.name;
      row.measured = figure_of(numbers, share.row, application);
      row.fitted = std::string(application) == kFittedOn;
      // These two disagree with the operations a second of the same paper: 8.2 % for 4 % of the
      // peak.
      const bool contradicts =
          std::string(application) == "LSTM0" || std::string(application) == "CNN0";
      row.judged = !(contradicts && &share == &shares().front());
      out.rows.push_back(std::move(row));
    }
  }
  if (!numbers.errors().empty()) return numbers.errors();
  for (std::size_t a = 0; a < std::size(kApplications); ++a) {
    const RunRequest request = request_of(kApplications[a]);
    const Result<RunRecord> record = input.evaluate(request);
    for (std::size_t s = 0; s < shares().size(); ++s) {
      ValidationRow& row = out.rows[a * shares().size() + s];
      row.command = command_line(request);
      if (record) {
        row.simulated = share_of(*record, shares()[s].accounts);
      } else {
        row.problem = record.errors().front().message;
      }
    }
    input.progress(a + 1, std::size(kApplications));
  }
  return out;
}

std::vector<std::string> limits() {
  return {
      "The layers of the applications are not published: workloads/mlp0.yaml and the others keep "
      "their number, weights and operations, and each says what it estimates.",
      "The paper's tables disagree with each other by some 10 %, and for LSTM0 and CNN0 by more: "
      "those figures are reported and not judged.",
      "LSTM0 is played at half the array's speed, the paper's for weights of 8 and activations of "
      "16 bits (configs/parts/machines/tpu_v1_int16_activations.yaml). That it has such "
      "activations "
      "is inferred, from the network it is part of and from its own rows: useful work in 8.2 % of "
      "the cycles is twice what 3.7 TOPS need at full speed (LSTM1: 6.3 % and 2.8, twice as well; "
      "no other application is off by more than 1.5). At full speed its weight stalls would be 6.6 "
      "points too many. Inputs and outputs have 8 bits here all the same.",
      "What takes `core.sync` is not published. The paper names a delay slot, in which the array "
      "waits for explicit synchronization before it reads another layer's results. Its counter of "
      "waits for results (RAW stalls, table 3) is 3.3, 8.4, 14.6 and 10.6 % of the cycles of MLP0, "
      "MLP1, LSTM0 and LSTM1: with their operations, TOPS and layers (tables 1 and 3) 3,000, "
      "2,500, "
      "3,200 and 3,100 cycles a layer. So there is such a wait, it is as long for layers of any "
      "size, and it is more than emptying the array (510 cycles) and activating a layer's last "
      "results take. The fitted 4,300 come on top of those; rows 1, 4, 5 and 6 of table 3 leave "
      "MLP0 and MLP1 more time than the RAW and input stalls together, and the fit takes it for "
      "the "
      "same wait. Here it is booked to `stall_dependency`.",
      "Weight tiles at the edge of a matrix are fetched without padding. The hardware seems to "
      "move them whole: "
      "the paper's example of a matrix of 600 x 600 (section 7) counts nine tiles of 2 us, and "
      "LSTM1's weight "
      "shifts, 17.1 % of its cycles, are those of some 1,090 tiles; its weights fill 519, and cut "
      "into matrices "
      "of 600 x 600 need 850. That is 13 % more bytes for MLP1, 2 % for MLP0 and nothing for "
      "LSTM0. With padded "
      "widths MLP1 takes 139,455 cycles (`takt run -a tpu_v1 -w parts/mlp1_whole_tiles --set "
      "host.driver_cost=0ns`): its shares, 10.2, 45.8 and 13.3 %, are nearer to the counters' than "
      "those above, "
      "and its own operations come to 8.3 TOPS, 4 % below the 9.4 % of the peak that the counters "
      "have for it "
      "(row 2) and 14 % below row 9. These two rows are of different runs; no choice meets both, "
      "and the one "
      "here lies between them.",
      "CNN0 has longer waits between layers here than the counters leave room for: convolutions "
      "can start on the first rows of the layer before, and here wait for all of it.",
      "Busy power is one figure, of no named application, and 28 W of its 40 are the measured "
      "power at rest, which the machine file takes over: what is tested is the rest, shown in the "
      "rows `above rest`. Wires from buffers to array, clocks and control that are off at rest are "
      "in "
      "no energy table here.",
      "The die is published as at most half of a Haswell's: 331 mm2, and all areas with it, are "
      "upper "
      "limits. Of the four rows only `compute` is a test. There the array takes twice what its "
      "multipliers, adders and registers do here, at a factor for wiring (`blocks`) that fits this "
      "chip's memories and the published array of Gemmini: what the modes for operands of 16 bits "
      "and "
      "the pipeline between PEs add is not published."};
}

}  // namespace

SuiteSpec tpu_v1_suite() {
  SuiteSpec suite;
  suite.name = "tpu_v1";
  suite.what =
      "applications on Google's first TPU: TOPS, shares of cycles in percent, power in W; areas";
  suite.measured =
      "Jouppi et al., ISCA 2017, Tables 1 to 3 and Figure 2: counters and power of production "
      "hardware, floor plan of the die";
  suite.fitted = {
      "`core.sync` of configs/tpu_v1.yaml, on the four figures of MLP0 (least squares)",
      "`blocks` of configs/parts/energy/shared/interfaces.yaml, on the data buffers of the floor "
      "plan and another chip's array; its `dram_bit` and `host_lane` are the floor plan's"};
  suite.limits = limits();
  EntrySpec tops;
  tops.name = "tpu_v1.tops";
  tops.file = "tpu_v1_isca2017.json";
  tops.columns = {"per_app", "teraops_per_s"};
  tops.bound.mean_abs_pct = 8;
  tops.run = run_tops;
  EntrySpec portions;
  portions.name = "tpu_v1.shares";
  portions.file = tops.file;
  portions.columns = {"per_app", "array_active_pct", "weight_stall_pct", "weight_shift_pct"};
  portions.bound.max_abs_pct = 5;
  portions.unit = ErrorUnit::kPoints;
  portions.run = run_shares;
  suite.entries = {tops, portions, tpu_v1_power_entry(), tpu_v1_area_entry()};
  return suite;
}

}  // namespace takt
