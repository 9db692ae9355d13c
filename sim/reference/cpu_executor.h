// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--check cpu`: products by OpenBLAS, everything else by code of its own on whole tensors. Nothing
// of the oracle or of the functional player's arithmetic is called.

#include "sim/reference/reference_executor.h"

namespace takt {

class CpuExecutor : public ReferenceExecutor {
 public:
  std::string name() const override { return "openblas"; }
  Result<NetworkValues> run(Semantics& semantics, const ReferenceOptions& options) override;
};

}  // namespace takt
