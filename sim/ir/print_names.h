// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words for kinds of operators: in printed graphs, network files, names of regions and steps.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ir/graph.h"

namespace takt {

std::string_view to_string(OpKind kind);
std::string_view to_string(UnaryKind kind);
std::string_view to_string(BinaryKind kind);
std::string_view to_string(ReduceKind kind);
std::string_view to_string(TensorKind kind);

std::optional<OpKind> op_kind_from(std::string_view name);
std::optional<UnaryKind> unary_kind_from(std::string_view name);
std::optional<BinaryKind> binary_kind_from(std::string_view name);
std::optional<ReduceKind> reduce_kind_from(std::string_view name);
std::optional<TensorKind> tensor_kind_from(std::string_view name);

/// All names of a kind, for hints.
std::vector<std::string> op_names();
std::vector<std::string> unary_names();
std::vector<std::string> binary_names();
std::vector<std::string> reduce_names();

/// What an op does in one word: "conv", "relu", "add", "reduce_mean".
std::string word_for(const Op& op);

}  // namespace takt
