// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records of takt_cuda (results/README.md) as files.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/result.h"

namespace takt {

/// What a record says of one tensor.
struct RecordedTensor {
  std::string checksum;
  double largest = 0;
  std::int64_t elements = 0, step = 1;
  std::vector<double> samples;  ///< elements 0, step, 2 * step ...
};

struct RecordedRun {
  std::string file;
  std::map<std::uint32_t, RecordedTensor> tensors;
  std::map<std::uint32_t, std::uint32_t> multipliers;  ///< by op
};

/// The first record of these values and this seed, null if there is none; those of a GPU before
/// those of a processor. A file that names them and cannot be read: E-bad-record.
Result<std::unique_ptr<RecordedRun>> find_record(const std::vector<std::string>& folders,
                                                 std::uint64_t values_hash, std::uint64_t seed);

/// What is wrong with a record, or with there being none (`file` empty).
Diagnostic record_error(const char* name, const std::string& file, std::string message,
                        std::string hint);

/// 16 hexadecimal digits, as records write hashes.
std::string hexadecimal(std::uint64_t value);

}  // namespace takt
