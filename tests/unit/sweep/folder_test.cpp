// SPDX-License-Identifier: Apache-2.0
// What a sweep leaves on disk: damaged shards, failed points, one sweep and one process a folder.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include "tests/unit/sweep/small_sweep.h"

namespace takt {
namespace {

using ::testing::HasSubstr;

class SweepFolderTest : public SweepTest {};

TEST_F(SweepFolderTest, FailedPointsCostNoOther) {
  using End = SmallModel::End;
  const std::pair<End, const char*> ends[] = {
      {End::kAbort, "the process was ended by SIGABRT (Aborted)"},
      {End::kThrow, "our mistake"},
      {End::kLimit, "stopped at the limit of 5 cycles (max_cycles)"},
      {End::kUnsupported, "does not fit"},
      {End::kChanged, "the machine or the network has changed since the points were checked"}};
  const Sweep read = sweep(kSweep + std::string("max_cycles: 5\n"));
  const CheckedSweep checked = check(read);
  for (const auto& [end, reason] : ends) {
    fs::remove_all(at("out"));
    Result<SweepFolder> folder = SweepFolder::open(at("out"));
    model_.bad = "gemm:b";
    model_.bad_end = end;
    const SweepOutcome outcome = run(*folder, read, checked);
    const std::size_t infeasible = end == End::kLimit || end == End::kChanged ? 1 : 0;
    EXPECT_EQ(outcome.state.done, 4 + infeasible) << reason;
    EXPECT_EQ(outcome.state.failed, 4 - infeasible) << reason;
    const auto& last = outcome.table.rows.back();
    EXPECT_EQ(last[outcome.table.column("status")].text, "failed");
    EXPECT_EQ(last[outcome.table.column("reason")].text, reason);
    EXPECT_TRUE(fs::exists(at("out/failures/" + checked.points.back().id + ".json")));
    // Mended, the same sweep runs these and no others.
    model_.bad.clear();
    const SweepOutcome mended = run(*folder, read, checked);
    EXPECT_EQ(mended.ran, 4 - infeasible);
    EXPECT_EQ(mended.state.failed, 0U);
    EXPECT_TRUE(fs::is_empty(at("out/failures")));
  }
}

TEST_F(SweepFolderTest, WhatIsNoWholeLineIsRunAgain) {
  const Sweep read = sweep();
  const CheckedSweep checked = check(read);
  {
    Result<SweepFolder> folder = SweepFolder::open(at("out"));
    run(*folder, read, checked);
  }
  const std::string csv = this->read("out/results.csv");
  const std::string shard = this->read("out/shards/1-0.jsonl");
  const std::size_t second = shard.find('\n') + 1;
  std::string word = shard;
  word.insert(shard.find("\"cycles\":") + std::string("\"cycles\":").size(), "\"many\",\"were\":");
  const std::pair<std::string, std::size_t> damages[] = {
      {shard.substr(0, shard.size() - 1), 1},                          // its end is missing
      {shard.substr(0, second + 20), 7},                               // half a line
      {shard.substr(0, second) + std::string(50, '\0') + "\n", 7},     // as a crash may leave it
      {"{\"id\":\"x\"}\n[]\n5\n\n{\"id\":5,\"status\":\"ok\"}\n", 8},  // none of ours
      {word, 1},                                                       // a word for a number
      {shard.substr(0, second) + shard, 0},                            // twice the same
      {shard.substr(0, 30) + shard.substr(second), 2},                 // two halves in one line
      {"", 8}};
  for (const auto& [text, missing] : damages) {
    fs::remove_all(at("out/shards"));
    fs::create_directories(at("out/shards"));
    write("out/shards/1-0.jsonl", text);
    fs::remove(at("out/results.csv"));
    Result<SweepFolder> folder = SweepFolder::open(at("out"));
    ASSERT_TRUE(folder.ok());
    EXPECT_EQ(run(*folder, read, checked).ran, missing) << text;
    EXPECT_EQ(this->read("out/results.csv"), csv);
    EXPECT_EQ(this->read("out/shards/1-0.jsonl"), text);  // never written to again
  }
}

TEST_F(SweepFolderTest, AFolderBelongsToOneSweepAndOneProcess) {
  const Sweep read = sweep();
  const CheckedSweep checked = check(read);
  EXPECT_EQ(SweepFolder::look(at("out")).errors().front().name, "E-no-sweep");
  Result<SweepFolder> folder = SweepFolder::open(at("out"));
  EXPECT_FALSE(begin_sweep(*folder, read, checked.points));
  EXPECT_EQ(this->read("out/sweep.yaml"), kSweep);
  EXPECT_EQ(begin_sweep(*folder, read, checked.points)->name, "E-sweep-begun");
  const CheckedSweep other = check(read, "2");
  EXPECT_EQ(begin_sweep(*folder, read, other.points)->name, "E-another-sweep");
  EXPECT_THAT(begin_sweep(*folder, read, other.points)->message, HasSubstr("has changed since"));
  EXPECT_FALSE(same_sweep(*folder, read, checked.points));
  EXPECT_TRUE(SweepFolder::look(at("out")).ok());
  // The lock is of a process: another one has to ask.
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<SweepFolder> second = SweepFolder::open(at("out"));
    ::_exit(!second && second.errors().front().name == "E-sweep-in-use" ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(SweepFolderTest, NobodysFilesAreOverwritten) {
  for (const char* name : {"thesis.txt", "results.csv", "sweep.yaml", "shards", ".part"}) {
    fs::remove_all(at("mine"));
    fs::create_directories(at("mine"));
    write(std::string("mine/") + name, "x");
    const Result<SweepFolder> mine = SweepFolder::open(at("mine"));
    ASSERT_FALSE(mine.ok()) << name;
    EXPECT_EQ(mine.errors().front().name, "E-not-a-sweep");
    EXPECT_THAT(mine.errors().front().message, HasSubstr(name));
    EXPECT_FALSE(fs::exists(at("mine/.lock")));
  }
  // What a sweep leaves that was killed before its points were written is its own.
  fs::remove_all(at("mine"));
  EXPECT_TRUE(SweepFolder::open(at("mine")).ok());
  write("mine/sweep.yaml", "x");
  write("mine/.points.jsonl.part", "x");
  EXPECT_TRUE(SweepFolder::open(at("mine")).ok());
  write("mine/thesis.txt", "x");
  EXPECT_FALSE(SweepFolder::open(at("mine")).ok());
}

}  // namespace
}  // namespace takt
