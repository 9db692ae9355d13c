// SPDX-License-Identifier: Apache-2.0
// A file that is parsed once gives what reading it each time gives.
#include "sim/machine/machine_file_spec.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

const std::string kConfigs = std::string(TAKT_SOURCE_DIR) + "/configs";

TEST(MachineFile, GivesTheSameMachinesAsReadingEachTime) {
  const std::vector<std::vector<std::string>> overrides{
      {},
      {"core.matrix.rows=64"},
      {"core.matrix.rows=16", "core.buffers.unified.size=4 MiB"},
      {"memory.standard=parts/dram/ddr4_2400.yaml", "memory.stacks=1", "memory.bandwidth=10 GB/s"},
      {"core.matrix.colums=64", "core.matrix.rows=many"},  // wrong
      {"energy=parts/energy/none.yaml"},                   // wrong
      {}};                                                 // the tree is as it was
  for (const char* name : {"/npu_128.yaml", "/tpu_v4_core.yaml"}) {
    const Result<MachineFile> file = MachineFile::open(kConfigs + name);
    ASSERT_TRUE(file.ok());
    for (const std::vector<std::string>& set : overrides) {
      MachineOptions options;
      options.overrides = set;
      const Result<MachineConfig> once = file->with(set);
      const Result<MachineConfig> each = read_machine_config(kConfigs + name, options);
      ASSERT_EQ(once.ok(), each.ok());
      if (each) {
        EXPECT_EQ(once->machine.hash, each->machine.hash);
        EXPECT_EQ(once->resolved_yaml, each->resolved_yaml);
        EXPECT_EQ(once->overrides, each->overrides);
      } else {
        EXPECT_EQ(to_string(once.errors()), to_string(each.errors()));
      }
    }
  }
}

TEST(MachineFile, SaysWhatIsWrongWithTheFile) {
  EXPECT_FALSE(MachineFile::open(kConfigs + "/none.yaml").ok());
}

}  // namespace
}  // namespace takt
