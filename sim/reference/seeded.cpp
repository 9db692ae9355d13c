// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/seeded.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace takt {
namespace {

/// A reader of a tensor: the op, and as which operand. Looks through ops that only move elements.
struct Reader {
  OpId op;
  std::size_t operand = 0;
};

bool moves_only(OpKind kind) {
  switch (kind) {
    case OpKind::kReshape:
    case OpKind::kTranspose:
    case OpKind::kExpand:
    case OpKind::kSlice:
    case OpKind::kSplit:
    case OpKind::kConcat:
    case OpKind::kCast: return true;
    default: return false;
  }
}

std::optional<Reader> first_reader(const Graph& graph, TensorId tensor, int depth = 0) {
  for (std::uint32_t i = 0; i < graph.ops.size(); ++i) {
    const Op& op = graph.ops[i];
    for (std::size_t operand = 0; operand < op.inputs.size(); ++operand) {
      if (op.inputs[operand] != tensor) continue;
      if (!moves_only(op.kind) || depth == 8) return Reader{{i}, operand};
      const auto behind = first_reader(graph, op.outputs[0], depth + 1);
      if (behind) return behind;
    }
  }
  return std::nullopt;
}

/// sqrt(6 / k) in single precision, from whole numbers: floor(sqrt(6 * 2^40 / k)) / 2^20. With
/// uniform weights (variance 1/3 of the factor's square) and half of the inputs cut off by a ReLU,
/// sums keep the variance of the inputs: k * (6 / k) / 3 / 2 = 1.
float weight_factor(std::int64_t k) {
  const std::uint64_t root =
      isqrt((6ULL << 40) / static_cast<std::uint64_t>(std::max<std::int64_t>(1, k)));
  return static_cast<float>(root) / 1048576.0F;
}

SeedRule fraction(float factor, float offset = 0) {
  SeedRule rule;
  rule.kind = SeedRule::Kind::kFraction;
  rule.factor = factor;
  rule.offset = offset;
  return rule;
}

bool is_norm(OpKind kind) {
  return kind == OpKind::kLayerNorm || kind == OpKind::kGroupNorm ||
         kind == OpKind::kInstanceNorm || kind == OpKind::kBatchNorm || kind == OpKind::kRmsNorm;
}

SeedRule float_rule(const Semantics& semantics, const std::optional<Reader>& reader) {
  if (!reader) return fraction(1);
  const OpKind kind = semantics.op(reader->op).kind;
  if (const std::int64_t k = semantics.weight_sums(reader->op, reader->operand); k > 0) {
    return fraction(weight_factor(k));
  }
  // Factors of norms about 1, and variances positive.
  if (is_norm(kind) && (reader->operand == 1 || reader->operand == 4)) return fraction(0.5F, 1);
  if (reader->operand > 1) return fraction(0.25F);
  return fraction(1);
}

}  // namespace

std::uint64_t name_hash(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

std::uint64_t random_bits(std::uint64_t seed, std::uint64_t name, std::uint64_t index) {
  // SplitMix64's output function (Steele, Lea, Flood, OOPSLA 2014) of a counter.
  const auto mix = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  };
  const std::uint64_t stream = mix(seed + 0x9E3779B97F4A7C15ULL) ^ name;
  return mix(stream + (index + 1) * 0x9E3779B97F4A7C15ULL);
}

SeedRule seed_rule(const Semantics& semantics, TensorId tensor) {
  const Graph& graph = semantics.graph();
  const DType type = semantics.dtype(tensor);
  const auto reader = first_reader(graph, tensor);
  if (info(type).is_float) return float_rule(semantics, reader);
  SeedRule rule;
  if (semantics.quantised(tensor)) {
    // 16-bit weights keep to 8 bits, so that sums of products stay within 32.
    const bool input = graph.tensor(tensor).kind == TensorKind::kInput;
    rule.limit = type == DType::kInt16 && input ? 4095 : 127;
    return rule;
  }
  rule.kind = SeedRule::Kind::kBelow;
  rule.limit = 2;
  if (reader && semantics.op(reader->op).kind == OpKind::kGather && reader->operand == 1) {
    const Op& gather = semantics.op(reader->op);
    const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(gather.attributes).axis);
    rule.limit = graph.tensor(gather.inputs[0]).shape[axis];
  }
  return rule;
}

double seeded_element(const SeedRule& rule, DType dtype, std::uint64_t bits) {
  const auto scaled = [&](std::uint64_t count) {  // of the upper 32 bits; count < 2^32
    return static_cast<std::int64_t>(((bits >> 32) * count) >> 32);
  };
  switch (rule.kind) {
    case SeedRule::Kind::kSigned:
      return static_cast<double>(scaled(static_cast<std::uint64_t>(2 * rule.limit + 1)) -
                                 rule.limit);
    case SeedRule::Kind::kBelow:
      return static_cast<double>(scaled(static_cast<std::uint64_t>(rule.limit)));
    case SeedRule::Kind::kFraction: break;
  }
  const auto u = static_cast<float>(static_cast<std::int64_t>(bits >> 40) - (1 << 23)) * 0x1p-23F;
  const float scaled_u = rule.factor * u;  // one rounding each: no fused multiply-add
  const float value = rule.offset + scaled_u;
  return rounded(dtype, static_cast<double>(value));
}

namespace {

double own_value(const Tensor& tensor, std::int64_t i) {
  if (const auto* whole = std::get_if<Tensor::IntData>(&tensor.constant)) {
    return static_cast<double>((*whole)[static_cast<std::size_t>(i)]);
  }
  return std::get<Tensor::FloatData>(tensor.constant)[static_cast<std::size_t>(i)];
}

}  // namespace

bool brings_values(const Semantics& semantics, TensorId tensor) {
  const Tensor& t = semantics.graph().tensor(tensor);
  if (std::holds_alternative<std::monostate>(t.constant)) return false;
  // Floats of a network run in whole numbers would mostly round to 0: only single ones are kept.
  const bool narrowed = semantics.quantised(tensor) && info(t.dtype).is_float;
  return !(narrowed && semantics.elements(tensor) > 1);
}

TensorValues initial_values(const Semantics& semantics, TensorId tensor, std::uint64_t seed) {
  const Tensor& t = semantics.graph().tensor(tensor);
  const DType type = semantics.dtype(tensor);
  const std::int64_t elements = semantics.elements(tensor);
  TensorValues values(type, elements);
  if (brings_values(semantics, tensor)) {
    const bool narrowed = semantics.quantised(tensor) && info(t.dtype).is_float;
    for (std::int64_t i = 0; i < elements; ++i) {
      const double own = own_value(t, i);
      values.set(i, narrowed ? quantised_number(own, type) : rounded(type, own));
    }
    return values;
  }
  const SeedRule rule = seed_rule(semantics, tensor);
  const std::uint64_t name = name_hash(t.name);
  for (std::int64_t i = 0; i < elements; ++i) {
    values.set(i,
               seeded_element(rule, type, random_bits(seed, name, static_cast<std::uint64_t>(i))));
  }
  return values;
}

NetworkValues starting_values(const Semantics& semantics, std::uint64_t seed) {
  const Graph& graph = semantics.graph();
  std::vector<bool> made(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    for (const TensorId output : op.outputs) {
      if (output.valid()) made[output.index] = true;
    }
  }
  NetworkValues values;
  values.tensors.resize(graph.tensors.size());
  values.scales.resize(graph.ops.size());
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) {
    if (!made[i]) values.tensors[i] = initial_values(semantics, {i}, seed);
  }
  return values;
}

Diagnostics undefined_values(const Semantics& semantics) {
  Diagnostics errors;
  for (std::uint32_t i = 0; i < semantics.graph().ops.size(); ++i) {
    const std::string why = semantics.unsupported({i});
    if (why.empty()) continue;
    Diagnostic d;
    d.kind = ErrorKind::kUnsupported;
    d.name = "E-values";
    d.path = "node '" + semantics.graph().ops[i].name + "'";
    d.message = why;
    d.hint = "run it without --check";
    errors.push_back(std::move(d));
  }
  return errors;
}

}  // namespace takt
