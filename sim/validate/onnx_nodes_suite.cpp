// SPDX-License-Identifier: Apache-2.0
// The conformance tests of ONNX as a suite: a test that passes is 1 of 1, one that does not 0 of 1.
#include "sim/validate/onnx_nodes.h"
#include "sim/validate/suites.h"

namespace takt {
namespace {

using Outcome = OnnxNodeResult::Outcome;

Result<EntryRows> run_tests(const EntryInput& input) {
  EntryRows out;
  for (const OnnxNodeResult& result :
       run_onnx_nodes(kOnnxTestdata, input.compile, input.progress)) {
    ValidationRow row;
    row.id = result.test;
    row.measured = 1;
    // What is refused is not wrong, and not right either.
    row.refused = result.outcome == Outcome::kUnsupported;
    row.judged = !row.refused;
    if (!row.refused) row.simulated = result.outcome == Outcome::kPass ? 1 : 0;
    if (!result.why.empty())
      row.problem = std::string(to_string(result.outcome)) + ": " + result.why;
    out.rows.push_back(std::move(row));
  }
  if (out.rows.empty()) {
    out.not_run = std::string(kOnnxTestdata) + " is not there (Debian: libonnx-testdata)";
  }
  return out;
}

}  // namespace

SuiteSpec onnx_nodes_suite() {
  SuiteSpec suite;
  suite.name = "onnx_nodes";
  suite.what = "values of ONNX's node tests: 1 = as the format says; refused tests are not judged";
  suite.measured = "the test data of the ONNX project, as Debian's libonnx-testdata installs it";
  suite.limits = {
      "int8 and int16 are quantised numbers here, which the tests' are not: those are refused.",
      "Shapes, axes and scales that the tests give as inputs are stored in the model first.",
      "The machine is npu_128; what other machines make of an operator is the same program text "
      "in other tiles."};
  EntrySpec entry;
  entry.name = "onnx_nodes";
  entry.bound.max_abs_pct = 0;
  entry.run = run_tests;
  suite.entries = {entry};
  return suite;
}

}  // namespace takt
