// SPDX-License-Identifier: Apache-2.0
#pragma once
// An EngineResult as bytes and back: how a child process hands its result to its parent. Same
// program and same machine on both sides, so there is no version and no byte order in it.

#include <string>

#include "sim/engine/engine.h"

namespace takt {

std::string encode(const EngineResult& result);
/// CHECKs that `bytes` came from encode().
EngineResult decode_engine_result(const std::string& bytes);

/// Plays `program` in a child process (engines that simulate with SystemC do so once a process). An
/// interrupted child that could not answer gives an unfinished result of status kInterrupted.
/// `limits.spans` must be null: spans do not cross.
Result<EngineResult> run_engine_in_child(Engine& engine, const Program& program,
                                         const RunLimits& limits);

}  // namespace takt
