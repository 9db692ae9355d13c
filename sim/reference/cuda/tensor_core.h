// SPDX-License-Identifier: Apache-2.0
#pragma once
// One instruction of the tensor cores, for int8, fp16 and bf16 alike: a warp multiplies 16 rows by
// 8 columns over 32 bytes of the reduction (mma.m16n8k32 for int8, mma.m16n8k16 for 16-bit floats;
// PTX ISA, "Warp Level Matrix Instructions"). Operands count in words of 4 bytes, so that one
// layout serves all types. With g = lane / 4 and t = lane % 4 a lane holds
//
//   a[0..3]   words (row g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4) of the rows
//   b[0..1]   words (column g, t), (g, t + 4) of the columns
//   c[0..3]   sums (row g, column 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
//
// On a processor the same is done by loops over the lanes of a warp.

#include "block.h"
#include "types.h"

namespace takt::gpu {

template <class T>
struct SumOf {
  using type = float;
};
template <>
struct SumOf<std::int8_t> {
  using type = std::int32_t;
};

template <class T, int Rows, int Cols>
struct Fragments {
  std::uint32_t a[Rows][4];
  std::uint32_t b[Cols][2];
};
template <class T, int Rows, int Cols>
struct Sums {
  typename SumOf<T>::type c[Rows][Cols][4];
};

#if TAKT_ON_GPU

__device__ inline void mma(std::int32_t* c, const std::uint32_t* a, const std::uint32_t* b,
                           std::int8_t) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};\n"
      : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ inline void mma(float* c, const std::uint32_t* a, const std::uint32_t* b, Half) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ inline void mma(float* c, const std::uint32_t* a, const std::uint32_t* b, Bfloat) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/// c += a * b for all fragments of the thread's warp.
template <class T, int Rows, int Cols>
__device__ void multiply(Block&, PerThread<Fragments<T, Rows, Cols>>& fragments,
                         PerThread<Sums<T, Rows, Cols>>& sums) {
  TAKT_UNROLL
  for (int i = 0; i < Rows; ++i) {
    TAKT_UNROLL
    for (int j = 0; j < Cols; ++j) {
      mma(sums[0].c[i][j], fragments[0].a[i], fragments[0].b[j], T{});
    }
  }
}

#else

/// Element `e` of a word, widened.
template <class T>
typename SumOf<T>::type element_of(const std::uint32_t& word, int e) {
  T value;
  std::memcpy(&value, reinterpret_cast<const unsigned char*>(&word) + e * sizeof(T), sizeof(T));
  if constexpr (sizeof(T) == 1) {
    return value;
  } else {
    return real_of(value);
  }
}

template <class T, int Rows, int Cols>
void multiply(Block& block, PerThread<Fragments<T, Rows, Cols>>& fragments,
              PerThread<Sums<T, Rows, Cols>>& sums) {
  using Sum = typename SumOf<T>::type;
  constexpr int kEach = 4 / static_cast<int>(sizeof(T));  // elements of a word
  Sum a[16 * Rows][8 * kEach], b[8 * kEach][8 * Cols];
  for (int warp = 0; warp < block.threads; warp += 32) {
    for (int lane = 0; lane < 32; ++lane) {
      const Fragments<T, Rows, Cols>& f = fragments[warp + lane];
      const int g = lane / 4, t = lane % 4;
      for (int e = 0; e < kEach; ++e) {
        for (int i = 0; i < Rows; ++i) {
          for (int w = 0; w < 4; ++w) {
            a[16 * i + g + 8 * (w % 2)][(t + 4 * (w / 2)) * kEach + e] =
                element_of<T>(f.a[i][w], e);
          }
        }
        for (int j = 0; j < Cols; ++j) {
          for (int w = 0; w < 2; ++w) {
            b[(t + 4 * w) * kEach + e][8 * j + g] = element_of<T>(f.b[j][w], e);
          }
        }
      }
    }
    for (int row = 0; row < 16 * Rows; ++row) {
      Sum total[8 * Cols] = {};
      for (int k = 0; k < 8 * kEach; ++k) {
        const Sum x = a[row][k];
        for (int col = 0; col < 8 * Cols; ++col) total[col] += x * b[k][col];
      }
      for (int col = 0; col < 8 * Cols; ++col) {
        const int lane = row % 8 * 4 + col % 8 / 2, c = row % 16 / 8 * 2 + col % 2;
        sums[warp + lane].c[row / 16][col / 8][c] += total[col];
      }
    }
  }
}

#endif

}  // namespace takt::gpu
