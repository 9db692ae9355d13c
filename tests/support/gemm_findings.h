// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the verifier says of programs of GEMMs, and ways to break these.

#include "sim/program/verify.h"
#include "tests/support/gemm_program.h"

namespace takt::test {

inline std::vector<std::string> findings(const GemmProgram& gemm) {
  const Program program = gemm.build();
  return verify(program).findings;
}

/// Removes a need or a given token by channel name.
inline void drop(const GemmProgram& gemm, TokenList& tokens, const std::string& channel) {
  TokenList kept;
  for (const Token& t : tokens) {
    if (gemm.channels[t.channel.index].name != channel) kept.push_back(t);
  }
  CHECK(kept.size() < tokens.size()) << "no token of " << channel;
  tokens = kept;
}

}  // namespace takt::test
