// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/record_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

namespace takt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// All JSON files below the folders, in order of their names, folder after folder.
std::vector<std::string> json_files(const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    std::error_code error;
    const std::size_t first = files.size();
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
         it.increment(error)) {
      if (it->path().extension() == ".json") files.push_back(it->path().string());
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  return files;
}

constexpr const char* kAgain = "record it again: scripts/record_cuda";
constexpr std::uint64_t kMultiplierMax = std::uint64_t{1} << 31;
constexpr std::int64_t kSamplesLeast = 8;  // of a tensor that has as many elements

/// Reads what the writer (cuda/record.cpp) writes and nothing else: a number that is no number of
/// its kind is an error at its place, never converted.
class RunReader {
 public:
  explicit RunReader(const std::string& file) { run_.file = file; }

  RecordedRun read(const json& root) {
    each(root, "tensors", [&](const json& entry, const std::string& at) { tensor(entry, at); });
    each(root, "ops", [&](const json& entry, const std::string& at) {
      if (!entry.is_object() || !entry.contains("multiplier")) return;
      const std::uint64_t op = whole(entry, "op", at, 0, UINT32_MAX);
      const std::uint64_t multiplier = whole(entry, "multiplier", at, 1, kMultiplierMax);
      run_.multipliers[static_cast<std::uint32_t>(op)] = static_cast<std::uint32_t>(multiplier);
    });
    return std::move(run_);
  }
  const Diagnostics& errors() const { return errors_; }

 private:
  void wrong(const std::string& path, const std::string& what) {
    errors_.push_back(record_error("E-bad-record", run_.file, what, kAgain));
    errors_.back().path = path;
  }
  template <class F>
  void each(const json& root, const char* key, const F& f) {
    const auto list = root.find(key);
    if (list == root.end() || !list->is_array()) return wrong(key, "must be a list");
    for (std::size_t i = 0; i < list->size(); ++i) {
      f((*list)[i], std::string(key) + "[" + std::to_string(i) + "]");
    }
  }
  /// A member, or null after having said that it is missing.
  const json* member(const json& entry, const char* key, const std::string& at) {
    if (entry.is_object() && entry.contains(key)) return &entry.at(key);
    wrong(at + "." + key, "is missing");
    return nullptr;
  }
  std::uint64_t whole(const json& entry, const char* key, const std::string& at,
                      std::uint64_t least, std::uint64_t most) {
    const json* value = member(entry, key, at);
    if (value == nullptr) return least;
    if (value->is_number_unsigned()) {
      const auto number = value->get<std::uint64_t>();
      if (number >= least && number <= most) return number;
    }
    wrong(at + "." + key,
          "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    return least;
  }
  std::string text(const json& entry, const char* key, const std::string& at) {
    const json* value = member(entry, key, at);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    if (value != nullptr) wrong(at + "." + key, "must be a text");
    return "";
  }
  double sample(const json& value, const std::string& at) {
    if (value.is_number()) return value.get<double>();
    if (value == "nan") return std::nan("");
    if (value == "inf") return std::numeric_limits<double>::infinity();
    if (value == "-inf") return -std::numeric_limits<double>::infinity();
    wrong(at, "must be a number, \"inf\", \"-inf\" or \"nan\"");
    return 0;
  }

  void tensor(const json& entry, const std::string& at) {
    RecordedTensor t;
    const std::uint64_t number = whole(entry, "tensor", at, 0, UINT32_MAX);
    t.type = text(entry, "type", at);
    t.checksum = text(entry, "checksum", at);
    t.elements = static_cast<std::int64_t>(whole(entry, "elements", at, 0, INT64_MAX));
    t.step = static_cast<std::int64_t>(whole(entry, "step", at, 1, INT64_MAX));
    if (entry.contains("largest")) {
      const json& largest = entry.at("largest");
      if (largest.is_number() && largest.get<double>() >= 0) {
        t.largest = largest.get<double>();
      } else {
        wrong(at + ".largest", "must be a number, at least 0");
      }
    }
    const json* samples = member(entry, "samples", at);
    if (samples != nullptr && !samples->is_array()) {
      wrong(at + ".samples", "must be a list");
    } else if (samples != nullptr) {
      for (std::size_t i = 0; i < samples->size(); ++i) {
        t.samples.push_back(sample((*samples)[i], at + ".samples[" + std::to_string(i) + "]"));
      }
    }
    const auto key = static_cast<std::uint32_t>(number);
    if (!run_.tensors.emplace(key, std::move(t)).second) {
      wrong(at + ".tensor", "there are two tensors " + std::to_string(number));
    }
  }

  RecordedRun run_;
  Diagnostics errors_;
};

/// What is wrong with the sizes and samples of one tensor; empty if nothing.
std::string sizes_wrong(const RecordedTensor& t, DType dtype, std::int64_t elements) {
  if (t.type != to_string(dtype)) {
    return "is of type '" + t.type + "', not " + std::string(to_string(dtype));
  }
  if (t.elements != elements) {
    return "has " + std::to_string(t.elements) + " elements, not " + std::to_string(elements);
  }
  const std::int64_t most = elements == 0 ? 0 : (elements - 1) / t.step + 1;
  const auto count = static_cast<std::int64_t>(t.samples.size());
  if (count > most || count < std::min(kSamplesLeast, most)) {
    return "has " + std::to_string(count) + " samples; at a step of " + std::to_string(t.step) +
           " there are " + std::to_string(most);
  }
  if (!info(dtype).is_float) return "";
  for (const double x : t.samples) {
    // The bound grows with the largest magnitude, which is therefore no less than what is known.
    // Both were written in 9 digits.
    if (std::isfinite(x) && std::abs(x) > t.largest * (1 + 1e-8)) {
      return "has a sample beyond its largest magnitude";
    }
  }
  return "";
}

}  // namespace

Diagnostic record_error(const char* name, const std::string& file, std::string message,
                        std::string hint) {
  Diagnostic d;
  d.name = name;
  d.place.file = file;
  d.path = file.empty() ? "--check" : "";
  d.message = std::move(message);
  d.hint = std::move(hint);
  return d;
}

std::string hexadecimal(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

Diagnostics check_record(const RecordedRun& record, const Semantics& semantics) {
  Diagnostics errors;
  const auto wrong = [&](const std::string& what) {
    errors.push_back(record_error("E-bad-record", record.file, what, kAgain));
  };
  const Graph& graph = semantics.graph();
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
    const std::string name = "tensor '" + graph.tensors[i].name + "' ";
    const auto found = record.tensors.find(i);
    if (found == record.tensors.end()) {
      wrong(name + "is missing");
      continue;
    }
    const std::string what =
        sizes_wrong(found->second, semantics.dtype({i}), semantics.elements({i}));
    if (!what.empty()) wrong(name + what);
  }
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    if (semantics.scaled({i}) && record.multipliers.count(i) == 0) {
      wrong("node '" + graph.ops[i].name + "' has no multiplier");
    }
  }
  return errors;
}

Result<std::unique_ptr<RecordedRun>> find_record(const std::vector<std::string>& folders,
                                                 std::uint64_t values_hash, std::uint64_t seed) {
  const std::string hash = hexadecimal(values_hash);
  std::unique_ptr<RecordedRun> found;
  for (const std::string& file : json_files(folders)) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    // Most files are of other networks: not worth being parsed.
    if (text.str().find(hash) == std::string::npos) continue;
    try {
      const json root = json::parse(text.str());
      if (root.value("kind", "") != "takt_reference_run") continue;
      if (root.at("network").at("values_hash") != hash || root.at("seed") != seed) continue;
      if (root.at("schema_version") != 1) {
        return Diagnostics{
            record_error("E-bad-record", file, "is of another version of records", kAgain)};
      }
      const bool gpu = root.at("device").at("kind") == "gpu";
      if (found && !gpu) continue;
      RunReader reader(file);
      found = std::make_unique<RecordedRun>(reader.read(root));
      if (!reader.errors().empty()) return reader.errors();
      if (gpu) break;
    } catch (const json::exception& error) {
      return Diagnostics{record_error("E-bad-record", file, error.what(), kAgain)};
    }
  }
  return found;
}

}  // namespace takt
