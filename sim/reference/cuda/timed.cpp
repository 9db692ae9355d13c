// SPDX-License-Identifier: Apache-2.0
// The kernels of an op as a deployed network would run them: scales known, operands in the order
// the kernel likes, bias, scale and type at the end of a product. Each is compared with the values.
#include "library.h"
#include "product_parts.h"

namespace takt::gpu {
namespace {

/// Elements of `mine` that are not those of `known`; floats may differ by a rounding or two.
struct DifferBody {
  Any mine, known;
  Walk walk;  ///< element of mine, by that of known
  bool is_float;
  TAKT_HD std::uint64_t operator()(std::int64_t i) const {
    if (!is_float) return mine.whole(walk.at(i)) != known.whole(i);
    const Real a = mine.real(walk.at(i)), b = known.real(i);
    const Real gap = a < b ? b - a : a - b, size = b < 0 ? -b : b;
    return !(gap <= Real(0.02) * (1 + size));
  }
};

std::int64_t differing(Any mine, Any known, const Walk& walk, std::int64_t count) {
  const bool is_float = info(known.type).is_float;
  return static_cast<std::int64_t>(sum_of_each(count, DifferBody{mine, known, walk, is_float}));
}

Epilogue epilogue_of(const Execution& run, const Op& op, int id, std::int64_t length) {
  Epilogue e;
  e.type = run.tensor(op.outputs[0]).type;
  if (op.has(2)) e.bias = run.any(op.inputs[2]);
  e.bias_factor = bias_factor(length);
  e.multiplier = run.multiplier(id);
  if (op.kind == "matmul") {
    e.alpha = static_cast<Real>(op.real("alpha"));
    e.beta = static_cast<Real>(op.real("beta"));
  }
  return e;
}

/// A library's plain sums against our own: both are int32 or the operands' type.
TimedKernel library_kernel(const LibraryKernel& kernel, Any theirs, Any ours, std::int64_t count) {
  TimedKernel timed{kernel.name, kernel.launch, -1};
  kernel.launch();
  wait();
  timed.differ = differing(theirs, ours, walk_over({count}, {1}), count);
  return timed;
}

/// Our own sums without bias or scale, as a library returns them.
template <class Parts>
Memory plain(const Parts& parts, Type type, std::int64_t count, int multiprocessors) {
  Memory out(static_cast<std::size_t>(count) * 4);
  Epilogue e;
  e.type = type;
  e.plain = type == Type::kInt8;
  parts.results(out.data(), e, multiprocessors);
  return out;
}

std::vector<TimedKernel> timed_conv(const Execution& run, const Op& op, int id) {
  const ConvShape g = conv_shape(run, op);
  const Any x = run.any(op.inputs[0]), known = run.any(op.outputs[0]);
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  const int sms = run.facts().multiprocessors;
  const auto parts = std::make_shared<ConvParts>(conv_parts(x, run.any(op.inputs[1]), g));
  Epilogue e = epilogue_of(run, op, id, g.length());
  e.bias_batch = g.group_outputs();
  const Memory out(static_cast<std::size_t>(count) * 4);
  std::vector<TimedKernel> kernels;
  kernels.push_back({"own.conv", [=] { parts->results(out.data(), e, sms); }, -1});
  kernels.back().launch();
  const std::int64_t spatial = std::int64_t{g.p} * g.q;
  kernels.back().differ = differing({e.type, out.data()}, known,
                                    walk_over({g.n, g.o, spatial}, {spatial * g.o, 1, g.o}), count);
  const Memory theirs(static_cast<std::size_t>(count) * 4);
  ConvCall call{x.type,
                g.n,
                g.c,
                g.h,
                g.w,
                g.o,
                g.r,
                g.s,
                g.p,
                g.q,
                g.groups,
                {g.stride[0], g.stride[1]},
                {g.pad[0], g.pad[1]},
                {g.dilation[0], g.dilation[1]},
                parts->x.data(),
                parts->weights.data(),
                theirs.data()};
  const LibraryKernel library = library_conv(call);
  if (!library.launch) return kernels;
  const Memory ours = plain(*parts, x.type, count, sms);
  const Type type = x.type == Type::kInt8 ? Type::kInt32 : x.type;
  kernels.push_back(library_kernel(library, {type, theirs.data()}, {type, ours.data()}, count));
  // What the launch reads and writes lives as long as it does.
  const auto launch = kernels.back().launch;
  kernels.back().launch = [=] { static_cast<void>(parts), static_cast<void>(theirs), launch(); };
  return kernels;
}

std::vector<TimedKernel> timed_matmul(const Execution& run, const Op& op, int id) {
  const MatMulShape g = matmul_shape(run, op);
  const Any a = run.any(op.inputs[0]), b = run.any(op.inputs[1]), known = run.any(op.outputs[0]);
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  const int sms = run.facts().multiprocessors;
  const auto parts = std::make_shared<MatMulParts>(matmul_parts(a, b, g));
  const Epilogue e = epilogue_of(run, op, id, g.k);
  const Memory out(static_cast<std::size_t>(count) * 4);
  std::vector<TimedKernel> kernels;
  // A bias that is not one number a column stays out of the kernel, and so does the comparison.
  const bool simple = !op.has(2) || (run.tensor(op.inputs[2]).elements() == g.n &&
                                     run.tensor(op.inputs[2]).dims.back() == g.n);
  Epilogue mine = e;
  if (!simple) mine.bias = {};
  // Weights are put in order once; what the network makes, each time.
  const bool again = !run.tensor(op.inputs[1]).is_parameter || g.transpose_a;
  kernels.push_back({"own.gemm",
                     [=] {
                       if (again) reorder(*parts, a, b);
                       parts->results(out.data(), mine, sms);
                     },
                     -1});
  kernels.back().launch();
  if (simple) {
    kernels.back().differ = differing({e.type, out.data()}, known, walk_over({count}, {1}), count);
  }
  if (g.a_matrix.loops > 1 || g.b_matrix.loops > 1) return kernels;
  const Memory theirs(static_cast<std::size_t>(count) * 4);
  GemmCall call{a.type,        g.m,           g.n, g.k, g.batches,
                parts->a.data, parts->b.data, 0,   0,   theirs.data()};
  if (g.a_matrix.loops == 1) call.a_batch = g.a_matrix.stride[0] * g.m * g.k;
  if (g.b_matrix.loops == 1) call.b_batch = g.b_matrix.stride[0] * g.n * g.k;
  const LibraryKernel library = library_gemm(call);
  if (!library.launch) return kernels;
  const Memory ours = plain(*parts, a.type, count, sms);
  const Type type = a.type == Type::kInt8 ? Type::kInt32 : a.type;
  kernels.push_back(library_kernel(library, {type, theirs.data()}, {type, ours.data()}, count));
  const auto launch = kernels.back().launch;
  kernels.back().launch = [=] { static_cast<void>(parts), static_cast<void>(theirs), launch(); };
  return kernels;
}

}  // namespace

std::vector<TimedKernel> Execution::timed(int id) {
  const Op& op = network_.ops[static_cast<std::size_t>(id)];
  if (op.kind == "conv" || op.kind == "matmul") {
    const Type type = tensor(op.inputs[0]).type;
    const bool tile =
        has_tile(type) && tensor(op.inputs[1]).type == type && tensor(op.outputs[0]).type == type;
    if (tile && op.kind == "matmul") return timed_matmul(*this, op, id);
    if (tile && !conv_shape(*this, op).is_depthwise()) return timed_conv(*this, op, id);
  }
  std::vector<TimedKernel> kernels;
  for (std::size_t output = 0; output < op.outputs.size(); ++output) {
    if (op.outputs[output] == kNone) continue;
    const Launch launch = launch_of(*this, op, output);
    Out out;
    out.tensor = any(op.outputs[output]);
    out.scaled = scaled(op);
    out.multiplier = multiplier(id);
    // Into the op's own result, which it must leave as it is.
    kernels.push_back({"own." + op.kind, [=] { launch(out); }, -1});
  }
  return kernels;
}

}  // namespace takt::gpu
