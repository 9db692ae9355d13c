// SPDX-License-Identifier: Apache-2.0
#pragma once
// What must hold between two engines' results.

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/engine/engine.h"

namespace takt::test {

/// Every active unit's ledger sums to the run's cycles, and the windows to the matrix units'.
inline void expect_balanced(const Program& program, const EngineResult& result) {
  std::uint64_t windows = 0, matrix = 0;
  for (std::size_t u = 0; u < result.units.size(); ++u) {
    const UnitResult& unit = result.units[u];
    const bool active = u < program.units.size();  // behind them stand DRAM, link and buffers
    const std::uint64_t total = unit.is_matrix ? unit.matrix.total() : unit.ledger.total();
    EXPECT_EQ(total, active ? result.end.value() : 0) << unit.name;
    matrix += unit.matrix.total();
  }
  for (const RegionResult& region : result.regions) windows += region.ledger.total();
  EXPECT_EQ(windows, matrix);
}

/// The two engines agree in every number that both have.
inline void expect_same(const EngineResult& analytic, const EngineResult& transaction) {
  EXPECT_EQ(transaction.status, EngineResult::Status::kFinished);
  EXPECT_EQ(analytic.end, transaction.end);
  ASSERT_EQ(analytic.regions.size(), transaction.regions.size());
  for (std::size_t r = 0; r < analytic.regions.size(); ++r) {
    const RegionResult& a = analytic.regions[r];
    const RegionResult& t = transaction.regions[r];
    EXPECT_TRUE(t.finished) << r;
    EXPECT_EQ(a.start, t.start) << r;
    EXPECT_EQ(a.end, t.end) << r;
    EXPECT_EQ(a.matrix_span_start, t.matrix_span_start) << r;
    EXPECT_EQ(a.matrix_span_end, t.matrix_span_end) << r;
    EXPECT_EQ(a.ledger.cycles, t.ledger.cycles) << r;
    for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
      EXPECT_EQ(a.counts.words()[w], t.counts.words()[w]) << "region " << r << " count " << w;
    }
  }
  ASSERT_EQ(analytic.units.size(), transaction.units.size());
  for (std::size_t u = 0; u < analytic.units.size(); ++u) {
    const UnitResult& a = analytic.units[u];
    EXPECT_EQ(a.name, transaction.units[u].name);
    EXPECT_EQ(a.matrix.cycles, transaction.units[u].matrix.cycles) << a.name;
    EXPECT_EQ(a.ledger.cycles, transaction.units[u].ledger.cycles) << a.name;
  }
}

/// No region is over before `analytic` says it can be; windows sum and bytes agree.
inline void expect_not_below(const EngineResult& analytic, const EngineResult& transaction) {
  ASSERT_EQ(analytic.regions.size(), transaction.regions.size());
  Cycles a_end{}, t_end{};
  for (std::size_t r = 0; r < analytic.regions.size(); ++r) {
    a_end = std::max(a_end, analytic.regions[r].end);
    t_end = std::max(t_end, transaction.regions[r].end);
    EXPECT_LE(a_end, t_end) << "region " << r;
    for (std::size_t w = 0; w < ActionCounts::kWords; ++w) {
      EXPECT_EQ(analytic.regions[r].counts.words()[w], transaction.regions[r].counts.words()[w])
          << "region " << r << " count " << w;
    }
  }
}

/// A counter of a part: counter_of(result, "dram.ch0", "bytes_requested").
inline std::uint64_t counter_of(const EngineResult& result, const std::string& unit,
                                const std::string& name) {
  for (const UnitResult& row : result.units) {
    if (row.name != unit) continue;
    for (const UnitCounter& c : row.counters) {
      if (c.name == name) return c.value;
    }
  }
  ADD_FAILURE() << "no counter " << unit << "." << name;
  return 0;
}

}  // namespace takt::test
