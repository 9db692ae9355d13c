// SPDX-License-Identifier: Apache-2.0
// DMA engines at the buffer that cores share.
#include "models/common/chip/shared_port_core.h"

#include <gtest/gtest.h>

namespace takt {
namespace {

struct Answers : TransferListener {
  void requested(std::uint64_t, Cycles when) override { free = when; }
  void finished(std::uint64_t, Cycles when) override { done = when; }
  Cycles free{}, done{};
};

Buffer four_banks() {
  Buffer buffer;
  buffer.name = "shared";
  buffer.size = Bytes(4096);
  buffer.banks = 4;
  buffer.width = Bytes(16);
  return buffer;
}

TransferJob job(std::uint64_t address, std::uint64_t bytes, std::uint64_t start,
                std::uint64_t busy) {
  TransferJob job;
  job.box.address = address;
  job.box.row_bytes = bytes;
  job.start = Cycles(start);
  job.floor = {Cycles(busy), Cycles(5), {}};
  return job;
}

TEST(SharedPort, AloneATransferTakesItsFloor) {
  SramCore memory(four_banks());
  SharedPort port(memory, Bytes(16));
  Answers answers;
  port.set_listener(answers);
  port.start(job(0, 640, 100, 20));
  EXPECT_EQ(answers.free, Cycles(120));
  EXPECT_EQ(answers.done, Cycles(125));
}

TEST(SharedPort, EnginesMeetAtTheBanks) {
  SramCore memory(four_banks());
  SharedPort one(memory, Bytes(16)), other(memory, Bytes(16));
  Answers first, second;
  one.set_listener(first);
  other.set_listener(second);
  one.start(job(0, 640, 0, 10));  // all that 4 banks move in 10 cycles
  other.start(job(1024, 640, 0, 10));
  EXPECT_EQ(first.free, Cycles(10));
  EXPECT_EQ(second.free, Cycles(20)) << "it waits until the first is through";
  EXPECT_EQ(second.done, Cycles(25));
}

TEST(SharedPort, OtherBanksAreFree) {
  SramCore memory(four_banks());
  SharedPort one(memory, Bytes(16)), other(memory, Bytes(16));
  Answers first, second;
  one.set_listener(first);
  other.set_listener(second);
  one.start(job(0, 16, 0, 1));
  other.start(job(16, 16, 0, 1));
  EXPECT_EQ(second.free, Cycles(1));
  other.start(job(64, 16, 0, 1));
  EXPECT_EQ(second.free, Cycles(2)) << "line 4 lies in bank 0, like line 0";
}

}  // namespace
}  // namespace takt
