// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/suites.h"

namespace takt {

std::vector<SuiteSpec> all_suites() {
  return {scalesim_suite(), pcie_suite(),    dram_suite(),    tpu_v1_suite(),
          tpu_v3_suite(),   gemmini_suite(), eyeriss_suite(), onnx_nodes_suite()};
}

}  // namespace takt
