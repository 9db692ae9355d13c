// SPDX-License-Identifier: Apache-2.0
// What is wrong with a memory, its standard and its caches.
#include <gtest/gtest.h>

#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

std::string errors_with(const std::vector<std::string>& overrides) {
  MachineOptions options;
  options.overrides = overrides;
  const Result<Machine> machine = read_machine("configs/npu_128.yaml", options);
  return machine ? "" : to_string(machine.errors());
}

TEST(MemoryErrors, a_standard_that_contradicts_itself) {
  EXPECT_NE(errors_with({"memory.standard.timing.rfc=5000"}).find("E-dram-timing"),
            std::string::npos);
  // rcd and rp are 14: between two refreshes a row is opened and closed.
  EXPECT_NE(errors_with({"memory.standard.timing.rfc=3872"})
                .find("error: memory.standard.timing: rfc (3872) + rcd (14) + rp (14) must be "
                      "less than refi (3900), or refresh takes all time [E-dram-timing]\n"),
            std::string::npos);
  EXPECT_EQ(errors_with({"memory.standard.timing.rfc=3871"}), "");
  for (const char* wrong : {"ras=5", "cwl=15", "faw=3", "rrd_l=3", "ccd_l=0", "wtr_l=5", "cl=0"}) {
    const std::string errors = errors_with({std::string("memory.standard.timing.") + wrong});
    const bool zero = std::string(wrong).back() == '0';
    EXPECT_NE(errors.find(zero ? "E-out-of-range" : "E-dram-timing"), std::string::npos) << wrong;
  }
  EXPECT_EQ(errors_with({"memory.standard.timing.cwl=14"}), "");
  EXPECT_EQ(errors_with({"memory.standard.timing.faw=4"}), "");
  EXPECT_NE(errors_with({"memory.interleave=2 KiB"}).find("E-interleave"), std::string::npos);
  EXPECT_NE(errors_with({"memory.capacity=5 GiB"}).find("E-capacity-above-standard"),
            std::string::npos);
  EXPECT_NE(errors_with({"memory.channels=8"}).find("E-conflicting-keys"), std::string::npos);
}

}  // namespace
}  // namespace takt
