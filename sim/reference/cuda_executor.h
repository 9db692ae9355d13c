// SPDX-License-Identifier: Apache-2.0
#pragma once
// `--check cuda`: the values that takt_cuda (sim/reference/cuda) computes on this machine's GPU
// now.

#include <string>

#include "sim/reference/reference_executor.h"

namespace takt {

class CudaExecutor : public ReferenceExecutor {
 public:
  std::string name() const override { return "cuda"; }
  /// Writes the network as a layer list, runs the program on it, reads all tensors back. Where
  /// there is no program or no GPU, and for each node that it has no kernel for: E-no-cuda,
  /// unsupported. If the program fails: E-cuda-failed, a check that failed.
  Result<NetworkValues> run(Semantics& semantics, const ReferenceOptions& options) override;
};

/// The program: $TAKT_CUDA_PROGRAM, else `takt_cuda` beside the running program, else on the PATH;
/// empty if there is none.
std::string find_cuda_program();

/// The folder of the running program.
std::string own_folder();

/// Tensors and scales as takt_cuda's --tensors writes them; empty if the text is cut off or is not
/// of this network.
Result<NetworkValues> read_cuda_tensors(const std::string& text, const Semantics& semantics);

}  // namespace takt
