// SPDX-License-Identifier: Apache-2.0
// The format's conformance suite by values: through the reader, both references, the compiler and
// the functional player.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "models/tpu/tpu_backend.h"
#include "sim/machine/machine_spec.h"
#include "sim/validate/onnx_nodes.h"

namespace takt {
namespace {

std::vector<OnnxNodeResult> run_all() {
  MachineOptions options;
  options.roots = {TAKT_SOURCE_DIR "/configs"};
  const Result<Machine> machine = read_machine(TAKT_SOURCE_DIR "/configs/npu_128.yaml", options);
  EXPECT_TRUE(machine.ok());
  const std::unique_ptr<Backend> backend = make_tpu_backend(*machine);
  const CompileRegions compiler = [&](std::shared_ptr<const RegionGraph> regions)
      -> Result<std::shared_ptr<const CompiledNetwork>> {
    auto compiled = compile(std::move(regions), *backend, {});
    if (!compiled) return compiled.errors();
    return std::shared_ptr<const CompiledNetwork>(
        std::make_shared<CompiledNetwork>(std::move(*compiled)));
  };
  return run_onnx_nodes(kOnnxTestdata, compiler, {});
}

// TAKT_UPDATE=1 writes the page instead of comparing it.
TEST(OnnxNodeValues, NoWrongValueAndThePageSaysSo) {
  const std::vector<OnnxNodeResult> results = run_all();
  if (results.empty()) GTEST_SKIP() << "libonnx-testdata is not installed";
  int passed = 0;
  for (const OnnxNodeResult& result : results) {
    EXPECT_NE(result.outcome, OnnxNodeResult::Outcome::kFail) << result.test << ": " << result.why;
    passed += result.outcome == OnnxNodeResult::Outcome::kPass;
    if (result.outcome == OnnxNodeResult::Outcome::kUnsupported) {
      EXPECT_NE(result.why, "") << result.test << " is refused without a word";
    }
  }
  EXPECT_GE(passed, 300);
  const std::string path = TAKT_SOURCE_DIR "/docs/onnx_nodes.md";
  const std::string page = onnx_nodes_page(results);
  if (std::getenv("TAKT_UPDATE") != nullptr) {
    std::ofstream(path) << page;
    return;
  }
  std::ifstream file(path);
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(kept == page) << "docs/onnx_nodes.md is not what the tests say: run this test with "
                               "TAKT_UPDATE=1 and look at the difference";
}

}  // namespace
}  // namespace takt
