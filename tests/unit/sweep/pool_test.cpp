// SPDX-License-Identifier: Apache-2.0
// Worker processes: what a crash costs, and how they end.
#include "sim/sweep/pool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>

namespace takt {
namespace {

std::map<std::size_t, TaskOutcome> outcomes(std::size_t count, unsigned workers,
                                            const std::function<std::string(std::size_t)>& task) {
  std::map<std::size_t, TaskOutcome> all;
  PoolOptions options;
  options.workers = workers;
  const auto keep = [&all](const TaskOutcome& outcome) {
    return all.emplace(outcome.index, outcome).second;
  };
  EXPECT_TRUE(run_pool(count, task, keep, options));
  return all;
}

TEST(Pool, EveryTaskRunsOnceInAnotherProcess) {
  for (const unsigned workers : {1U, 2U, 7U}) {
    const auto all = outcomes(50, workers, [](std::size_t index) {
      return std::to_string(index * index) + " " + std::to_string(::getpid());
    });
    ASSERT_EQ(all.size(), 50U);
    std::set<std::string> processes;
    for (const auto& [index, outcome] : all) {
      EXPECT_TRUE(outcome.returned);
      EXPECT_LT(outcome.worker, workers);
      const std::size_t space = outcome.text.find(' ');
      EXPECT_EQ(outcome.text.substr(0, space), std::to_string(index * index));
      processes.insert(outcome.text.substr(space + 1));
    }
    EXPECT_LE(processes.size(), workers);
    EXPECT_EQ(processes.count(std::to_string(::getpid())), 0U);
  }
}

TEST(Pool, ACrashCostsOneTask) {
  const auto all = outcomes(20, 2, [](std::size_t index) -> std::string {
    if (index == 3) std::abort();
    if (index == 7) ::raise(SIGKILL);
    if (index == 11) ::_exit(9);
    if (index == 13) throw std::runtime_error("broken");
    if (index == 17) throw std::bad_alloc();
    return "fine";
  });
  ASSERT_EQ(all.size(), 20U);
  for (const auto& [index, outcome] : all) {
    const bool bad = index == 3 || index == 7 || index == 11 || index == 13 || index == 17;
    EXPECT_EQ(outcome.returned, !bad) << index;
    EXPECT_EQ(outcome.text == "fine", !bad) << index;
    EXPECT_EQ(outcome.killed, index == 7 || index == 17) << index;
  }
  EXPECT_EQ(all.at(3).text, "the process was ended by SIGABRT (Aborted)");
  EXPECT_EQ(all.at(7).text, "the process was ended by SIGKILL (Killed)");
  EXPECT_EQ(all.at(11).text, "the process ended with status 9 without an answer");
  EXPECT_EQ(all.at(13).text, "broken");
  EXPECT_EQ(all.at(17).text, "there was not memory enough");
}

TEST(Pool, LongAnswersAndNoTasks) {
  const auto all = outcomes(3, 3, [](std::size_t index) {
    return std::string(3'000'000, static_cast<char>('a' + index));
  });
  for (const auto& [index, outcome] : all) {
    EXPECT_EQ(outcome.text, std::string(3'000'000, static_cast<char>('a' + index)));
  }
  EXPECT_TRUE(outcomes(0, 4, [](std::size_t) { return std::string(); }).empty());
}

TEST(Pool, StopsAtOnceAndLeavesNoWorker) {
  std::atomic<bool> stop{false};
  PoolOptions options;
  options.workers = 2;
  options.stop = &stop;
  pid_t endless = 0;
  const auto task = [](std::size_t index) {
    while (index == 1) std::this_thread::sleep_for(std::chrono::seconds(1));
    return std::to_string(::getpid());
  };
  std::size_t finished = 0;
  const bool whole = run_pool(
      100, task,
      [&](const TaskOutcome& outcome) {
        endless = static_cast<pid_t>(std::atoi(outcome.text.c_str()));
        stop = ++finished == 10;
        return true;
      },
      options);
  EXPECT_FALSE(whole);
  EXPECT_EQ(finished, 10U);
  EXPECT_EQ(::kill(endless, 0), -1);  // waited for, hence gone
}

TEST(Pool, StopsWhenTheOutcomeCannotBeKept) {
  std::size_t seen = 0;
  EXPECT_FALSE(run_pool(
      100, [](std::size_t) { return std::string("x"); },
      [&seen](const TaskOutcome&) { return ++seen < 5; }, PoolOptions{}));
  EXPECT_EQ(seen, 5U);
}

}  // namespace
}  // namespace takt
