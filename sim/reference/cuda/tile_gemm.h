// SPDX-License-Identifier: Apache-2.0
#pragma once
// Our own product on tensor cores, for matrices and, by another loader of rows, for convolutions
// (implicit GEMM: rows are output pixels, the reduction runs over r, s, c, and no patch matrix is
// ever written). Both operands are read in pieces of 16 bytes along the reduction.
//
//   out[m, n] = sum over k of rows(m, k) * columns(n, k)
//
// A block makes a tile of the result; each step takes 64 bytes of the reduction of every row and
// column into shared memory, in two buffers, the next step's bytes being read while this one's are
// multiplied. Rows lie 80 bytes apart there, so that the 32 words that a warp reads at once fall
// into 32 banks: (20 g + t) mod 32 differ for all g < 8, t < 4.

#include "device.h"
#include "tensor_core.h"
#include "walk.h"

namespace takt::gpu {

struct Piece {
  std::uint32_t word[4];
};

/// 16 bytes from element k of a row of `length` elements; zeros beyond its end.
template <class T>
TAKT_HD Piece piece_of_row(const T* row, std::int64_t k, std::int64_t length) {
  constexpr int kEach = 16 / static_cast<int>(sizeof(T));
  Piece piece{};
  const T* from = row + k;
  if (k + kEach <= length && (reinterpret_cast<std::uintptr_t>(from) & 15) == 0) {
#if defined(__CUDA_ARCH__)
    const uint4 all = *reinterpret_cast<const uint4*>(from);
    piece = {{all.x, all.y, all.z, all.w}};
#else
    memcpy(&piece, from, 16);
#endif
    return piece;
  }
  T element[kEach] = {};
  for (int i = 0; i < kEach; ++i) {
    if (k + i < length) element[i] = from[i];
  }
  memcpy(&piece, element, 16);
  return piece;
}

/// Rows of a matrix, `k` along memory.
template <class T>
struct MatrixRows {
  const T* data;
  Walk batch;           ///< first element by block.z
  std::int64_t pitch;   ///< elements from row to row
  std::int64_t length;  ///< of the reduction
  struct Row {
    const T* data;
  };
  TAKT_HD Row row(int z, std::int64_t m) const { return {data + batch.at(z) + m * pitch}; }
  TAKT_HD Piece piece(const Row& row, std::int64_t k) const {
    return piece_of_row(row.data, k, length);
  }
};

/// Patches of an image [n][h][w][channels] as rows: k = (r, s, c of the group).
template <class T>
struct ImageRows {
  const T* data;
  int height, width, channels;  ///< of the image; all groups
  int group_channels;
  int p, q, r, s;
  int stride[2], pad[2], dilation[2];
  struct Row {
    const T* image;
    int y, x;
  };
  TAKT_HD Row row(int z, std::int64_t m) const {
    const auto pixel = static_cast<int>(m);
    const int column = pixel % q, line = pixel / q % p, n = pixel / q / p;
    return {data + static_cast<std::int64_t>(n) * height * width * channels + z * group_channels,
            line * stride[0] - pad[0], column * stride[1] - pad[1]};
  }
  /// The first channel of the pixel that tap (r, s) sees, or null in the padding.
  TAKT_HD const T* pixel(const Row& row, int tap) const {
    const int y = row.y + tap / s * dilation[0], x = row.x + tap % s * dilation[1];
    if (y < 0 || y >= height || x < 0 || x >= width) return nullptr;
    return row.image + (static_cast<std::int64_t>(y) * width + x) * channels;
  }
  TAKT_HD Piece piece(const Row& row, std::int64_t k) const {
    constexpr int kEach = 16 / static_cast<int>(sizeof(T));
    const int taps = r * s;
    int tap = static_cast<int>(k) / group_channels;
    int c = static_cast<int>(k) - tap * group_channels;
    if (tap < taps && c + kEach <= group_channels) {
      const T* from = pixel(row, tap);
      return from == nullptr ? Piece{} : piece_of_row(from, c, group_channels);
    }
    T element[kEach] = {};
    for (int i = 0; i < kEach && tap < taps; ++i) {
      const T* from = pixel(row, tap);
      if (from != nullptr) element[i] = from[c];
      if (++c == group_channels) c = 0, ++tap;
    }
    Piece piece{};
    memcpy(&piece, element, 16);
    return piece;
  }
};

/// `WarpsM` x `WarpsN` warps, each with `Rows` x `Cols` tiles of 16 x 8.
template <class T, int WarpsM, int WarpsN, int Rows, int Cols, class A, class B, class Store>
struct TileGemm {
  static constexpr int kThreads = 32 * WarpsM * WarpsN;
  static constexpr int kM = 16 * Rows * WarpsM, kN = 8 * Cols * WarpsN;
  static constexpr int kWords = 16, kPitch = 20;
  static constexpr int kPiecesA = kM * 4 / kThreads, kPiecesB = kN * 4 / kThreads;
  static constexpr std::size_t kMemory = 2 * (kM + kN) * kPitch * 4;
  static_assert(kM * 4 % kThreads == 0 && kN * 4 % kThreads == 0);

  A rows;
  B columns;
  Store out;
  std::int64_t m, n, k;

  struct Staged {
    Piece a[kPiecesA], b[kPiecesB];
  };
  using Fragment = Fragments<T, Rows, Cols>;

  TAKT_DEVICE void read(const Block& block, int thread, std::int64_t from, Staged& staged) const {
    constexpr int kEach = 16 / static_cast<int>(sizeof(T));
    TAKT_UNROLL
    for (int i = 0; i < kPiecesA + kPiecesB; ++i) {
      const bool is_a = i < kPiecesA;
      const int at = thread + (is_a ? i : i - kPiecesA) * kThreads;
      const std::int64_t element = from + at % 4 * kEach;
      Piece piece{};
      if (is_a) {
        const std::int64_t line = std::int64_t{block.x} * kM + at / 4;
        if (line < m && element < k) piece = rows.piece(rows.row(block.z, line), element);
        staged.a[i < kPiecesA ? i : 0] = piece;
      } else {
        const std::int64_t line = std::int64_t{block.y} * kN + at / 4;
        if (line < n && element < k) piece = columns.piece(columns.row(block.z, line), element);
        staged.b[i < kPiecesA ? 0 : i - kPiecesA] = piece;
      }
    }
  }

  TAKT_DEVICE static void put(int thread, const Staged& staged, std::uint32_t* memory) {
    TAKT_UNROLL
    for (int i = 0; i < kPiecesA + kPiecesB; ++i) {
      const bool is_a = i < kPiecesA;
      const int at = thread + (is_a ? i : i - kPiecesA) * kThreads;
      const Piece& piece = is_a ? staged.a[is_a ? i : 0] : staged.b[is_a ? 0 : i - kPiecesA];
      std::uint32_t* to = memory + (is_a ? 0 : kM * kPitch) + at / 4 * kPitch + at % 4 * 4;
      for (int w = 0; w < 4; ++w) to[w] = piece.word[w];
    }
  }

  TAKT_DEVICE static void take(int thread, const std::uint32_t* memory, int step, Fragment& f) {
    const int lane = thread % 32, warp = thread / 32, g = lane / 4, t = lane % 4;
    const std::uint32_t* a = memory + (warp / WarpsN * Rows * 16 + g) * kPitch + step * 8 + t;
    const std::uint32_t* b = memory + (kM + warp % WarpsN * Cols * 8 + g) * kPitch + step * 8 + t;
    TAKT_UNROLL
    for (int i = 0; i < Rows; ++i) {
      f.a[i][0] = a[i * 16 * kPitch];
      f.a[i][1] = a[(i * 16 + 8) * kPitch];
      f.a[i][2] = a[i * 16 * kPitch + 4];
      f.a[i][3] = a[(i * 16 + 8) * kPitch + 4];
    }
    TAKT_UNROLL
    for (int j = 0; j < Cols; ++j) {
      f.b[j][0] = b[j * 8 * kPitch];
      f.b[j][1] = b[j * 8 * kPitch + 4];
    }
  }

  TAKT_DEVICE void finish(const Block& block, int thread, const Sums<T, Rows, Cols>& sums) const {
    const int lane = thread % 32, warp = thread / 32, g = lane / 4, t = lane % 4;
    const std::int64_t first = std::int64_t{block.x} * kM + warp / WarpsN * Rows * 16 + g;
    const std::int64_t left = std::int64_t{block.y} * kN + warp % WarpsN * Cols * 8 + 2 * t;
    TAKT_UNROLL
    for (int i = 0; i < Rows; ++i) {
      TAKT_UNROLL
      for (int j = 0; j < Cols; ++j) {
        TAKT_UNROLL
        for (int c = 0; c < 4; ++c) {
          const std::int64_t row = first + i * 16 + c / 2 * 8, col = left + j * 8 + c % 2;
          if (row < m && col < n) out.store(block.z, row, static_cast<int>(col), sums.c[i][j][c]);
        }
      }
    }
  }

  TAKT_DEVICE void operator()(Block& block) const {
    constexpr std::int64_t kStep = kWords * 4 / static_cast<std::int64_t>(sizeof(T));
    constexpr int kBuffer = (kM + kN) * kPitch;
    auto* memory = static_cast<std::uint32_t*>(block.memory);
    PerThread<Staged> staged(block);
    PerThread<Fragment> fragments(block);
    PerThread<Sums<T, Rows, Cols>> sums(block);
    block.each_thread([&](int thread) {
      read(block, thread, 0, staged[thread]);
      put(thread, staged[thread], memory);
    });
    int now = 0;
    for (std::int64_t from = 0; from < k; from += kStep) {
      const bool more = from + kStep < k;
      std::uint32_t* current = memory + now * kBuffer;
      std::uint32_t* next = memory + (1 - now) * kBuffer;
      block.each_thread_alone([&](int thread) {
        if (more) read(block, thread, from + kStep, staged[thread]);
      });
      TAKT_UNROLL
      for (int step = 0; step < 2; ++step) {
        block.each_thread_alone(
            [&](int thread) { take(thread, current, step, fragments[thread]); });
        multiply<T, Rows, Cols>(block, fragments, sums);
      }
      block.each_thread([&](int thread) {
        if (more) put(thread, staged[thread], next);
      });
      now = 1 - now;
    }
    block.each_thread_alone([&](int thread) { finish(block, thread, sums[thread]); });
  }
};

/// Runs a product of `batches` with the tile that fills the device.
template <class T, class A, class B, class Store>
void tile_gemm(const A& rows, const B& columns, const Store& out, std::int64_t m, std::int64_t n,
               std::int64_t k, std::int64_t batches, int multiprocessors) {
  if (m == 0 || n == 0 || batches == 0) return;
  const auto run = [&](auto body) {
    using Body = decltype(body);
    const Grid grid{static_cast<unsigned>((m + Body::kM - 1) / Body::kM),
                    static_cast<unsigned>((n + Body::kN - 1) / Body::kN),
                    static_cast<unsigned>(batches)};
    for_each_block(grid, Body::kThreads, Body::kMemory, body);
  };
  const std::int64_t large = (m + 127) / 128 * ((n + 127) / 128) * batches;
  if (large >= multiprocessors && n > 64) {
    run(TileGemm<T, 2, 4, 4, 4, A, B, Store>{rows, columns, out, m, n, k});
  } else {
    run(TileGemm<T, 2, 2, 2, 4, A, B, Store>{rows, columns, out, m, n, k});
  }
}

}  // namespace takt::gpu
