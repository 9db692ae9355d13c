// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/functional_check.h"

#include "sim/functional/player.h"

namespace takt {

Result<ValueCheck> check_program(const Program& program, const Graph& graph, DType precision,
                                 ReferenceExecutor& reference, const ReferenceOptions& options) {
  Semantics semantics(graph, precision);
  const Result<NetworkValues> values = reference.run(semantics, options);
  if (!values) return values.errors();
  FunctionalPlayer player(program, semantics, *values);
  player.run(options.stop);
  ValueCheck check = reference.compare(
      *program.graph, *values,
      [&](TensorId id) -> const std::vector<std::byte>& { return player.result(id); });
  check.findings.insert(check.findings.begin(), player.findings().begin(), player.findings().end());
  return check;
}

Result<ValueCheck> check_functional(const Program& program, const Graph& graph, DType precision,
                                    std::uint64_t seed) {
  ReferenceOptions options;
  options.seed = seed;
  return check_program(program, graph, precision, *make_reference("functional"), options);
}

}  // namespace takt
