// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "sim/kernel/child_process.h"
#include "sim/kernel/payload_pool.h"
#include "sim/kernel/result_codec.h"

namespace takt {
namespace {

TEST(ChildProcess, ReturnsBytesOfAnySize) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'000}}) {
    const ChildOutcome outcome = run_in_child([&] { return std::string(size, '\0'); });
    EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kReturned);
    EXPECT_EQ(outcome.bytes.size(), size);
  }
}

TEST(ChildProcess, NamesTheSignalOfACrash) {
  const ChildOutcome outcome = run_in_child([]() -> std::string {
    ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would turn it into an exit
    ::raise(SIGSEGV);
    return "";
  });
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kKilled);
  EXPECT_NE(outcome.error.find("SIGSEGV"), std::string::npos) << outcome.error;
  EXPECT_THROW(run_in_child_or_throw([]() -> std::string { throw InternalError("broken"); }),
               InternalError);
}

std::atomic<bool> asked_to_stop{false};

TEST(ChildProcess, PassesOnTheWishToStopAndKeepsTheAnswer) {
  asked_to_stop = false;
  std::thread user([] {
    ::usleep(100'000);
    asked_to_stop = true;
  });
  const ChildOutcome outcome = run_in_child(
      [] {
        asked_to_stop = false;
        ::signal(SIGINT, [](int) { asked_to_stop = true; });
        for (int i = 0; i < 1000 && !asked_to_stop; ++i) ::usleep(10'000);
        return std::string(asked_to_stop ? "half done" : "never told");
      },
      &asked_to_stop);
  user.join();
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kReturned) << outcome.error;
  EXPECT_EQ(outcome.bytes, "half done");
}

TEST(ChildProcess, AChildThatDoesNotCatchTheWishIsInterrupted) {
  asked_to_stop = true;
  const ChildOutcome outcome = run_in_child(
      []() -> std::string {
        ::signal(SIGINT, SIG_DFL);
        ::sleep(20);
        return "slept";
      },
      &asked_to_stop);
  asked_to_stop = false;
  EXPECT_EQ(outcome.kind, ChildOutcome::Kind::kInterrupted);
}

TEST(ResultCodec, ReturnsWhatItWasGiven) {
  EngineResult result;
  result.status = EngineResult::Status::kDeadlock;
  result.end = Cycles(77);
  result.regions.resize(2);
  result.regions[1].end = Cycles(76);
  result.regions[1].counts.dram_read_bytes = 4096;
  result.regions[1].ledger.book(Account::kIdle, Cycles(3));
  result.units.resize(1);
  result.units[0].name = "core0.dma_in";
  result.units[0].ledger.book(UnitAccount::kWaitBank, Cycles(9));
  result.units[0].counters.push_back({"bytes_read", 4096});
  result.blocked.push_back("core0.matrix: op 3 waits");
  result.kernel_activations = 12;
  const std::string bytes = encode(result);
  const EngineResult back = decode_engine_result(bytes);
  EXPECT_EQ(encode(back), bytes);
  EXPECT_EQ(back.status, EngineResult::Status::kDeadlock);
  EXPECT_EQ(back.end, Cycles(77));
  EXPECT_EQ(back.regions[1].counts.dram_read_bytes, 4096u);
  EXPECT_EQ(back.units[0].ledger[UnitAccount::kWaitBank], 9u);
  EXPECT_EQ(back.units[0].counters[0].value, 4096u);
  EXPECT_EQ(back.blocked, result.blocked);
  EXPECT_THROW(decode_engine_result(bytes.substr(0, bytes.size() - 1)), InternalError);
}

TEST(PayloadPool, PayloadsComeBackWithTheirExtension) {
  PayloadPool pool;
  tlm::tlm_generic_payload& first = pool.acquire(tlm::TLM_READ_COMMAND, 64, Bytes(4096));
  PayloadPool::info(first).op = 9;
  first.release();
  tlm::tlm_generic_payload& again = pool.acquire(tlm::TLM_WRITE_COMMAND, 128, Bytes(64));
  EXPECT_EQ(&again, &first);
  EXPECT_EQ(PayloadPool::info(again).op, 0u);
  EXPECT_EQ(again.get_address(), 128u);
  EXPECT_EQ(again.get_data_length(), 64u);
  EXPECT_TRUE(again.is_write());
  tlm::tlm_generic_payload& other = pool.acquire(tlm::TLM_READ_COMMAND, 0, Bytes(1));
  EXPECT_EQ(pool.made(), 2u);
  again.release();
  other.release();
  EXPECT_EQ(pool.in_use(), 0u);
}

}  // namespace
}  // namespace takt
