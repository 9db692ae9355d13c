// SPDX-License-Identifier: Apache-2.0
#pragma once
// The oracle: plain loops over whole tensors, one graph op after the other. It knows nothing of
// regions, tiles or programs, and is what they are compared with.

#include <functional>
#include <vector>

#include "sim/base/result.h"
#include "sim/base/stop.h"
#include "sim/functional/network_values.h"
#include "sim/functional/semantics.h"

namespace takt {

struct OracleOptions {
  std::uint64_t seed = 0;
  /// Told of every op's result as it is made, before anything is freed.
  std::function<void(OpId)> made;
  StopFlag stop = nullptr;  ///< run() throws Stopped soon after it is set
};

class Oracle {
 public:
  /// `semantics` must outlive it.
  Oracle(Semantics& semantics, OracleOptions options);
  /// Runs all ops; an op without defined values is an error that names it (E-values).
  Result<NetworkValues> run();

 private:
  class Tensors;
  void matrix(OpId id);
  void recurrent(OpId id);
  void other(OpId id);
  void scale_and_store(OpId id, const std::vector<double>& wide);

  Semantics& semantics_;
  OracleOptions options_;
  NetworkValues values_;
};

}  // namespace takt
