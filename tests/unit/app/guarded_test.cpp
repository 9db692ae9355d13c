// SPDX-License-Identifier: Apache-2.0
// What a command ends with when it does not come back: our mistakes (6), an interrupt (130).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <sstream>

#include "sim/app/commands.h"
#include "sim/app/run.h"
#include "sim/base/stop.h"
#include "sim/program/text.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

class Guarded : public ::testing::Test {
 protected:
  int end_of(const std::function<int()>& work) {
    Console console{out_, err_};
    return guarded(work, console);
  }
  std::string said() const { return err_.str(); }

  std::ostringstream out_, err_;
};

TEST_F(Guarded, WhatComesBackIsTheCode) {
  EXPECT_EQ(end_of([] { return 3; }), 3);
  EXPECT_EQ(said(), "");
}

TEST_F(Guarded, ABrokenInvariantSaysWhereAndAsksForAReport) {
  const auto breaks = [] {
    CHECK(1 + 1 == 3) << "sums of " << 2;
    return 0;
  };
  EXPECT_EQ(end_of(breaks), exit_codes::kInternal);
  EXPECT_THAT(said(), HasSubstr("takt: internal error: "));
  EXPECT_THAT(said(), HasSubstr("guarded_test.cpp:"));
  EXPECT_THAT(said(), HasSubstr("invariant broken: 1 + 1 == 3 sums of 2\n"));
  EXPECT_THAT(said(), HasSubstr(kReportRequest));
}

TEST_F(Guarded, NoMemoryIsNoCrash) {
  EXPECT_EQ(end_of([]() -> int { throw std::bad_alloc(); }), exit_codes::kInvalidInput);
  EXPECT_THAT(said(), HasSubstr("this takes more memory than there is [E-out-of-memory]"));
}

TEST_F(Guarded, AnInterruptWithNothingToKeep) {
  const std::atomic<bool> asked{true};
  EXPECT_EQ(end_of([&]() -> int {
              check_stop(&asked);
              return 0;
            }),
            exit_codes::kInterrupted);
  EXPECT_EQ(said(), "interrupted: nothing was finished\n");
}

/// The program of a small product on a machine of configs/, broken by a change of its text.
class BrokenProgram : public Guarded {
 protected:
  BrokenProgram() {
    Options options;
    options.workload = "gemm:m=64,n=64,k=64";
    Result<RunInputs> inputs = read_inputs(options, "npu_128");
    CHECK(inputs.ok()) << to_string(inputs.errors());
    auto prepared = prepare(options, std::move(*inputs), {});
    CHECK(prepared.ok()) << to_string(prepared.errors());
    prepared_ = std::move(*prepared);
    std::ostringstream text;
    print(prepared_->network.program, text);
    text_ = text.str();
  }
  int verified(const std::string& from, const std::string& to) {
    std::string text = text_;
    const std::size_t at = text.find(from);
    CHECK(at != std::string::npos) << "no '" << from << "' in\n" << text;
    text.replace(at, from.size(), to);
    const Program& whole = prepared_->network.program;
    const Result<Program> program = read_program(text, "broken", whole.machine, whole.graph);
    CHECK(program.ok()) << to_string(program.errors());
    return end_of([&] {
      check_program(*program);
      return 0;
    });
  }

  std::unique_ptr<PreparedRun> prepared_;
  std::string text_;
};

TEST_F(BrokenProgram, AsItIsItPasses) { EXPECT_EQ(verified("gemm", "gemm"), exit_codes::kOk); }

TEST_F(BrokenProgram, WorkThatIsNotDoneEndsWithSix) {
  EXPECT_EQ(verified(" macs=262144", " macs=262145"), exit_codes::kInternal);
  EXPECT_THAT(said(), HasSubstr("the program is wrong:"));
  EXPECT_THAT(said(), HasSubstr("layer 'gemm' does 262144 MACs instead of 262145"));
  EXPECT_THAT(said(), HasSubstr(kReportRequest));
}

}  // namespace
}  // namespace takt
