// SPDX-License-Identifier: Apache-2.0
// Any bytes are a network file or an error, and what is written of a network reads back.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"
#include "sim/ir/macs.h"
#include "sim/ir/verify.h"
#include "sim/workload/yaml_network.h"
#include "sim/workload/yaml_write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto graph = takt::read_network_text(text, "no/such/folder/fuzz.yaml", {});
  if (!graph) {
    const int code = takt::exit_code(graph.errors());
    CHECK(code == 3 || code == 4) << "exit code " << code;
    return 0;
  }
  CHECK(takt::verify(*graph).empty()) << "a graph that was read does not verify";
  constexpr std::size_t kOpsMax = 2000;  // beyond, writing costs more than it finds
  if (graph->ops.size() > kOpsMax) return 0;
  const auto written = takt::write_network(*graph);
  if (!written) {
    const int code = takt::exit_code(written.errors());
    CHECK(code == 4) << "exit code " << code;
    return 0;
  }
  const auto again = takt::read_network_text(*written, "written.yaml", {});
  CHECK(again.ok()) << takt::to_string(again.errors()) << *written;
  CHECK(takt::total_macs(*again) == takt::total_macs(*graph)) << *written;
  return 0;
}
