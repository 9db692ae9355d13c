// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/record_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
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

RecordedRun run_of(const std::string& file, const json& root) {
  RecordedRun run;
  run.file = file;
  for (const json& entry : root.at("tensors")) {
    RecordedTensor t;
    t.checksum = entry.at("checksum").get<std::string>();
    t.elements = entry.at("elements").get<std::int64_t>();
    t.step = std::max<std::int64_t>(1, entry.at("step").get<std::int64_t>());
    t.largest = entry.value("largest", 0.0);
    for (const json& x : entry.at("samples")) {
      t.samples.push_back(x.is_number() ? x.get<double>() : std::nan(""));
    }
    run.tensors[entry.at("tensor").get<std::uint32_t>()] = std::move(t);
  }
  for (const json& op : root.at("ops")) {
    if (op.contains("multiplier")) {
      run.multipliers[op.at("op").get<std::uint32_t>()] = op.at("multiplier").get<std::uint32_t>();
    }
  }
  return run;
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
        return Diagnostics{record_error("E-bad-record", file, "is of another version of records",
                                        "record it again: scripts/record_cuda")};
      }
      const bool gpu = root.at("device").at("kind") == "gpu";
      if (found && !gpu) continue;
      found = std::make_unique<RecordedRun>(run_of(file, root));
      if (gpu) break;
    } catch (const json::exception& error) {
      return Diagnostics{
          record_error("E-bad-record", file, error.what(), "record it again: scripts/record_cuda")};
    }
  }
  return found;
}

}  // namespace takt
