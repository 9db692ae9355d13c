// SPDX-License-Identifier: Apache-2.0
// Google's first TPU: operations a second and shares of cycles by performance counters.
#include "sim/config/parse.h"
#include "sim/config/reader.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

constexpr const char* kMachine = "tpu_v1.yaml";
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
  request.arch = kMachine;
  request.workload = lower(application) + ".yaml";
  request.overrides = {"host.driver_cost=0ns"};
  // Of both LSTMs table 3 says twice as many useful cycles as their operations need, of no other
  // application: activations of 16 bits, with which the array runs at half its speed (section 2).
  if (application == "LSTM0") request.overrides.emplace_back("core.matrix.macs_per_pe.int8=0.5");
  return request;
}

class Table {
 public:
  explicit Table(const DataFile& file) : tree_(parse_text(file.text, file.path, errors_)) {}
  /// A figure of an application; what is not there is remembered in errors().
  double number(const char* row, const char* application) {
    const Node* apps = tree_ ? tree_->find("per_app") : nullptr;
    const Node* values = apps != nullptr ? apps->find(row) : nullptr;
    const Node* value = values != nullptr ? values->find(application) : nullptr;
    char* end = nullptr;
    const double number = value != nullptr ? std::strtod(value->text.c_str(), &end) : 0;
    if (tree_ && (value == nullptr || value->text.empty() || *end != 0)) {
      errors_.push_back(error_at(values != nullptr ? *values : *tree_,
                                 std::string("per_app.") + row + "." + application,
                                 "E-not-a-number", "expected a number"));
    }
    return number;
  }
  const Diagnostics& errors() const { return errors_; }

 private:
  Diagnostics errors_;
  std::optional<Node> tree_;
};

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
  Table table(*input.data);
  std::vector<PlannedRow> plan;
  for (const char* application : kApplications) {
    PlannedRow planned;
    planned.row.id = application;
    planned.row.measured = table.number("teraops_per_s", application);
    // 86 TOPS are 93.5 % of the peak, while the counters of the same run say 78.2 %.
    planned.row.judged = std::string(application) != "CNN0";
    planned.row.fitted = std::string(application) == kFittedOn;
    planned.request = request_of(application);
    plan.push_back(std::move(planned));
  }
  if (!table.errors().empty()) return table.errors();
  return simulate_rows(std::move(plan), input, tera_ops);
}

Result<EntryRows> run_shares(const EntryInput& input) {
  Table table(*input.data);
  EntryRows out;
  for (const char* application : kApplications) {
    for (const Share& share : shares()) {
      ValidationRow row;
      row.id = std::string(application) + " " + share.name;
      row.measured = table.number(share.row, application);
      row.fitted = std::string(application) == kFittedOn;
      // These two disagree with the operations a second of the same paper: 8.2 % for 4 % of the
      // peak.
      const bool contradicts =
          std::string(application) == "LSTM0" || std::string(application) == "CNN0";
      row.judged = !(contradicts && &share == &shares().front());
      out.rows.push_back(std::move(row));
    }
  }
  if (!table.errors().empty()) return table.errors();
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
  suite.limits = {
      "The layers of the applications are not published: workloads/mlp0.yaml and the others keep "
      "their number, weights and operations, and each says what it estimates.",
      "The paper's tables disagree with each other by some 10 %, and for LSTM0 and CNN0 by more: "
      "those figures are reported and not judged.",
      "LSTM0 is played at half the array's speed, as with 16-bit activations. The paper does not "
      "say so; its table 3 has both LSTMs' arrays at useful work for twice as long as their "
      "operations take at full speed. Its inputs and outputs have 8 bits here all the same.",
      "What takes `core.sync` is not published. The paper names a delay slot between layers; its "
      "counter of waits for results (RAW stalls: 3.3, 8.4 and 14.6 % of the cycles of MLP0, MLP1 "
      "and LSTM0) is row 7 of table 3 and overlaps other rows. Here such waits are "
      "`stall_dependency`.",
      "Weight tiles at the edge of a matrix are fetched without padding. The paper's example (a "
      "matrix of 600 x 600, nine tiles, 18 us) fetches them whole: that would be 13 % more for "
      "MLP1, 2 % for MLP0 and nothing for LSTM0.",
      "CNN0 has longer waits between layers here than the counters leave room for: convolutions "
      "can start on the first rows of the layer before, and here wait for all of it."};
  suite.limits.emplace_back(
      "Busy power is one figure, of no named application, and 28 W of its 40 are the measured "
      "power "
      "at rest, which the machine file takes over: what is tested is the rest.");
  suite.limits.emplace_back(
      "The die is published as less than half of a Haswell's, 331 mm2, and the multipliers' share "
      "as it stands: the array takes twice what its multipliers, adders and registers do here.");
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
