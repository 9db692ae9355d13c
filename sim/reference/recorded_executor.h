// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--check recorded`: what takt_cuda wrote of an earlier run (results/reference): a checksum of
// every tensor and some of its elements.

#include <memory>
#include <string>
#include <vector>

#include "sim/reference/reference_executor.h"

namespace takt {

struct RecordedRun;

class RecordedExecutor : public ReferenceExecutor {
 public:
  /// Records are looked for in $TAKT_RECORDS, else in the results/reference that came with takt.
  RecordedExecutor();
  explicit RecordedExecutor(std::vector<std::string> folders);
  ~RecordedExecutor() override;

  std::string name() const override { return "recorded"; }
  /// Inputs and parameters by the generator, scales of the record. Without a record of this network
  /// (same values_hash and seed): E-no-record, which says how to make one. A record whose seeded
  /// tensors are others than ours: E-bad-record.
  Result<NetworkValues> run(Semantics& semantics, const ReferenceOptions& options) override;
  /// Whole numbers by checksum, so all elements are compared; floats by the recorded elements,
  /// within the bound of docs/values.md.
  ValueCheck compare(const RegionGraph& regions, const NetworkValues& expected,
                     const StoredBytes& stored) const override;

 private:
  std::vector<std::string> folders_;
  std::unique_ptr<RecordedRun> record_;
};

}  // namespace takt
