// SPDX-License-Identifier: Apache-2.0
#include "selftest.h"

#include <array>
#include <cmath>

#include "attention.h"
#include "generator.h"
#include "library.h"
#include "product_parts.h"

namespace takt::gpu {
namespace {

/// Small whole numbers, so that sums of products are exact in every type.
double small_value(std::uint64_t stream, std::int64_t i) {
  return static_cast<double>(random_bits(7, stream, static_cast<std::uint64_t>(i)) >> 61) - 4;
}

struct Filled {
  Memory memory;
  Any any;
  std::vector<double> values;
  Filled(Type type, std::int64_t count, std::uint64_t stream, double scale = 1)
      : memory(static_cast<std::size_t>(count) * info(type).bytes), any{type, memory.data()} {
    std::vector<unsigned char> host(static_cast<std::size_t>(count) * info(type).bytes);
    for (std::int64_t i = 0; i < count; ++i) {
      values.push_back(small_value(stream, i) * scale);
      info(type).is_float
          ? store_real(type, host.data(), i, static_cast<Real>(values.back()))
          : store_whole(type, host.data(), i, static_cast<std::int64_t>(values.back()));
    }
    copy_in(memory.data(), host.data(), host.size());
  }
};

std::vector<double> read(const Memory& memory, Type type, std::int64_t count) {
  std::vector<unsigned char> host(static_cast<std::size_t>(count) * info(type).bytes);
  copy_out(host.data(), memory.data(), host.size());
  std::vector<double> out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.push_back(static_cast<double>(load_real(type, host.data(), i)));
  }
  return out;
}

class Findings {
 public:
  std::vector<std::string> lines;
  void compare(const std::string& what, const std::vector<double>& got,
               const std::vector<double>& want, double bound) {
    for (std::size_t i = 0; i < want.size(); ++i) {
      if (std::fabs(got[i] - want[i]) <= bound) continue;
      lines.push_back(what + ": element " + std::to_string(i) + " is " + std::to_string(got[i]) +
                      " instead of " + std::to_string(want[i]));
      return;
    }
  }
};

Type sum_type(Type type) { return type == Type::kInt8 ? Type::kInt32 : Type::kFp32; }

void gemm(Findings& findings, Type type, MatMulShape g, int multiprocessors) {
  const Filled a(type, g.batches * g.m * g.k, 1), b(type, g.batches * g.n * g.k, 2);
  g.a_matrices = g.b_matrices = g.batches;
  g.a_matrix = g.b_matrix = walk_over({g.batches}, {1});
  std::vector<double> want;
  for (std::int64_t z = 0; z < g.batches; ++z) {
    for (std::int64_t m = 0; m < g.m; ++m) {
      for (std::int64_t n = 0; n < g.n; ++n) {
        double sum = 0;
        for (std::int64_t k = 0; k < g.k; ++k) {
          const std::int64_t at_a = z * g.m * g.k + (g.transpose_a ? k * g.m + m : m * g.k + k);
          const std::int64_t at_b = z * g.n * g.k + (g.transpose_b ? n * g.k + k : k * g.n + n);
          sum +=
              a.values[static_cast<std::size_t>(at_a)] * b.values[static_cast<std::size_t>(at_b)];
        }
        want.push_back(sum);
      }
    }
  }
  const auto count = static_cast<std::int64_t>(want.size());
  const Memory sums(static_cast<std::size_t>(count) * 4);
  const MatMulParts parts = matmul_parts(a.any, b.any, g);
  parts.results(sums.data(), plain_sums(), multiprocessors);
  wait();
  const std::string what = std::string("gemm ") + info(type).name + " " + std::to_string(g.m) +
                           "x" + std::to_string(g.n) + "x" + std::to_string(g.k);
  findings.compare(what, read(sums, sum_type(type), count), want, 0);
  const LibraryKernel library = library_gemm({type, g.m, g.n, g.k, g.batches, parts.a.data,
                                              parts.b.data, g.m * g.k, g.n * g.k, sums.data()});
  if (!library.launch) return;
  library.launch();
  wait();
  const Type result = type == Type::kInt8 ? Type::kInt32 : type;
  // A library's result is rounded to its type: sums of up to 2^11 here, 8 bits in bf16.
  findings.compare(what + " by " + library.name, read(sums, result, count), want,
                   type == Type::kInt8 ? 0 : 8);
}

void conv(Findings& findings, Type type, const ConvShape& g, int multiprocessors) {
  const Filled x(type, std::int64_t{g.n} * g.c * g.h * g.w, 3), weights(type, g.o * g.length(), 4);
  const std::int64_t count = g.pixels() * g.o;
  std::vector<double> want(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto o = static_cast<int>(i % g.o), q = static_cast<int>(i / g.o % g.q);
    const auto p = static_cast<int>(i / g.o / g.q % g.p), n = static_cast<int>(i / g.o / g.q / g.p);
    for (int t = 0; t < g.group_channels() * g.r * g.s; ++t) {
      const int c = t / g.r / g.s, r = t / g.s % g.r, s = t % g.s;
      const int y = p * g.stride[0] - g.pad[0] + r * g.dilation[0];
      const int z = q * g.stride[1] - g.pad[1] + s * g.dilation[1];
      if (y < 0 || y >= g.h || z < 0 || z >= g.w) continue;
      const int channel = o / g.group_outputs() * g.group_channels() + c;
      const std::int64_t at = ((std::int64_t{n} * g.c + channel) * g.h + y) * g.w + z;
      want[static_cast<std::size_t>(i)] +=
          x.values[static_cast<std::size_t>(at)] *
          weights.values[static_cast<std::size_t>(std::int64_t{o} * g.length() + t)];
    }
  }
  const Memory sums(static_cast<std::size_t>(count) * 4);
  const ConvParts parts = conv_parts(x.any, weights.any, g);
  parts.results(sums.data(), plain_sums(), multiprocessors);
  wait();
  findings.compare(std::string("conv ") + info(type).name + " of " + std::to_string(g.c) +
                       " channels in " + std::to_string(g.groups) + " groups",
                   read(sums, sum_type(type), count), want, 0);
}

template <class T, int Head>
void attention_of(Findings& findings, Type type, std::int64_t queries, std::int64_t keys) {
  constexpr std::int64_t kHeads = 2;
  const Filled q(type, kHeads * queries * Head, 5, 0.125), k(type, kHeads * keys * Head, 6, 0.125);
  const Filled v(type, kHeads * keys * Head, 7, 0.25);
  std::vector<double> want;
  for (std::int64_t row = 0; row < kHeads * queries; ++row) {
    const std::int64_t base = row / queries * keys;
    std::vector<double> weights;
    double total = 0;
    for (std::int64_t i = 0; i < keys; ++i) {
      double score = 0;
      for (int d = 0; d < Head; ++d) {
        score += q.values[static_cast<std::size_t>(row * Head + d)] *
                 k.values[static_cast<std::size_t>((base + i) * Head + d)];
      }
      weights.push_back(std::exp(score / std::sqrt(static_cast<double>(Head))));
      total += weights.back();
    }
    for (int d = 0; d < Head; ++d) {
      double sum = 0;
      for (std::int64_t i = 0; i < keys; ++i) {
        sum += weights[static_cast<std::size_t>(i)] *
               v.values[static_cast<std::size_t>((base + i) * Head + d)];
      }
      want.push_back(sum / total);
    }
  }
  const auto count = static_cast<std::int64_t>(want.size());
  const Memory out(static_cast<std::size_t>(count) * info(type).bytes);
  attention<T, Head>(q.memory.data<T>(), k.memory.data<T>(), v.memory.data<T>(), out.data<T>(),
                     kHeads, queries, keys);
  wait();
  findings.compare(
      std::string("attention ") + info(type).name + " of heads of " + std::to_string(Head),
      read(out, type, count), want, type == Type::kFp16 ? 0.004 : 0.03);
}

}  // namespace

std::vector<std::string> selftest_host() {
  Findings findings;
  const auto expect = [&](bool right, const char* what) {
    if (!right) findings.lines.emplace_back(what);
  };
  expect(fnv1a("an image", 8) == 0xA08EE30B01662117ULL, "the hash of a name");
  // SplitMix64 of seed 0: the first output that its authors give.
  expect(mix(0x9E3779B97F4A7C15ULL) == 0xE220A8397B1DCDAFULL, "the generator");
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const bool nan = (bits & 0x7FFF) > 0x7C00, brain_nan = (bits & 0x7FFF) > 0x7F80;
    expect(nan || encode(kHalfFormat, decode(kHalfFormat, bits)) == bits, "fp16 there and back");
    expect(brain_nan || encode(kBfloatFormat, decode(kBfloatFormat, bits)) == bits,
           "bf16 there and back");
  }
  expect(requantise(-3, 1U << 30, Type::kInt8) == -1, "halves round up");
  expect(multiplier_for(100, 1, Type::kInt8) == 214748364U, "the scale of a tensor");
  return findings.lines;
}

std::vector<std::string> selftest_device(const DeviceFacts& facts) {
  Findings findings;
  for (const Type type : {Type::kInt8, Type::kFp16, Type::kBf16}) {
    for (const int sms : {1, 1 << 20}) {  // the large tile and the small one
      for (const auto& [m, n, k] : {std::array<std::int64_t, 3>{1, 1, 1},
                                    {64, 64, 64},
                                    {130, 70, 33},
                                    {17, 200, 96},
                                    {129, 129, 129}}) {
        MatMulShape g;
        g.m = m, g.n = n, g.k = k, g.transpose_b = k % 2 == 0;
        g.batches = m == 17 ? 3 : 1;
        g.transpose_a = m == 130;
        gemm(findings, type, g, sms);
      }
    }
    ConvShape g;
    g.n = 2, g.c = 24, g.h = 9, g.w = 11, g.o = 34, g.r = 3, g.s = 2, g.p = 5, g.q = 6;
    g.stride[0] = g.stride[1] = 2, g.pad[0] = 1, g.pad[1] = 1;
    conv(findings, type, g, facts.multiprocessors);
    g.groups = 2, g.c = 32, g.o = 70;
    conv(findings, type, g, facts.multiprocessors);
    g.groups = 1, g.c = 3, g.dilation[0] = 2, g.p = 4;
    conv(findings, type, g, facts.multiprocessors);
  }
  attention_of<Half, 64>(findings, Type::kFp16, 70, 130);
  attention_of<Bfloat, 64>(findings, Type::kBf16, 64, 64);
  attention_of<Half, 128>(findings, Type::kFp16, 1, 197);
  attention_of<Bfloat, 128>(findings, Type::kBf16, 65, 63);
  return findings.lines;
}

}  // namespace takt::gpu
