// SPDX-License-Identifier: Apache-2.0
#include "bench.h"

#include <functional>

#include "bench_table.h"
#include "library.h"
#include "product_parts.h"
#include "record.h"
#include "shapes.h"

namespace takt::gpu {
namespace {

constexpr Type kBenchTypes[] = {Type::kInt8, Type::kFp16, Type::kBf16};

void gemms(Table& table, const DeviceFacts& facts) {
  for (const GemmShape& g : gemm_shapes()) {
    for (const Type type : kBenchTypes) {
      table.row(
          g.work(),
          [&](Json& json) {
            json.add("m", g.m).add("n", g.n).add("k", g.k).add("dtype", info(type).name);
          },
          [&] {
            const Memory a = noise(type, g.m * g.k), b = noise(type, g.n * g.k);
            const Memory out(static_cast<std::size_t>(g.m * g.n) * 4);
            MatMulShape shape;
            shape.m = g.m, shape.n = g.n, shape.k = g.k, shape.transpose_b = true;
            const MatMulParts parts = matmul_parts({type, a.data()}, {type, b.data()}, shape);
            Epilogue e;
            e.type = type;
            std::vector<TimedKernel> kernels;
            kernels.push_back({"own.gemm",
                               [=] {
                                 static_cast<void>(a), static_cast<void>(b);
                                 parts.results(out.data(), e, facts.multiprocessors);
                               },
                               -1});
            const LibraryKernel library =
                library_gemm({type, g.m, g.n, g.k, 1, a.data(), b.data(), 0, 0, out.data()});
            if (library.launch) kernels.push_back({library.name, library.launch, -1});
            return kernels;
          });
    }
  }
}

/// A network of one op, through the same code as any other.
struct OneOp {
  Network network;
  explicit OneOp(const std::string& kind) {
    Op op;
    op.name = op.kind = kind;
    network.ops.push_back(op);
  }
  void input(Type type, Dims dims) { network.ops[0].inputs.push_back(add(type, dims, false)); }
  void output(Type type, Dims dims) { network.ops[0].outputs.push_back(add(type, dims, true)); }
  void attribute(const std::string& key, const std::string& value) {
    network.ops[0].attributes[key] = value;
  }

 private:
  int add(Type type, const Dims& dims, bool made) {
    Tensor t;
    t.name = "t" + std::to_string(network.tensors.size());
    t.type = type;
    t.dims = dims;
    t.is_made = made;
    t.is_parameter = !made && !network.tensors.empty();
    t.name_hash = network.tensors.size();
    t.rule.kind = made ? Rule::kNone : info(type).is_float ? Rule::kFraction : Rule::kSigned;
    t.rule.limit = 127;
    network.tensors.push_back(t);
    return static_cast<int>(network.tensors.size()) - 1;
  }
};

/// Its kernels, with all that they read.
std::vector<TimedKernel> kernels_of(const std::shared_ptr<OneOp>& one, const DeviceFacts& facts) {
  const auto run = std::make_shared<Execution>(one->network, 1, facts);
  run->run([](int) {});
  std::vector<TimedKernel> kernels = run->timed(0);
  for (TimedKernel& kernel : kernels) {
    const auto launch = kernel.launch;
    kernel.launch = [=] { static_cast<void>(one), static_cast<void>(run), launch(); };
  }
  return kernels;
}

void convs(Table& table, const DeviceFacts& facts) {
  for (const ConvCase& c : conv_shapes()) {
    const int p = (c.h + 2 * c.pad - c.r) / c.stride + 1,
              q = (c.w + 2 * c.pad - c.s) / c.stride + 1;
    const double work = static_cast<double>(c.n) * c.o * p * q * (c.c / c.groups) * c.r * c.s;
    const auto pair = [](int a) { return std::to_string(a) + "," + std::to_string(a); };
    for (const Type type : kBenchTypes) {
      table.row(
          work,
          [&](Json& json) {
            json.add("n", c.n).add("c", c.c).add("h", c.h).add("w", c.w).add("k", c.o);
            json.add("r", c.r).add("s", c.s).add("stride", c.stride).add("pad", c.pad);
            json.add("groups", c.groups).add("dtype", info(type).name);
          },
          [&] {
            const auto one = std::make_shared<OneOp>("conv");
            one->input(type, {c.n, c.c, c.h, c.w});
            one->input(type, {c.o, c.c / c.groups, c.r, c.s});
            one->output(type, {c.n, c.o, p, q});
            one->attribute("stride", pair(c.stride));
            one->attribute("pad_begin", pair(c.pad));
            one->attribute("dilation", "1,1");
            one->attribute("groups", std::to_string(c.groups));
            return kernels_of(one, facts);
          });
    }
  }
}

void row_ops(Table& table, const DeviceFacts& facts, const std::string& kind) {
  for (const std::int64_t length : {64, 128, 256, 512, 768, 1000, 1024, 2048, 4096, 16384}) {
    for (const std::int64_t rows : {1, 12, 128, 1536, 6144, 32768}) {
      for (const Type type : kBenchTypes) {
        table.row(
            static_cast<double>(rows) * static_cast<double>(length),
            [&](Json& json) {
              json.add("rows", rows).add("elements", length).add("dtype", info(type).name);
            },
            [&] {
              const auto one = std::make_shared<OneOp>(kind);
              one->input(type, {rows, length});
              if (kind == "layer_norm") one->input(type, {length});
              if (kind == "layer_norm") one->input(type, {length});
              one->output(type, {rows, length});
              one->attribute("axes", "1");
              one->attribute("epsilon", "1e-5");
              return kernels_of(one, facts);
            });
      }
    }
  }
}

}  // namespace

std::vector<std::string> bench_suites() {
  return {"copy", "gemm", "conv", "softmax", "layer_norm", "attention"};
}

BenchResult bench(const std::string& suite, const DeviceFacts& facts, double budget_seconds,
                  double most_work) {
  Json json;
  json.open("", '{').add("kind", "takt_reference_bench").add("schema_version", kRecordVersion);
  json.add("suite", suite);
  write_facts(json, facts);
  json.open("rows", '[');
  Table table(json, budget_seconds, most_work);
  if (suite == "copy") copies(table);
  if (suite == "gemm") gemms(table, facts);
  if (suite == "conv") convs(table, facts);
  if (suite == "softmax" || suite == "layer_norm") row_ops(table, facts, suite);
  if (suite == "attention") attentions(table);
  json.close().add("left_out", table.left_out).close();
  return {json.text(), table.measured, table.left_out, table.differ};
}

}  // namespace takt::gpu
