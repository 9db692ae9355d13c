// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records of takt_cuda (results/README.md) as files.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/functional/semantics.h"

namespace takt {

/// What a record says of one tensor.
struct RecordedTensor {
  std::string type, checksum;
  double largest = 0;  ///< magnitude; of floats
  std::int64_t elements = 0, step = 1;
  std::vector<double> samples;  ///< elements 0, step, 2 * step ...
};

struct RecordedRun {
  std::string file;
  std::map<std::uint32_t, RecordedTensor> tensors;
  std::map<std::uint32_t, std::uint32_t> multipliers;  ///< by op; 1 .. 2^31
};

/// The first record of these values and this seed, null if there is none; those of a GPU before
/// those of a processor. A file that names them and is not whole or holds something that no run
/// writes: E-bad-record, once for every such thing.
Result<std::unique_ptr<RecordedRun>> find_record(const std::vector<std::string>& folders,
                                                 std::uint64_t values_hash, std::uint64_t seed);

/// What of a record is not of this network: a tensor that is missing, has another type or size or
/// no samples, a scale that is missing. Nothing after it has to doubt an index.
Diagnostics check_record(const RecordedRun& record, const Semantics& semantics);

/// What is wrong with a record, or with there being none (`file` empty).
Diagnostic record_error(const char* name, const std::string& file, std::string message,
                        std::string hint);

/// 16 hexadecimal digits, as records write hashes.
std::string hexadecimal(std::uint64_t value);

}  // namespace takt
