// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/validation_report.h"

#include <algorithm>
#include <cmath>

#include "sim/report/table.h"

namespace takt {
namespace {

using Json = nlohmann::ordered_json;

Json bound_json(const Bound& bound) {
  Json json = Json::object();
  if (bound.mean_abs_pct) json["mean_abs_pct"] = *bound.mean_abs_pct;
  if (bound.median_abs_pct) json["median_abs_pct"] = *bound.median_abs_pct;
  if (bound.max_abs_pct) json["max_abs_pct"] = *bound.max_abs_pct;
  if (bound.rank_correlation) json["rank_correlation"] = *bound.rank_correlation;
  return json;
}

Json summary_json(const Summary& s) {
  Json json;
  json["n"] = s.n;
  json["compared"] = s.compared;
  if (s.compared > 0) {
    json["mean_abs_pct"] = s.mean_abs_pct;
    json["median_abs_pct"] = s.median_abs_pct;
    json["max_abs_pct"] = s.max_abs_pct;
  }
  if (s.rank_correlation) json["rank_correlation"] = *s.rank_correlation;
  return json;
}

Json row_json(const ValidationRow& row, ErrorUnit unit) {
  Json json;
  json["id"] = row.id;
  json["measured"] = row.measured;
  json["simulated"] = row.simulated ? Json(*row.simulated) : Json();
  const auto error = error_of(row, unit);
  json["error_pct"] = error ? Json(*error) : Json();
  json["fitted"] = row.fitted;
  if (!row.judged) json["judged"] = false;
  if (row.floor) json["at_least"] = *row.floor;
  if (!row.problem.empty()) json["problem"] = row.problem;
  if (!row.command.empty()) json["command"] = row.command;
  return json;
}

Json entry_json(const SuiteSpec& suite, const EntryResult& entry) {
  Json json;
  json["name"] = entry.name;
  json["suite"] = suite.name;
  json["status"] = to_string(entry.status);
  json["bound"] = bound_json(entry.bound);
  json["unit"] = entry.unit == ErrorUnit::kPercent ? "percent" : "points";
  if (!entry.not_run.empty()) json["not_run"] = entry.not_run;
  if (!entry.data.empty()) json["data"] = entry.data;
  json["summary"] = entry.summary ? summary_json(*entry.summary) : Json::object({{"n", 0}});
  if (entry.fitted) json["summary_fitted"] = summary_json(*entry.fitted);
  if (!entry.misses.empty()) json["misses"] = entry.misses;
  json["rows"] = Json::array();
  for (const ValidationRow& row : entry.rows) json["rows"].push_back(row_json(row, entry.unit));
  return json;
}

Json about_json(const SuiteResult& result) {
  const SuiteSpec& suite = result.spec;
  Json json;
  json["suite"] = suite.name;
  json["what"] = suite.what;
  json["measured"] = suite.measured;
  json["fitted"] = suite.fitted;
  json["limits"] = suite.limits;
  json["entries"] = Json::array();
  for (const EntrySpec& entry : suite.entries) {
    json["entries"].push_back(
        {{"name", entry.name}, {"file", entry.file}, {"columns", entry.columns}});
  }
  return json;
}

std::string decimal(double value, int digits, bool sign = false) {
  char text[48];
  std::snprintf(text, sizeof text, sign ? "%+.*f" : "%.*f", digits, value);
  return text;
}

/// Whole numbers as such, others with four digits.
std::string number(double value) {
  if (std::abs(value) >= 1e4 || value == std::floor(value)) return decimal(value, 0);
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

std::string note_of(const ValidationRow& row) {
  std::string note = row.problem;
  const auto add = [&note](const char* word) {
    note += (note.empty() ? "" : ", ") + std::string(word);
  };
  if (row.fitted) add("fitted");
  if (!row.judged) add("not judged");
  if (row.simulated && row.floor && *row.simulated < *row.floor) add("below the least possible");
  return note;
}

std::string entry_table(const EntryResult& entry, std::size_t width, bool color) {
  const std::string unit = entry.unit == ErrorUnit::kPercent ? "error %" : "error, points";
  Table table({{entry.name, false, true}, {"measured"}, {"simulated"}, {unit}, {"", false, true}});
  for (const ValidationRow& row : entry.rows) {
    const auto error = error_of(row, entry.unit);
    table.add({printable(row.id), number(row.measured),
               row.simulated ? number(*row.simulated) : "-", error ? decimal(*error, 2, true) : "-",
               printable(note_of(row))});
  }
  return table.text(width, color);
}

/// How far off the fitted rows are on average, and how many there are.
std::string fitted_text(const EntryResult& entry) {
  if (!entry.fitted || entry.fitted->compared == 0) return "-";
  return decimal(entry.fitted->mean_abs_pct, 2) + " (" + std::to_string(entry.fitted->n) + ")";
}

std::string bound_text(const Bound& b) {
  std::string text;
  const auto add = [&text](const char* what, const std::optional<double>& limit) {
    if (!limit) return;
    text += (text.empty() ? "" : ", ") + std::string(what) + " " + number(*limit);
  };
  add("mean <=", b.mean_abs_pct);
  add("median <=", b.median_abs_pct);
  add("max <=", b.max_abs_pct);
  add("rank >=", b.rank_correlation);
  return text.empty() ? "none" : text;
}

}  // namespace

Json to_json(const std::vector<SuiteResult>& suites) {
  Json json;
  json["schema_version"] = kRecordSchemaVersion;
  json["about"] = Json::array();
  for (const SuiteResult& suite : suites) json["about"].push_back(about_json(suite));
  json["suites"] = Json::array();
  for (const SuiteResult& suite : suites) {
    for (const EntryResult& entry : suite.entries) {
      json["suites"].push_back(entry_json(suite.spec, entry));
    }
  }
  return json;
}

std::string validation_text(const std::vector<SuiteResult>& suites, const std::string& where,
                            std::size_t width, bool color) {
  std::string text = "measured data: " + printable(where) + "\n";
  Table verdicts({{"entry", false, true},
                  {"status", false},
                  {"rows"},
                  {"mean"},
                  {"median"},
                  {"max"},
                  {"rank"},
                  {"fitted"},
                  {"bound", false, true}});
  for (const SuiteResult& suite : suites) {
    text += "\n" + suite.spec.name + ": " + suite.spec.what + "\n";
    for (const EntryResult& entry : suite.entries) {
      if (!entry.rows.empty()) text += "\n" + entry_table(entry, width, color);
      for (const std::string& miss : entry.misses) text += "missed: " + printable(miss) + "\n";
      if (!entry.not_run.empty()) {
        text += entry.name + ": not run: " + printable(entry.not_run) + "\n";
      }
      const Summary s = entry.summary.value_or(Summary{});
      const auto figure = [&](double value) { return s.compared > 0 ? decimal(value, 2) : "-"; };
      verdicts.add({entry.name,
                    entry.status == Status::kNotRun ? "not run" : to_string(entry.status),
                    entry.summary ? std::to_string(s.n) : "-", figure(s.mean_abs_pct),
                    figure(s.median_abs_pct), figure(s.max_abs_pct),
                    s.rank_correlation ? decimal(*s.rank_correlation, 3) : "-", fitted_text(entry),
                    bound_text(entry.bound)});
    }
  }
  return text + "\n" + verdicts.text(width, color);
}

}  // namespace takt
