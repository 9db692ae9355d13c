// SPDX-License-Identifier: Apache-2.0
#include "sim/validate/validate.h"

#include <algorithm>
#include <filesystem>

#include "sim/config/suggest.h"

namespace takt {
namespace {

constexpr const char* kInterrupted = "interrupted";

EntryResult interrupted_entry(const EntrySpec& spec) {
  EntryResult result;
  result.name = spec.name;
  result.bound = spec.bound;
  result.unit = spec.unit;
  result.not_run = kInterrupted;
  judge(result);
  return result;
}

std::string why_no_data(const EntrySpec& spec, const DataFolder& folder) {
  if (!folder.is_file()) {
    return "expected as " + (std::filesystem::path(folder.where()) / spec.file).string();
  }
  const std::vector<std::string> missing = folder.header().missing(spec);
  // Half of the columns are there: it was perhaps meant for this entry.
  if (!missing.empty() && 2 * missing.size() <= spec.columns.size()) {
    return folder.where() + " has no column " + join_words(missing);
  }
  return folder.where() + " has not the columns of this entry";
}

Result<EntryResult> run_entry(const EntrySpec& spec, const ValidateRequest& request,
                              const DataFolder& folder) {
  EntryResult result;
  result.name = spec.name;
  result.bound = spec.bound;
  result.unit = spec.unit;
  std::optional<DataFile> data;
  if (!spec.file.empty() || folder.is_file()) {
    Result<std::optional<DataFile>> opened = folder.open(spec);
    if (!opened) return opened.errors();
    data = std::move(*opened);
    if (!data) {
      result.not_run = why_no_data(spec, folder);
      judge(result);
      return result;
    }
    result.data = data->path;
    result.data_given = data->given;
  }
  const std::function<void(std::size_t, std::size_t)> progress = [&](std::size_t done,
                                                                     std::size_t total) {
    if (request.progress) request.progress(spec.name, done, total);
    check_stop(request.stop);
  };
  Result<EntryRows> rows = spec.run(
      {data ? &*data : nullptr, request.evaluate, request.machine_of, request.compile, progress});
  if (!rows) return rows.errors();
  result.rows = std::move(rows->rows);
  result.not_run = std::move(rows->not_run);
  if (data && data->given) {
    for (ValidationRow& row : result.rows) row.fitted = false;
  }
  judge(result);
  return result;
}

/// Why a file that was given is of no use to any of the entries; none if it is to one.
Diagnostics unfit(const std::vector<SuiteSpec>& suites, bool named, const DataFolder& data) {
  const EntrySpec* nearest = nullptr;
  const auto share_missing = [&](const EntrySpec& entry) {
    if (entry.columns.empty()) return 1.0;
    return static_cast<double>(data.header().missing(entry).size()) /
           static_cast<double>(entry.columns.size());
  };
  for (const SuiteSpec& suite : suites) {
    for (const EntrySpec& entry : suite.entries) {
      if (data.header().fits(entry)) return {};
      if (nearest == nullptr || share_missing(entry) < share_missing(*nearest)) nearest = &entry;
    }
  }
  if (named) return data.header().why_not(*nearest);
  constexpr double kSimilar = 0.5;
  Diagnostic d;
  d.name = "E-columns";
  d.place.file = data.where();
  d.message = "the file has the columns of none of these suites";
  d.hint = share_missing(*nearest) <= kSimilar
               ? "for " + nearest->name + " it lacks " + join_words(data.header().missing(*nearest))
               : "docs/validation.md lists the columns that each reads";
  return {d};
}

/// All rows of the entry or none: half of them are judged by no bound.
Result<EntryResult> run_whole_entry(const EntrySpec& spec, const ValidateRequest& request,
                                    const DataFolder& folder) {
  if (stop_asked(request.stop)) return interrupted_entry(spec);
  try {
    return run_entry(spec, request, folder);
  } catch (const Stopped&) {
    return interrupted_entry(spec);
  }
}

}  // namespace

Result<std::vector<SuiteSpec>> chosen_suites(const std::vector<std::string>& names) {
  std::vector<SuiteSpec> all = all_suites();
  if (names.empty()) return all;
  std::vector<std::string> known;
  for (const SuiteSpec& suite : all) {
    known.push_back(suite.name);
    for (const EntrySpec& entry : suite.entries) {
      if (entry.name != suite.name) known.push_back(entry.name);
    }
  }
  Diagnostics errors;
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    Diagnostic d;
    d.kind = ErrorKind::kUsage;
    d.name = "E-unknown-suite";
    d.message = "there is no suite '" + name + "'";
    const auto near = suggest(name, known);
    d.hint = near ? "did you mean '" + *near + "'?" : "suites: " + join_words(known);
    errors.push_back(std::move(d));
  }
  if (!errors.empty()) return errors;
  const auto asked = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<SuiteSpec> chosen;
  for (SuiteSpec& suite : all) {
    if (!asked(suite.name)) {
      auto& entries = suite.entries;
      entries.erase(std::remove_if(entries.begin(), entries.end(),
                                   [&](const EntrySpec& entry) { return !asked(entry.name); }),
                    entries.end());
    }
    if (!suite.entries.empty()) chosen.push_back(std::move(suite));
  }
  return chosen;
}

Result<std::vector<SuiteResult>> validate(const ValidateRequest& request, const DataFolder& data) {
  Result<std::vector<SuiteSpec>> suites = chosen_suites(request.names);
  if (!suites) return suites.errors();
  if (data.is_file()) {
    Diagnostics unusable = unfit(*suites, !request.names.empty(), data);
    if (!unusable.empty()) return unusable;
  }
  std::vector<SuiteResult> results;
  Diagnostics errors;
  for (SuiteSpec& suite : *suites) {
    SuiteResult result;
    for (const EntrySpec& spec : suite.entries) {
      Result<EntryResult> entry = run_whole_entry(spec, request, data);
      if (!entry) {
        errors.insert(errors.end(), entry.errors().begin(), entry.errors().end());
        continue;
      }
      result.entries.push_back(std::move(*entry));
    }
    result.spec = std::move(suite);
    results.push_back(std::move(result));
  }
  if (!errors.empty()) return errors;
  return results;
}

EntriesDone entries_done(const std::vector<SuiteResult>& suites) {
  EntriesDone done;
  for (const SuiteResult& suite : suites) {
    for (const EntryResult& entry : suite.entries) {
      ++done.all;
      done.finished += entry.not_run != kInterrupted;
    }
  }
  return done;
}

bool any_missed(const std::vector<SuiteResult>& suites) {
  for (const SuiteResult& suite : suites) {
    for (const EntryResult& entry : suite.entries) {
      if (entry.status == Status::kMissed) return true;
    }
  }
  return false;
}

}  // namespace takt
