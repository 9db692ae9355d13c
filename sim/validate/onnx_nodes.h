// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX's node tests through the reader, the compiler and the functional player.

#include <functional>
#include <string>
#include <vector>

#include "sim/validate/evaluate.h"

namespace takt {

/// Where Debian installs the tests.
inline constexpr const char* kOnnxTestdata = "/usr/share/libonnx-testdata/data";

struct OnnxNodeResult {
  enum class Outcome { kPass, kFail, kUnsupported };
  std::string test, op, type;
  Outcome outcome = Outcome::kFail;
  std::string why;  ///< of a failure: what came out wrong; of a refusal: what it said
};
const char* to_string(OnnxNodeResult::Outcome outcome);

/// One row a test, by name; none if the tests are not installed. The values that the player and
/// both references make of the test's inputs must be the test's outputs, to the suite's own
/// tolerance.
std::vector<OnnxNodeResult> run_onnx_nodes(
    const std::string& root, const CompileRegions& compile,
    const std::function<void(std::size_t done, std::size_t total)>& progress);

/// docs/onnx_nodes.md: how many pass, fail and are refused, by operator and type.
std::string onnx_nodes_page(const std::vector<OnnxNodeResult>& results);

}  // namespace takt
