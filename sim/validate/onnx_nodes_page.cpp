// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "sim/validate/onnx_nodes.h"

namespace takt {
namespace {

using Outcome = OnnxNodeResult::Outcome;

struct Tally {
  int pass = 0, fail = 0, unsupported = 0;
  std::set<std::string> reasons;
  void add(const OnnxNodeResult& result) {
    pass += result.outcome == Outcome::kPass;
    fail += result.outcome == Outcome::kFail;
    unsupported += result.outcome == Outcome::kUnsupported;
    if (!result.why.empty()) reasons.insert(result.why);
  }
};

std::string cells(const Tally& tally) {
  const auto number = [](int n) { return n == 0 ? std::string("-") : std::to_string(n); };
  return number(tally.pass) + " | " + number(tally.fail) + " | " + number(tally.unsupported);
}

/// A few reasons, fit for a cell.
std::string text_of(const std::set<std::string>& reasons) {
  constexpr std::size_t kShown = 3;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& reason : reasons) {
    if (++shown > kShown) return text + "; …";
    text += (text.empty() ? "" : "; ") + reason;
  }
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return text;
}

}  // namespace

std::string onnx_nodes_page(const std::vector<OnnxNodeResult>& results) {
  std::map<std::pair<std::string, std::string>, Tally> by;
  Tally all;
  for (const OnnxNodeResult& result : results) {
    by[{result.op, result.type}].add(result);
    all.add(result);
  }
  std::string page =
      "# ONNX node tests\n\n"
      "Written by `TAKT_UPDATE=1 build/test_onnx_node_values`, which otherwise compares this page "
      "with the "
      "results.\n\n"
      "The format's own conformance tests (Debian: libonnx-testdata), a model of one operator "
      "each, "
      "with inputs and outputs. A\n"
      "test passes if the oracle, the OpenBLAS reference, and the functional player of the program "
      "compiled for `npu_128` all make its\n"
      "outputs, within the suite's tolerance (a thousandth). A refused test says what is not "
      "supported. Shapes, axes and scales, which\n"
      "the suite gives as inputs, are stored in the model first, as exporters do. int8 and int16 "
      "are "
      "refused because they are quantised\n"
      "numbers here (`docs/values.md`), which the suite's are not.\n\n";
  page += "| | pass | fail | unsupported |\n|---|---|---|---|\n";
  page += "| all " + std::to_string(results.size()) + " | " + cells(all) + " |\n\n";
  page += "| operator | type | pass | fail | unsupported | why |\n|---|---|---|---|---|---|\n";
  for (const auto& [key, tally] : by) {
    page += "| " + key.first + " | " + key.second + " | " + cells(tally) + " | " +
            text_of(tally.reasons) + " |\n";
  }
  return page;
}

}  // namespace takt
