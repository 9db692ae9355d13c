// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/functional_check.h"

#include "sim/functional/player.h"
#include "sim/reference/oracle.h"

namespace takt {

Result<ValueCheck> check_functional(const Program& program, const Graph& graph, DType precision,
                                    std::uint64_t seed) {
  Semantics semantics(graph, precision);
  OracleOptions options;
  options.seed = seed;
  const Result<NetworkValues> values = Oracle(semantics, options).run();
  if (!values) return values.errors();
  FunctionalPlayer player(program, semantics, *values);
  player.run();
  ValueCheck check = compare_values(
      *program.graph, *values,
      [&](TensorId id) -> const std::vector<std::byte>& { return player.result(id); });
  check.findings.insert(check.findings.begin(), player.findings().begin(), player.findings().end());
  return check;
}

}  // namespace takt
