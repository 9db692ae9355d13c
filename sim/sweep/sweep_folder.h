// SPDX-License-Identifier: Apache-2.0
#pragma once
// The folder of a sweep on disk. Results are only ever appended, each as one whole line, so that
// whatever ends a sweep, what was finished stays readable.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/result.h"

namespace takt {

/// The results that a folder holds, by a point's id.
struct SweepResults {
  std::map<std::string, nlohmann::ordered_json> done;  ///< lines of the shards
  std::map<std::string, std::string> failed;           ///< without a line: what went wrong
};

class SweepFolder {
 public:
  /// To work in. Makes it if it is missing; an error if something other than a sweep lies in it, or
  /// another process works in it.
  static Result<SweepFolder> open(const std::string& path);
  /// To read only.
  static Result<SweepFolder> look(const std::string& path);

  SweepFolder(SweepFolder&& other) noexcept;
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;
  SweepFolder& operator=(SweepFolder&&) = delete;
  ~SweepFolder();

  const std::string& path() const { return path_; }
  /// A file's text, if it is there.
  std::optional<std::string> read(const std::string& name) const;
  /// A file, whole or not at all.
  std::optional<Diagnostic> write(const std::string& name, const std::string& text) const;

  /// points.jsonl is there: a sweep was begun.
  bool begun() const;

  /// One result line of a worker, in a single write. The first call makes new shards for this
  /// process: those of earlier ones are never touched.
  std::optional<Diagnostic> append(unsigned worker, const std::string& line);
  std::optional<Diagnostic> write_failure(const std::string& id, const std::string& text) const;
  void remove_failure(const std::string& id) const;

  /// All whole lines of all shards for these ids. What is half written counts as not there.
  SweepResults results(const std::vector<std::string>& ids) const;

 private:
  explicit SweepFolder(std::string path) : path_(std::move(path)) {}
  std::string at(const std::string& name) const { return path_ + "/" + name; }
  std::string shard_path(unsigned worker);
  /// Something that no sweep put there.
  std::optional<std::string> foreign_file() const;

  std::string path_;
  int lock_ = -1;
  std::size_t session_ = 0;  ///< number of this process's shards; 0 = none written yet
  std::map<unsigned, int> shards_;
};

}  // namespace takt
