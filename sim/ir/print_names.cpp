// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/print_names.h"

#include <array>

#include "sim/base/check.h"

namespace takt {
namespace {

// Each table is in the order of its enumeration; a test reads every name back.
constexpr std::array<std::string_view, 33> kOps{"conv",
                                                "conv_transpose",
                                                "matmul",
                                                "max_pool",
                                                "average_pool",
                                                "lrn",
                                                "resize",
                                                "unary",
                                                "binary",
                                                "sum",
                                                "where",
                                                "cast",
                                                "clip",
                                                "softmax",
                                                "layer_norm",
                                                "group_norm",
                                                "instance_norm",
                                                "batch_norm",
                                                "rms_norm",
                                                "reduce",
                                                "arg_max",
                                                "top_k",
                                                "concat",
                                                "split",
                                                "slice",
                                                "pad",
                                                "transpose",
                                                "reshape",
                                                "expand",
                                                "gather",
                                                "lstm",
                                                "gru",
                                                "rnn"};
constexpr std::array<std::string_view, 31> kUnaries{"identity",
                                                    "relu",
                                                    "leaky_relu",
                                                    "elu",
                                                    "selu",
                                                    "celu",
                                                    "sigmoid",
                                                    "hard_sigmoid",
                                                    "hard_swish",
                                                    "swish",
                                                    "tanh",
                                                    "gelu",
                                                    "gelu_tanh",
                                                    "erf",
                                                    "softplus",
                                                    "softsign",
                                                    "mish",
                                                    "exp",
                                                    "log",
                                                    "sqrt",
                                                    "reciprocal",
                                                    "neg",
                                                    "abs",
                                                    "sign",
                                                    "floor",
                                                    "ceil",
                                                    "round",
                                                    "not",
                                                    "sin",
                                                    "cos",
                                                    "thresholded_relu"};
constexpr std::array<std::string_view, 17> kBinaries{
    "add",  "sub",        "mul",     "div",           "pow", "max", "min", "mod",  "equal",
    "less", "less_equal", "greater", "greater_equal", "and", "or",  "xor", "prelu"};
constexpr std::array<std::string_view, 10> kReduces{
    "sum", "mean", "max", "min", "prod", "l1", "l2", "sum_square", "log_sum", "log_sum_exp"};
constexpr std::array<std::string_view, 3> kTensors{"input", "parameter", "activation"};

static_assert(kOps.size() == static_cast<std::size_t>(OpKind::kRnn) + 1);
static_assert(kUnaries.size() == static_cast<std::size_t>(UnaryKind::kThresholdedRelu) + 1);
static_assert(kBinaries.size() == static_cast<std::size_t>(BinaryKind::kPRelu) + 1);
static_assert(kReduces.size() == static_cast<std::size_t>(ReduceKind::kLogSumExp) + 1);

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& table, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (table[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

template <std::size_t N>
std::vector<std::string> list(const std::array<std::string_view, N>& table) {
  return {table.begin(), table.end()};
}

}  // namespace

std::string_view to_string(OpKind kind) { return kOps.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(UnaryKind kind) { return kUnaries.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(BinaryKind kind) { return kBinaries.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(ReduceKind kind) { return kReduces.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(TensorKind kind) { return kTensors.at(static_cast<std::size_t>(kind)); }

std::optional<OpKind> op_kind_from(std::string_view name) { return find<OpKind>(kOps, name); }
std::optional<UnaryKind> unary_kind_from(std::string_view name) {
  return find<UnaryKind>(kUnaries, name);
}
std::optional<BinaryKind> binary_kind_from(std::string_view name) {
  return find<BinaryKind>(kBinaries, name);
}
std::optional<ReduceKind> reduce_kind_from(std::string_view name) {
  return find<ReduceKind>(kReduces, name);
}
std::optional<TensorKind> tensor_kind_from(std::string_view name) {
  return find<TensorKind>(kTensors, name);
}

std::vector<std::string> op_names() { return list(kOps); }
std::vector<std::string> unary_names() { return list(kUnaries); }
std::vector<std::string> binary_names() { return list(kBinaries); }
std::vector<std::string> reduce_names() { return list(kReduces); }

std::string word_for(const Op& op) {
  if (const auto* unary = std::get_if<UnaryAttrs>(&op.attributes)) {
    if (op.kind == OpKind::kUnary) return std::string(to_string(unary->kind));
  }
  if (const auto* binary = std::get_if<BinaryAttrs>(&op.attributes)) {
    return std::string(to_string(binary->kind));
  }
  if (op.kind == OpKind::kReduce) {
    return "reduce_" + std::string(to_string(std::get<AxesAttrs>(op.attributes).reduce));
  }
  return std::string(to_string(op.kind));
}

}  // namespace takt
