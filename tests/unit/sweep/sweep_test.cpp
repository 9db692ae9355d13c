// SPDX-License-Identifier: Apache-2.0
// From the sweep file to its points, and from their results to the tables.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <algorithm>
#include <set>

#include "sim/report/record_json.h"
#include "sim/sweep/grid.h"
#include "tests/unit/report/sample_record.h"
#include "tests/unit/sweep/small_sweep.h"

namespace takt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(SweepTest, TheGridHasAFixedOrder) {
  const Sweep read = sweep();
  const std::vector<Point> points = grid_points(read).value();
  ASSERT_EQ(points.size(), 12U);
  EXPECT_EQ(settings_text(read, points[0]), "workload=gemm:a rows=8 cols=8 size=64 KiB");
  EXPECT_EQ(settings_text(read, points[1]), "workload=gemm:a rows=8 cols=8 size=128 KiB");
  EXPECT_EQ(settings_text(read, points[2]), "workload=gemm:a rows=16 cols=16 size=64 KiB");
  EXPECT_EQ(settings_text(read, points[6]), "workload=gemm:b rows=8 cols=8 size=64 KiB");
  EXPECT_THAT(request_of(read, points[3]).overrides,
              ElementsAre("rows=16", "cols=16", "size=128 KiB"));
  EXPECT_EQ(command_text(request_of(read, points[1])),
            "takt run -a " + at("machine.yaml") +
                " -w gemm:a -f analytic --set rows=8 --set cols=8 --set 'size=128 KiB'");
}

TEST_F(SweepTest, FilesAloneCanMakeAGridTooLarge) {
  Sweep read = sweep();
  read.parameters.clear();
  read.archs.resize(1001, read.archs.front());
  read.workloads.resize(1000, read.workloads.front());
  EXPECT_EQ(grid_points(read).errors().front().name, "E-too-large");
  read.archs.resize(1000, read.archs.front());
  EXPECT_EQ(grid_points(read)->size(), kPointsMax);
}

TEST_F(SweepTest, OnlyLayersInPlaceAreNoFiles) {
  const auto missing = [this](const std::string& arch) {
    const std::string text =
        "name: x\narch: " + arch + "\nworkloads: [\"gemm:a\"]\nparameters: {}\n";
    const Result<Sweep> read = sweep_from_text(text, "s.yaml", {at("s.yaml"), nullptr, nullptr});
    return read.ok() ? "" : read.errors().front().path;
  };
  EXPECT_EQ(missing("machine.yaml"), "");
  EXPECT_EQ(missing("\"gemm:a\""), "arch");
  EXPECT_EQ(missing("[machine.yaml, \"gemm:a\"]"), "arch[1]");
}

TEST_F(SweepTest, ConstraintsLeavePointsOut) {
  const CheckedSweep checked = check(sweep());
  EXPECT_EQ(checked.points.size(), 8U);
  EXPECT_EQ(checked.excluded, 4U);
}

TEST_F(SweepTest, AWorkerThatIsKilledWhileItChecksIsNoMistakeOfOurs) {
  model_.killed_by = "gemm:b";
  const auto checked = check_sweep(sweep(), model_, "1", PoolOptions{});
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(exit_code(checked.errors()), 3);
  EXPECT_EQ(to_string(checked.errors()),
            "error: cannot be checked: the process was ended by SIGKILL (Killed) "
            "[E-worker-killed]\n"
            "  hint: in the point workload=gemm:b rows=8 cols=8 size=64 KiB\n");
  model_.breaks_check = "gemm:a";
  EXPECT_THROW((void)check_sweep(sweep(), model_, "1", PoolOptions{}), InternalError);
}

TEST_F(SweepTest, IdentitiesDependOnAllThatMayChangeAResult) {
  const Sweep read = sweep();
  const CheckedSweep first = check(read), again = check(read), other = check(read, "2");
  std::set<std::string> ids;
  for (std::size_t i = 0; i < first.points.size(); ++i) {
    EXPECT_EQ(first.points[i].id, again.points[i].id);
    ids.insert(first.points[i].id);
    ids.insert(other.points[i].id);
  }
  std::string slow = kSweep;
  slow += "max_cycles: 1000\n";
  for (const SweepPoint& point : check(sweep(slow)).points) ids.insert(point.id);
  std::string transaction = kSweep;
  transaction += "fidelity: transaction\n";
  for (const SweepPoint& point : check(sweep(transaction)).points) ids.insert(point.id);
  EXPECT_EQ(ids.size(), 4 * first.points.size());
}

TEST_F(SweepTest, ResultsAreOneTable) {
  const Sweep read = sweep();
  const CheckedSweep checked = check(read);
  Result<SweepFolder> folder = SweepFolder::open(at("out"));
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE(begin_sweep(*folder, read, checked.points));
  const SweepOutcome outcome = run(*folder, read, checked);
  EXPECT_EQ(outcome.ran, 8U);
  EXPECT_EQ(outcome.state.done, 8U);
  EXPECT_EQ(outcome.state.infeasible, 2U);
  EXPECT_EQ(outcome.state.left(), 0U);
  EXPECT_THAT(to_csv(outcome.table),
              HasSubstr("point,id,status,arch,workload,batch,dtype,fidelity,rows,cols,size,"));
  EXPECT_EQ(outcome.table.rows[0][outcome.table.column("size")].text, "65536");
  EXPECT_EQ(outcome.table.rows[0][outcome.table.column("cycles")].text, "512");
  EXPECT_EQ(outcome.table.rows[2][outcome.table.column("status")].text, "infeasible");
  EXPECT_EQ(outcome.table.rows[2][outcome.table.column("reason")].text, "does not fit");
  EXPECT_EQ(outcome.table.rows[2][outcome.table.column("cycles")].text, "");
  const std::vector<BestPoint> best = best_points(read, outcome.table);
  ASSERT_EQ(best.size(), 4U);
  EXPECT_EQ(best[0].row, 0U);
  EXPECT_EQ(best[2].row, 4U);
}

TEST_F(SweepTest, TheDatabaseHoldsTheSameTable) {
  const Sweep read = sweep();
  const CheckedSweep checked = check(read);
  Result<SweepFolder> folder = SweepFolder::open(at("out"));
  const SweepOutcome outcome = run(*folder, read, checked);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(at("out/results.sqlite").c_str(), &database), SQLITE_OK);
  std::vector<std::string> got;
  const auto row = [](void* into, int columns, char** values, char**) {
    std::string text;
    for (int c = 0; c < columns; ++c) text += (values[c] ? values[c] : "-") + std::string(" ");
    static_cast<std::vector<std::string>*>(into)->push_back(text);
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database,
                         "SELECT point, typeof(\"rows\"), size * 2, status, typeof(cycles), "
                         "typeof(seconds), cycles FROM points WHERE workload = 'gemm:a'",
                         row, &got, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  EXPECT_THAT(got, ElementsAre("0 integer 131072 ok integer real 512 ",
                               "1 integer 262144 ok integer real 1024 ",
                               "2 integer 131072 infeasible null null - ",
                               "3 integer 262144 ok integer real 2048 "));
}

/// Every key of a record's totals is a column.
TEST_F(SweepTest, NoTotalIsLeftOut) {
  const ResultsTable table = results_table(sweep(), {}, {});
  const nlohmann::ordered_json total = to_json(sample_record())["total"];
  ASSERT_TRUE(total.contains("roofline"));
  const nlohmann::ordered_json flat = total.flatten();
  for (const auto& [path, value] : flat.items()) {
    std::string name = path.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    const std::size_t end = name.rfind(".total");
    if (end != std::string::npos) name.resize(end);
    EXPECT_THAT(table.columns, ::testing::Contains(name));
  }
}

TEST_F(SweepTest, PointsOfTheSameRunAreRunOnce) {
  // Both values are one machine to the model, which looks at the first three keys only.
  const Sweep read = sweep(
      "name: s\narch: machine.yaml\nworkloads: [\"gemm:a\"]\nparameters:\n  rows: [8]\n"
      "  cols: [8]\n  size: [64 KiB]\n  dtype: [int8, fp16]\n  batch: [1, 2]\n");
  const CheckedSweep checked = check(read);
  ASSERT_EQ(checked.points.size(), 4U);
  Result<SweepFolder> folder = SweepFolder::open(at("out"));
  const SweepOutcome outcome = run(*folder, read, checked);
  EXPECT_EQ(outcome.ran, 2U);  // the model gives every batch as 1
  EXPECT_EQ(outcome.table.rows.size(), 4U);
  EXPECT_EQ(outcome.state.done, 4U);
}

}  // namespace
}  // namespace takt
