// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/machine/machine_spec.h"

namespace takt {
namespace {

TEST(PcieRate, agrees_with_pcie_bench) {
  // Neugebauer et al., SIGCOMM 2018, model of pcie-bench: generation 3 x16 with packets of 256 B
  // has 113.7 Gb/s for packets and 12.99 GB/s of write payload.
  const PcieRate rate = pcie_rate(3, 16, 256);
  EXPECT_NEAR(static_cast<double>(rate.tlp_bytes_per_s) * 8, 113.7e9, 0.05e9);
  EXPECT_NEAR(static_cast<double>(rate.write_bytes_per_s), 12.994e9, 0.005e9);
  EXPECT_NEAR(static_cast<double>(rate.read_bytes_per_s), 13.183e9, 0.005e9);
  // 8 GT/s x 128/130: 7.877 Gb/s a lane.
  EXPECT_NEAR(static_cast<double>(pcie_rate(3, 1, 256).line_bytes_per_s) * 8, 7.877e9, 0.001e9);
}

TEST(PcieRate, more_of_everything_is_faster) {
  for (std::uint32_t generation = 1; generation <= 5; ++generation) {
    for (std::uint32_t lanes = 1; lanes <= 16; lanes *= 2) {
      for (std::uint64_t payload = 128; payload <= 4096; payload *= 2) {
        const PcieRate rate = pcie_rate(generation, lanes, payload);
        EXPECT_LT(rate.tlp_bytes_per_s, rate.line_bytes_per_s);
        EXPECT_LT(rate.read_bytes_per_s, rate.tlp_bytes_per_s);
        EXPECT_LT(rate.write_bytes_per_s, rate.read_bytes_per_s);
        if (generation < 5) {
          EXPECT_GT(pcie_rate(generation + 1, lanes, payload).write_bytes_per_s,
                    rate.write_bytes_per_s);
        }
      }
    }
  }
}

}  // namespace
}  // namespace takt
