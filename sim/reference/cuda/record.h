// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is kept of a run: results/README.md describes the form.

#include <string>

#include "execution.h"
#include "json.h"

namespace takt::gpu {

constexpr int kRecordVersion = 1;

struct RunOptions {
  std::uint64_t seed = 1;  ///< as `takt run` has it
  bool times = true;
  double budget_seconds = 60;  ///< for times; values are always whole
  std::string tensors;         ///< file for all tensors, as bytes; empty = none
};

struct RunResult {
  std::string json;
  std::int64_t differ = 0;  ///< elements in which a timed kernel is not the values
};

/// Throws InputError (code 4) if an op cannot be run.
RunResult run_network(const Network& network, const DeviceFacts& facts, const RunOptions& options);

/// `device` and `date` of any record.
void write_facts(Json& json, const DeviceFacts& facts);
void write_timing(Json& json, const Timing& timing);

}  // namespace takt::gpu
