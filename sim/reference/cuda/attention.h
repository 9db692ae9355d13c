// SPDX-License-Identifier: Apache-2.0
#pragma once
// Attention of one head in one kernel, softmax(q k^T * scale) v, by running maxima and sums (Dao et
// al., FlashAttention, NeurIPS 2022): a block takes 64 queries through all keys, 64 at a time, and
// no score is ever written to memory. fp16 and bf16, heads of 64 or 128.

#include <cmath>
#include <limits>

#include "device.h"
#include "tensor_core.h"

namespace takt::gpu {

/// q, k, v, out: [heads][length][Head].
template <class T, int Head>
struct AttentionBody {
  static constexpr int kThreads = 128, kTile = 64;
  static constexpr int kHeadPitch = Head / 2 + 4, kTilePitch = kTile / 2 + 4;  // words
  static constexpr int kScorePitch = kTile + 1;
  static constexpr int kStatistics = 3 * kTile;  // largest, sum, correction of each query
  static constexpr std::size_t kMemory =
      4 * (2 * kTile * kHeadPitch + Head * kTilePitch + kTile * kTilePitch + kTile * kScorePitch +
           kStatistics);

  const T *q, *k, *v;
  T* out;
  std::int64_t queries, keys;
  float scale;

  struct Places {
    std::uint32_t *query, *key, *value, *weight;
    float *score, *largest, *sum, *correction;
    TAKT_DEVICE explicit Places(void* memory) {
      query = static_cast<std::uint32_t*>(memory);
      key = query + kTile * kHeadPitch;
      value = key + kTile * kHeadPitch;
      weight = value + Head * kTilePitch;
      score = reinterpret_cast<float*>(weight + kTile * kTilePitch);
      largest = score + kTile * kScorePitch;
      sum = largest + kTile;
      correction = sum + kTile;
    }
  };

  /// Rows of a matrix into shared memory, zeros beyond its end.
  TAKT_DEVICE static void read_rows(int thread, const T* from, std::int64_t first,
                                    std::int64_t rows, std::uint32_t* to) {
    for (int i = thread; i < kTile * Head; i += kThreads) {
      const std::int64_t row = first + i / Head;
      T element{};
      if (row < rows) element = from[row * Head + i % Head];
      reinterpret_cast<T*>(to + i / Head * kHeadPitch)[i % Head] = element;
    }
  }
  /// The same turned, so that keys run along memory.
  TAKT_DEVICE static void read_columns(int thread, const T* from, std::int64_t first,
                                       std::int64_t rows, std::uint32_t* to) {
    for (int i = thread; i < kTile * Head; i += kThreads) {
      const std::int64_t row = first + i / Head;
      T element{};
      if (row < rows) element = from[row * Head + i % Head];
      reinterpret_cast<T*>(to + i % Head * kTilePitch)[i / Head] = element;
    }
  }
  template <int Cols>
  TAKT_DEVICE static void take(int thread, const std::uint32_t* a, int pitch_a,
                               const std::uint32_t* b, int pitch_b, int step,
                               Fragments<T, 1, Cols>& f) {
    const int lane = thread % 32, g = lane / 4, t = lane % 4;
    const std::uint32_t* row = a + (thread / 32 * 16 + g) * pitch_a + step * 8 + t;
    f.a[0][0] = row[0];
    f.a[0][1] = row[8 * pitch_a];
    f.a[0][2] = row[4];
    f.a[0][3] = row[8 * pitch_a + 4];
    TAKT_UNROLL
    for (int j = 0; j < Cols; ++j) {
      const std::uint32_t* column = b + (j * 8 + g) * pitch_b + step * 8 + t;
      f.b[j][0] = column[0];
      f.b[j][1] = column[4];
    }
  }

  /// New maximum, weights and sum of one query's scores; `first` is the first key's number.
  TAKT_DEVICE void weigh(const Places& at, int query, std::int64_t first) const {
    float* scores = at.score + query * kScorePitch;
    const auto count = static_cast<int>(least<std::int64_t>(kTile, keys - first));
    float high = at.largest[query];
    for (int i = 0; i < count; ++i) high = most(high, scores[i]);
    const float correction = std::exp(at.largest[query] - high);
    float sum = at.sum[query] * correction;
    T* weights = reinterpret_cast<T*>(at.weight + query * kTilePitch);
    for (int i = 0; i < kTile; ++i) {
      const float weight = i < count ? std::exp(scores[i] - high) : 0.0F;
      sum += weight;
      store_real(weights + i, weight);
    }
    at.largest[query] = high;
    at.sum[query] = sum;
    at.correction[query] = correction;
  }

  TAKT_DEVICE void scores(Block& block, const Places& at) const {
    PerThread<Fragments<T, 1, 8>> fragments(block);
    PerThread<Sums<T, 1, 8>> sums(block);
    block.each_thread_alone([&](int thread) { sums[thread] = {}; });
    for (int step = 0; step < Head / 16; ++step) {
      block.each_thread_alone([&](int thread) {
        take<8>(thread, at.query, kHeadPitch, at.key, kHeadPitch, step, fragments[thread]);
      });
      multiply<T, 1, 8>(block, fragments, sums);
    }
    block.each_thread([&](int thread) {
      const int lane = thread % 32, row = thread / 32 * 16 + lane / 4, col = 2 * (lane % 4);
      for (int j = 0; j < 8; ++j) {
        for (int c = 0; c < 4; ++c) {
          at.score[(row + c / 2 * 8) * kScorePitch + j * 8 + col + c % 2] =
              sums[thread].c[0][j][c] * scale;
        }
      }
    });
  }

  TAKT_DEVICE void operator()(Block& block) const {
    constexpr int kCols = Head / 8;
    const Places at(block.memory);
    const std::int64_t first_query = std::int64_t{block.x} * kTile;
    const std::int64_t head_q = block.y * queries * Head, head_k = block.y * keys * Head;
    PerThread<Fragments<T, 1, kCols>> fragments(block);
    PerThread<Sums<T, 1, kCols>> sums(block);
    block.each_thread([&](int thread) {
      sums[thread] = {};
      read_rows(thread, q + head_q, first_query, queries, at.query);
      if (thread >= kTile) return;
      at.largest[thread] = -1e30F;
      at.sum[thread] = 0;
    });
    for (std::int64_t first = 0; first < keys; first += kTile) {
      block.each_thread([&](int thread) {
        read_rows(thread, k + head_k, first, keys, at.key);
        read_columns(thread, v + head_k, first, keys, at.value);
      });
      scores(block, at);
      block.each_thread([&](int thread) {
        if (thread < kTile) weigh(at, thread, first);
      });
      block.each_thread_alone([&](int thread) {
        const int row = thread / 32 * 16 + thread % 32 / 4;
        for (int j = 0; j < kCols; ++j) {
          for (int c = 0; c < 4; ++c) {
            sums[thread].c[0][j][c] *= at.correction[row + c / 2 * 8];
          }
        }
      });
      for (int step = 0; step < kTile / 16; ++step) {
        block.each_thread_alone([&](int thread) {
          take<kCols>(thread, at.weight, kTilePitch, at.value, kTilePitch, step, fragments[thread]);
        });
        multiply<T, 1, kCols>(block, fragments, sums);
      }
      block.each_thread([](int) {});  // the next keys overwrite these
    }
    block.each_thread_alone([&](int thread) {
      const int lane = thread % 32, row = thread / 32 * 16 + lane / 4, col = 2 * (lane % 4);
      for (int j = 0; j < kCols; ++j) {
        for (int c = 0; c < 4; ++c) {
          const int query = row + c / 2 * 8;
          if (first_query + query >= queries) continue;
          store_real(out + head_q + (first_query + query) * Head + j * 8 + col + c % 2,
                     sums[thread].c[0][j][c] / at.sum[query]);
        }
      }
    });
  }
};

template <class T, int Head>
void attention(const T* q, const T* k, const T* v, T* out, std::int64_t heads, std::int64_t queries,
               std::int64_t keys) {
  using Body = AttentionBody<T, Head>;
  const Body body{q, k, v, out, queries, keys, 1.0F / std::sqrt(static_cast<float>(Head))};
  for_each_block({static_cast<unsigned>((queries + 63) / 64), static_cast<unsigned>(heads), 1},
                 Body::kThreads, Body::kMemory, body);
}

}  // namespace takt::gpu
