// SPDX-License-Identifier: Apache-2.0
// The closed form of the run-length code against the code itself, on zeros at random.
#include "sim/engine/run_length.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "sim/base/random.h"
#include "sim/engine/transfer_timing.h"

namespace takt {
namespace {

constexpr RunLengthCode kCode{64, 5};
constexpr std::uint64_t kElements = 200'000;

/// Words that the code takes for elements of which `zero_ppm` millionths are zero.
std::uint64_t encoded(std::uint32_t zero_ppm, std::uint64_t seed, std::uint64_t pairs_a_word) {
  Random random(seed);
  std::uint64_t pairs = 0, run = 0;
  for (std::uint64_t i = 0; i < kElements; ++i) {
    const bool zero = random.between(1, 1'000'000) <= zero_ppm;
    if (zero && run < 31) {
      ++run;
    } else {
      ++pairs;  // a run, and the value behind it, which may be a zero
      run = 0;
    }
  }
  pairs += run > 0;
  return (pairs + pairs_a_word - 1) / pairs_a_word;
}

TEST(RunLength, ClosedFormIsWhatTheCodeTakes) {
  for (const std::uint32_t ppm : {300'000U, 387'000U, 725'000U, 793'000U, 950'000U, 999'000U}) {
    const Bytes plain(kElements * 2);
    const std::uint64_t words = encoded(ppm, ppm, 3);
    const std::uint64_t closed = compressed(kCode, DType::kInt16, plain, ppm).value() / 8;
    const double error = std::abs(static_cast<double>(closed) / static_cast<double>(words) - 1);
    std::cout << "zeros " << ppm / 1e4 << " %: " << words << " words, closed form " << closed
              << '\n';
    EXPECT_LT(error, 0.02) << ppm;
  }
}

TEST(RunLength, NothingGetsLonger) {
  const Bytes plain(1000);
  EXPECT_EQ(compressed(kCode, DType::kInt16, plain, 0), plain);
  EXPECT_EQ(compressed(kCode, DType::kInt16, plain, 100), plain);
  EXPECT_EQ(compressed(kCode, DType::kInt16, plain, 200'000), plain) << "three pairs hold 48 bits";
  EXPECT_EQ(compressed({}, DType::kInt16, plain, 900'000), plain);
  EXPECT_EQ(compressed(kCode, DType::kInt16, Bytes(0), 900'000), Bytes(0));
}

TEST(RunLength, WholeWordsAndNarrowValues) {
  // All zero: 500 elements are 16 runs of 32, six words of three pairs.
  EXPECT_EQ(compressed(kCode, DType::kInt16, Bytes(1000), 1'000'000), Bytes(6 * 8));
  // int8: four pairs of 13 bits a word.
  EXPECT_EQ(compressed(kCode, DType::kInt8, Bytes(1000), 500'000), Bytes(1000))
      << "16 bits a value";
  EXPECT_EQ(compressed(kCode, DType::kInt8, Bytes(1000), 750'000), Bytes(63 * 8));
}

TEST(RunLength, MoreZerosAreNeverLonger) {
  Bytes before(kElements * 2);
  for (std::uint32_t ppm = 0; ppm <= 1'000'000; ppm += 10'000) {
    const Bytes now = compressed(kCode, DType::kInt16, Bytes(kElements * 2), ppm);
    EXPECT_LE(now, before) << ppm;
    before = now;
  }
}

TEST(RunLength, ATransferCostsWhatItMoves) {
  Machine machine;
  machine.clock = ClockDomain(200'000'000);
  machine.memory.ideal = true;
  machine.memory.bandwidth_bytes_per_s = 400'000'000;
  const TransferTiming timing(machine);
  Transfer transfer;
  transfer.remote.row_bytes = 64;
  transfer.remote.dims.back() = {100, 4096};
  EXPECT_EQ(timing.cost(transfer).occupancy, Cycles(3200));
  transfer.wire_bytes = 640;
  EXPECT_EQ(timing.cost(transfer).occupancy, Cycles(320));
  EXPECT_EQ(transfer.wire().bytes(), Bytes(640));
  EXPECT_EQ(transfer.moved(), Bytes(640));
}

}  // namespace
}  // namespace takt
