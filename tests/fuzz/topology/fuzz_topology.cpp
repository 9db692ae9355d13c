// SPDX-License-Identifier: Apache-2.0
// Any bytes are a topology file or an error, and what is written of its layers has the same MACs.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/base/check.h"
#include "sim/ir/fuse.h"
#include "sim/ir/macs.h"
#include "sim/ir/verify.h"
#include "sim/workload/topology_csv.h"
#include "sim/workload/topology_csv_write.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto graph = takt::read_topology_text(text, "no/such/folder/fuzz.csv", {});
  if (!graph) {
    const int code = takt::exit_code(graph.errors());
    CHECK(code == 3 || code == 4) << "exit code " << code;
    return 0;
  }
  CHECK(takt::verify(*graph).empty()) << "a graph that was read does not verify";
  const auto regions = takt::fuse(*graph, {});
  if (!regions) {
    CHECK(takt::exit_code(regions.errors()) == 4) << takt::to_string(regions.errors());
    return 0;
  }
  const auto written = takt::write_topology(*regions);
  CHECK(written.ok()) << takt::to_string(written.errors());
  const auto again = takt::read_topology_text(*written, "written.csv", {});
  CHECK(again.ok()) << takt::to_string(again.errors()) << *written;
  CHECK(takt::total_macs(*again) == takt::total_macs(*graph)) << *written;
  return 0;
}
