// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/suite.h"

namespace takt {

EntryRows simulate_rows(std::vector<PlannedRow> plan, const EntryInput& input,
                        const std::function<double(const RunRecord&)>& value) {
  EntryRows out;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    ValidationRow row = std::move(plan[i].row);
    row.command = command_line(plan[i].request);
    const Result<RunRecord> record = input.evaluate(plan[i].request);
    if (record) {
      row.simulated = value(*record);
    } else {
      const Diagnostic& first = record.errors().front();
      row.problem = first.message + " [" + first.name + "]";
    }
    out.rows.push_back(std::move(row));
    input.progress(i + 1, plan.size());
  }
  return out;
}

}  // namespace takt
