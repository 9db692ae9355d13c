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

TEST(MemoryErrors, a_cache_larger_than_what_is_behind_it) {
  const auto with = [](const std::string& cache) {
    return errors_with({"memory.standard.channels_per_stack=1", "memory.bandwidth=16 GB/s",
                        "memory.capacity=512 MiB", "memory.cache={" + cache + "}"});
  };
  EXPECT_EQ(with("size: 512 MiB, inner: {size: 512 MiB}"), "");
  EXPECT_NE(with("size: 1 GiB")
                .find("memory.cache.size: is more than memory.capacity = 512 MiB "
                      "[E-conflicting-keys]"),
            std::string::npos)
      << with("size: 1 GiB");
  EXPECT_NE(with("size: 1 MiB, inner: {size: 2 MiB}")
                .find("memory.cache.inner.size: is more than memory.cache.size = 1 MiB "
                      "[E-conflicting-keys]"),
            std::string::npos);
  EXPECT_NE(with("size: 1 MiB, line: 4 KiB")
                .find("memory.cache.line: must divide a row of the DRAM (1024 B), is 4096 B "
                      "[E-conflicting-keys]"),
            std::string::npos)
      << with("size: 1 MiB, line: 4 KiB");
}

}  // namespace
}  // namespace takt
