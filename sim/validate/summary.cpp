// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/report/format.h"

namespace takt {
namespace {

/// Ranks from 1 on; equal values share the mean of theirs. `values` are finite.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t j = i; j < end; ++j) {
      ranks[order[j]] = 0.5 * static_cast<double>(i + 1 + end);
    }
    i = end;
  }
  return ranks;
}

/// Spearman: Pearson's correlation of the ranks.
std::optional<double> rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr std::size_t kRowsMin = 3;
  if (a.size() < kRowsMin) return std::nullopt;
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double mean = 0.5 * static_cast<double>(a.size() + 1);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
  }
  if (xx == 0 || yy == 0) return std::nullopt;
  return xy / std::sqrt(xx * yy);
}

std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

/// Why error_of() has none.
std::string no_error(const ValidationRow& row) {
  if (!row.simulated) return row.problem;
  if (row.measured == 0) return "there is no error in percent of 0";
  return "measured or simulated is no finite number";
}

}  // namespace

const char* to_string(Status status) {
  switch (status) {
    case Status::kPassed: return "passed";
    case Status::kMissed: return "missed";
    case Status::kNotRun: return "not_run";
  }
  return "?";
}

std::optional<double> error_of(const ValidationRow& row, ErrorUnit unit) {
  if (!row.simulated) return std::nullopt;
  const double difference = *row.simulated - row.measured;
  double error = difference;
  if (unit == ErrorUnit::kPercent && difference != 0) error = 100 * difference / row.measured;
  return std::isfinite(error) ? std::optional<double>(error) : std::nullopt;
}

Summary summarize(const std::vector<ValidationRow>& rows, ErrorUnit unit, bool fitted) {
  Summary s;
  std::vector<double> errors, measured, simulated;
  for (const ValidationRow& row : rows) {
    s.n += row.fitted || !fitted;
    const auto error = error_of(row, unit);
    if (!error || row.fitted != fitted || !row.judged) continue;
    errors.push_back(std::abs(*error));
    measured.push_back(row.measured);
    simulated.push_back(*row.simulated);
  }
  s.compared = errors.size();
  if (errors.empty()) return s;
  std::sort(errors.begin(), errors.end());
  for (const double e : errors) s.mean_abs_pct += e;
  s.mean_abs_pct /= static_cast<double>(errors.size());
  const std::size_t half = errors.size() / 2;
  s.median_abs_pct =
      errors.size() % 2 == 1 ? errors[half] : 0.5 * (errors[half - 1] + errors[half]);
  s.max_abs_pct = errors.back();
  s.rank_correlation = rank_correlation(measured, simulated);
  return s;
}

void judge(EntryResult& entry) {
  if (!entry.not_run.empty()) {
    entry.status = Status::kNotRun;
    return;
  }
  const Summary s = summarize(entry.rows, entry.unit);
  entry.summary = s;
  if (Summary fitted = summarize(entry.rows, entry.unit, true); fitted.n > 0) entry.fitted = fitted;
  const auto at_most = [&](const char* what, double value, const std::optional<double>& limit) {
    if (!limit || value <= *limit) return;
    entry.misses.push_back(std::string(what) + " error " + decimal(value) + " is above " +
                           decimal(*limit));
  };
  if (s.compared == 0) {
    entry.misses.emplace_back("no row could be compared");
  } else {
    at_most("mean", s.mean_abs_pct, entry.bound.mean_abs_pct);
    at_most("median", s.median_abs_pct, entry.bound.median_abs_pct);
    at_most("largest", s.max_abs_pct, entry.bound.max_abs_pct);
    if (entry.bound.rank_correlation &&
        s.rank_correlation.value_or(0) < *entry.bound.rank_correlation) {
      entry.misses.push_back("rank correlation " + decimal(s.rank_correlation.value_or(0)) +
                             " is below " + decimal(*entry.bound.rank_correlation));
    }
  }
  for (const ValidationRow& row : entry.rows) {
    if (!row.refused && !error_of(row, entry.unit)) {
      entry.misses.push_back(row.id + ": " + no_error(row));
    }
    if (row.simulated && row.floor && *row.simulated < *row.floor) {
      entry.misses.push_back(row.id + ": simulated " + decimal(*row.simulated) +
                             " is below the least possible " + decimal(*row.floor));
    }
  }
  entry.status = entry.misses.empty() ? Status::kPassed : Status::kMissed;
}

}  // namespace takt
