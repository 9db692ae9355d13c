// SPDX-License-Identifier: Apache-2.0
#pragma once
// The suites, one function each; suite_table.cpp lists them.

#include "sim/validate/suite.h"

namespace takt {

SuiteSpec scalesim_suite();
SuiteSpec pcie_suite();
SuiteSpec dram_suite();
SuiteSpec tpu_v1_suite();
SuiteSpec tpu_v3_suite();
SuiteSpec gemmini_suite();
SuiteSpec eyeriss_suite();
SuiteSpec onnx_nodes_suite();

/// Entries of tpu_v1_suite() that are no counters.
EntrySpec tpu_v1_power_entry();
EntrySpec tpu_v1_area_entry();

}  // namespace takt
