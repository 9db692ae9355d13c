// SPDX-License-Identifier: Apache-2.0
#include "product_parts.h"

#include <type_traits>

#include "tile_gemm.h"

namespace takt::gpu {
namespace {

/// Bias, scale and type at the end of a product: the result as it is stored.
template <class Sum>
struct StoreResults {
  void* data;
  std::int64_t batch, pitch;
  Epilogue e;
  TAKT_HD void store(int z, std::int64_t m, int n, Sum sum) const {
    const std::int64_t at = z * batch + m * pitch + n;
    const std::int64_t column = z * e.bias_batch + n;
    if (e.plain) {
      static_cast<Sum*>(data)[at] = sum;
      return;
    }
    if constexpr (std::is_same_v<Sum, std::int32_t>) {
      std::int64_t value = sum;
      if (e.bias.data) value = wrapped_to_32(value + e.bias.whole(column) * e.bias_factor);
      static_cast<std::int8_t*>(data)[at] =
          static_cast<std::int8_t>(requantise(value, e.multiplier, Type::kInt8));
    } else {
      Real value = static_cast<Real>(sum) * e.alpha;
      if (e.bias.data) value += e.beta * e.bias.real(column);
      store_real(e.type, data, at, value);
    }
  }
};

template <class T>
void run_conv(const ConvParts& parts, void* to, const Epilogue& epilogue, int multiprocessors) {
  using Sum = typename SumOf<T>::type;
  const ConvShape& g = parts.shape;
  ImageRows<T> rows{parts.x.data<const T>(),
                    g.h,
                    g.w,
                    g.c,
                    g.group_channels(),
                    g.p,
                    g.q,
                    g.r,
                    g.s,
                    {g.stride[0], g.stride[1]},
                    {g.pad[0], g.pad[1]},
                    {g.dilation[0], g.dilation[1]}};
  MatrixRows<T> columns{parts.weights.data<const T>(),
                        times(walk_over({g.groups}, {1}), g.group_outputs() * g.length()),
                        g.length(), g.length()};
  const StoreResults<Sum> out{to, g.group_outputs(), g.o, epilogue};
  tile_gemm<T>(rows, columns, out, g.pixels(), g.group_outputs(), g.length(), g.groups,
               multiprocessors);
}

template <class T>
void run_matmul(const MatMulParts& parts, void* to, const Epilogue& epilogue, int multiprocessors) {
  using Sum = typename SumOf<T>::type;
  const MatMulShape& g = parts.shape;
  const MatrixRows<T> rows{static_cast<const T*>(parts.a.data), times(g.a_matrix, g.m * g.k), g.k,
                           g.k};
  const MatrixRows<T> columns{static_cast<const T*>(parts.b.data), times(g.b_matrix, g.n * g.k),
                              g.k, g.k};
  const StoreResults<Sum> out{to, g.m * g.n, g.n, epilogue};
  tile_gemm<T>(rows, columns, out, g.m, g.n, g.k, g.batches, multiprocessors);
}

}  // namespace

void ConvParts::results(void* to, const Epilogue& epilogue, int multiprocessors) const {
  switch (type) {
    case Type::kInt8: return run_conv<std::int8_t>(*this, to, epilogue, multiprocessors);
    case Type::kFp16: return run_conv<Half>(*this, to, epilogue, multiprocessors);
    default: return run_conv<Bfloat>(*this, to, epilogue, multiprocessors);
  }
}

void MatMulParts::results(void* to, const Epilogue& epilogue, int multiprocessors) const {
  switch (a.type) {
    case Type::kInt8: return run_matmul<std::int8_t>(*this, to, epilogue, multiprocessors);
    case Type::kFp16: return run_matmul<Half>(*this, to, epilogue, multiprocessors);
    default: return run_matmul<Bfloat>(*this, to, epilogue, multiprocessors);
  }
}

ConvParts conv_parts(Any x, Any weights, const ConvShape& shape) {
  ConvParts parts;
  parts.type = x.type;
  parts.shape = shape;
  const std::size_t bytes = info(x.type).bytes;
  const std::int64_t pixels = std::int64_t{shape.h} * shape.w;
  parts.x = Memory(static_cast<std::size_t>(shape.n * shape.c * pixels) * bytes);
  transpose_matrices(x, parts.x.data(), shape.n, shape.c, pixels);
  parts.weights = Memory(static_cast<std::size_t>(shape.o * shape.length()) * bytes);
  transpose_matrices(weights, parts.weights.data(), shape.o, shape.group_channels(),
                     std::int64_t{shape.r} * shape.s);
  return parts;
}

void reorder(const MatMulParts& parts, Any a, Any b) {
  const MatMulShape& g = parts.shape;
  if (parts.a_copy) transpose_matrices(a, parts.a_copy.data(), g.a_matrices, g.k, g.m);
  if (parts.b_copy) transpose_matrices(b, parts.b_copy.data(), g.b_matrices, g.k, g.n);
}

MatMulParts matmul_parts(Any a, Any b, const MatMulShape& shape) {
  MatMulParts parts;
  parts.shape = shape;
  parts.a = a;
  parts.b = b;
  const std::size_t bytes = info(a.type).bytes;
  if (shape.transpose_a) {
    parts.a_copy = Memory(static_cast<std::size_t>(shape.a_matrices * shape.m * shape.k) * bytes);
    parts.a.data = parts.a_copy.data();
  }
  if (!shape.transpose_b) {
    parts.b_copy = Memory(static_cast<std::size_t>(shape.b_matrices * shape.n * shape.k) * bytes);
    parts.b.data = parts.b_copy.data();
  }
  reorder(parts, a, b);
  return parts;
}

}  // namespace takt::gpu
