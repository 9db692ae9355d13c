// SPDX-License-Identifier: Apache-2.0
#include "execution.h"

#include <cstdlib>

#include "elementwise.h"
#include "functions.h"
#include "rows.h"

namespace takt::gpu {
namespace {

struct SeedBody {
  Any tensor;
  Rule rule;
  std::uint64_t seed, name;
  TAKT_HD void operator()(std::int64_t i) const {
    const std::uint64_t bits = random_bits(seed, name, static_cast<std::uint64_t>(i));
    if (rule.kind == Rule::kFraction) {
      store_real(tensor.type, tensor.data, i, static_cast<Real>(seeded_fraction(rule, bits)));
    } else if (tensor.type == Type::kFp32 || tensor.type == Type::kFp64 ||
               tensor.type == Type::kFp16 || tensor.type == Type::kBf16 ||
               tensor.type == Type::kFp8) {
      store_real(tensor.type, tensor.data, i, static_cast<Real>(seeded_whole(rule, bits)));
    } else {
      store_whole(tensor.type, tensor.data, i, seeded_whole(rule, bits));
    }
  }
};

struct MagnitudeBody {
  const std::int64_t* wide;
  TAKT_HD std::uint64_t operator()(std::int64_t i) const {
    return static_cast<std::uint64_t>(wide[i] < 0 ? -wide[i] : wide[i]);
  }
};

struct NarrowBody {
  const std::int64_t* wide;
  Out out;
  TAKT_HD void operator()(std::int64_t i) const { out.whole(i, wide[i]); }
};

enum class Room { kElementwise, kRows, kWindow, kMoves, kProduct, kUnknown };

Room room_of(const std::string& kind) {
  for (const char* name : {"unary", "binary", "sum", "where", "clip", "cast", "batch_norm"}) {
    if (kind == name) return Room::kElementwise;
  }
  for (const char* name :
       {"softmax", "layer_norm", "group_norm", "instance_norm", "rms_norm", "reduce", "arg_max"}) {
    if (kind == name) return Room::kRows;
  }
  for (const char* name : {"max_pool", "average_pool", "lrn", "resize"}) {
    if (kind == name) return Room::kWindow;
  }
  for (const char* name :
       {"concat", "split", "slice", "pad", "transpose", "reshape", "expand", "gather"}) {
    if (kind == name) return Room::kMoves;
  }
  return kind == "conv" || kind == "matmul" ? Room::kProduct : Room::kUnknown;
}

/// Why one op has no values here; empty if it has.
std::string reason(const Execution& run, const Op& op) {
  const Room room = room_of(op.kind);
  if (room == Room::kUnknown) return "operator '" + op.kind + "' has no kernel here";
  for (std::size_t i = 1; i < op.outputs.size() && op.kind != "split"; ++i) {
    if (op.outputs[i] != kNone) return "only its first result has a kernel here";
  }
  const std::size_t rank = op.has(0) ? run.tensor(op.inputs[0]).dims.size() : 0;
  const bool image = rank == 3 || rank == 4, narrow = run.quantised(op.outputs[0]);
  const bool windowed = op.kind == "conv" || op.kind == "max_pool" || op.kind == "average_pool";
  if (windowed && !image && op.whole("global") == 0) return "only images have windows";
  if (op.kind == "resize" && !(image && op.text("mode") == "nearest")) {
    return "only resizing of images to the nearest pixel has a kernel here";
  }
  const std::string mode = op.text("mode");
  if (op.kind == "pad" && ((!mode.empty() && mode != "constant") || op.real("value") != 0)) {
    return "only padding by zero has a kernel here";
  }
  if (op.kind == "batch_norm") {
    for (std::size_t operand = 1; operand <= 4; ++operand) {
      if (!op.has(operand)) return "batch norms without one of their operands";
    }
  }
  if (op.kind == "arg_max" && (op.text("function") == "min" || op.whole("k") < 0)) {
    return "only the first of the largest has a kernel here";
  }
  if (op.kind == "softmax" && narrow && op.whole("logarithm") != 0) {
    return "LogSoftmax has no kernel for whole numbers";
  }
  if (op.kind == "lrn" && narrow && op.real("beta") != 0.75) {
    return "LRN has a kernel for whole numbers for beta 0.75 only";
  }
  const std::string function = op.text("function");
  const bool logarithm = function == "log_sum" || function == "log_sum_exp";
  if (op.kind == "reduce" && !info(run.tensor(op.outputs[0]).type).is_float &&
      (logarithm || (narrow && function == "prod"))) {
    return "this reduction has no kernel for whole numbers";
  }
  Function known{};
  if ((op.kind == "unary" && !function_from(function, &known)) ||
      (op.kind == "binary" && !pair_known(function)) ||
      (op.kind == "reduce" && !reduction_known(function))) {
    return "function '" + function + "' is not known here";
  }
  if (op.kind == "sum" && op.inputs.size() > 8) return "sums of more than 8 operands";
  return "";
}

}  // namespace

Launch launch_of(Execution& run, const Op& op, std::size_t output) {
  switch (room_of(op.kind)) {
    case Room::kElementwise: return elementwise(run, op);
    case Room::kRows: return rows(run, op);
    case Room::kWindow: return window(run, op);
    case Room::kMoves: return moves(run, op, output);
    default: return product(run, op);
  }
}

Execution::Execution(const Network& network, std::uint64_t seed, const DeviceFacts& facts)
    : network_(network),
      seed_(seed),
      facts_(facts),
      memory_(network.tensors.size()),
      multipliers_(network.ops.size(), 1U << 31) {}

std::vector<std::string> Execution::unsupported() const {
  std::vector<std::string> out;
  for (const Op& op : network_.ops) {
    const std::string why = reason(*this, op);
    if (!why.empty()) out.push_back("node '" + op.name + "': " + why);
  }
  return out;
}

bool Execution::scaled(const Op& op) const {
  if (!quantised(op.outputs[0])) return false;
  const std::string function = op.text("function");
  if (op.kind == "binary") {
    return function == "add" || function == "sub" || function == "mul" || function == "div" ||
           function == "pow";
  }
  if (op.kind == "reduce") return function != "mean" && function != "max" && function != "min";
  if (op.kind == "arg_max") return false;
  const Room room = room_of(op.kind);
  return room == Room::kProduct || room == Room::kRows || op.kind == "sum" ||
         op.kind == "batch_norm";
}

void Execution::fill(int id) {
  const Tensor& t = tensor(id);
  const Any to = any(id);
  if (t.rule.kind != Rule::kNone) {
    for_each(t.elements(), SeedBody{to, t.rule, seed_, t.name_hash});
    return;
  }
  std::vector<unsigned char> host(t.bytes());
  for (std::size_t i = 0; i < t.values.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    if (info(t.type).is_float) {
      store_real(t.type, host.data(), at,
                 static_cast<Real>(std::strtod(t.values[i].c_str(), nullptr)));
    } else {
      // Written as a number with a point if it is beyond 2^53.
      store_whole(t.type, host.data(), at,
                  static_cast<std::int64_t>(std::strtod(t.values[i].c_str(), nullptr)));
    }
  }
  copy_in(to.data, host.data(), host.size());
}

void Execution::run(const std::function<void(int)>& made) {
  for (std::size_t i = 0; i < memory_.size(); ++i) {
    memory_[i] = Memory(network_.tensors[i].bytes());
    if (!network_.tensors[i].is_made) fill(static_cast<int>(i));
  }
  for (std::size_t i = 0; i < network_.ops.size(); ++i) {
    run_op(static_cast<int>(i));
    made(static_cast<int>(i));
  }
}

void Execution::run_op(int id) {
  const Op& op = network_.ops[static_cast<std::size_t>(id)];
  for (std::size_t output = 0; output < op.outputs.size(); ++output) {
    if (op.outputs[output] == kNone) continue;
    const Launch launch = launch_of(*this, op, output);
    Out out;
    out.tensor = any(op.outputs[output]);
    if (!scaled(op)) {
      launch(out);
      wait();
      continue;
    }
    // One factor for the whole tensor, from the exact sum of its magnitudes.
    const std::int64_t count = tensor(op.outputs[output]).elements();
    const Memory wide(static_cast<std::size_t>(count) * 8);
    out.wide = wide.data<std::int64_t>();
    launch(out);
    const std::uint64_t magnitudes = sum_of_each(count, MagnitudeBody{out.wide});
    out.multiplier = multiplier_for(magnitudes, static_cast<std::uint64_t>(count), out.tensor.type);
    multipliers_[static_cast<std::size_t>(id)] = out.multiplier;
    out.scaled = true;
    out.wide = nullptr;
    for_each(count, NarrowBody{wide.data<std::int64_t>(), out});
    wait();
  }
}

std::vector<unsigned char> Execution::bytes(int id) const {
  std::vector<unsigned char> out(tensor(id).bytes());
  copy_out(out.data(), memory_[static_cast<std::size_t>(id)].data(), out.size());
  return out;
}

}  // namespace takt::gpu
