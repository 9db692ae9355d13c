// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who says what the values should be: one table of executors by the word behind `--check`.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/stop.h"
#include "sim/functional/network_values.h"
#include "sim/functional/semantics.h"
#include "sim/reference/compare.h"

namespace takt {

struct ReferenceOptions {
  std::uint64_t seed = 0;
  /// Told of every op that is done; may be empty.
  std::function<void(std::size_t done, std::size_t total)> progress;
  StopFlag stop = nullptr;  ///< those that compute here throw Stopped soon after it is set
};

/// Executes a network layer by layer, knowing nothing of regions, tiles or programs.
class ReferenceExecutor {
 public:
  virtual ~ReferenceExecutor() = default;
  /// `check.reference` of the record.
  virtual std::string name() const = 0;
  /// What the program starts from (inputs, parameters, the scale of every op), and the result of
  /// every op that the reference has values of; others stay empty. An op without defined values is
  /// an error that names it (E-values).
  virtual Result<NetworkValues> run(Semantics& semantics, const ReferenceOptions& options) = 0;
  /// Judges what a program made of each stored tensor by what run() gave. By default element by
  /// element; an executor that keeps sums or samples of its results compares these instead.
  virtual ValueCheck compare(const RegionGraph& regions, const NetworkValues& expected,
                             const StoredBytes& stored) const;
};

/// Null for a word that names none.
std::unique_ptr<ReferenceExecutor> make_reference(const std::string& word);
/// The words, in the order of the table.
std::vector<std::string> reference_words();

}  // namespace takt
