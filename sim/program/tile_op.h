// SPDX-License-Identifier: Apache-2.0
#pragma once
// The tile program's instructions: Load, Store, Matrix, Vector, Sync. An op names its unit, the
// buffer bytes and tile it works on, and the tokens it consumes and produces. There are no times in
// it.

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <type_traits>

#include "sim/base/check.h"
#include "sim/base/dtype.h"
#include "sim/base/ids.h"
#include "sim/base/quantity.h"

namespace takt {

/// A vector of at most N: ops are made by the million and must not touch the heap. What is not in
/// use is neither set nor copied.
template <class T, std::size_t N>
class FixedVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  FixedVector() {}  // NOLINT(modernize-use-equals-default): `= default` would clear the storage
  FixedVector(const FixedVector& other) { *this = other; }
  FixedVector& operator=(const FixedVector& other) {
    size_ = other.size_;
    std::memmove(storage_, other.storage_, size_ * sizeof(T));
    return *this;
  }
  void push_back(const T& value) {
    CHECK(size_ < N) << "a tile op holds at most " << N << " of these";
    new (storage_ + size_ * sizeof(T)) T(value);
    ++size_;
  }
  void clear() { size_ = 0; }
  static constexpr std::size_t capacity() { return N; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  const T* begin() const { return std::launder(reinterpret_cast<const T*>(storage_)); }
  const T* end() const { return begin() + size_; }
  T* begin() { return std::launder(reinterpret_cast<T*>(storage_)); }
  T* end() { return begin() + size_; }

 private:
  alignas(T) unsigned char storage_[N * sizeof(T)];
  std::size_t size_ = 0;
};

enum class TileOpKind : std::uint8_t { kLoad, kStore, kMatrix, kVector, kSync };

/// When in the life of its op a token is produced.
enum class Phase : std::uint8_t {
  kStationaryLoaded,  ///< the stationary operand is in the array: its buffer slot may be refilled
  kIssued,            ///< the last operand row was read: input slots may be refilled
  kDone,              ///< the last result is written
};

struct Token {
  ChannelId channel;
  std::uint32_t count = 1;
  Phase phase = Phase::kDone;  ///< of a produced token
};

/// The tokens of one op: its own slots' on every array, and those between regions.
using TokenList = FixedVector<Token, 16>;

enum class Space : std::uint8_t { kDram, kHost, kShared };

/// A strided box of bytes: dims[0] outermost repeats, `row_bytes` contiguous bytes innermost.
struct Box {
  std::uint64_t address = 0;
  std::uint64_t row_bytes = 0;
  struct Dim {
    std::uint32_t count = 1;
    std::int64_t stride = 0;
  };
  static constexpr std::size_t kDims = 5;  ///< a tile of groups, images, rows, columns, channels
  std::array<Dim, kDims> dims{};
  std::uint64_t rows() const {
    std::uint64_t n = 1;
    for (const Dim& d : dims) n *= d.count;
    return n;
  }
  Bytes bytes() const { return Bytes(rows() * row_bytes); }
};

/// A piece of a region's iteration space, for who must know *which* values (functional player,
/// verifier): half-open ranges. Input rows and columns follow from p, q, r, s.
struct Range {
  std::int64_t begin = 0;
  std::int64_t count = 0;
};

/// DRAM, shared buffer or host <-> a core's buffer; or host <-> `near` when `buffer` is invalid.
struct Transfer {
  Space space = Space::kDram;
  Space near = Space::kDram;  ///< kDram or kShared: the device's end of a move without `buffer`
  Box remote;                 ///< bytes in `space`
  BufferId buffer;
  std::uint64_t address = 0;  ///< in the buffer, dense; or in `near` when `buffer` is invalid
  TensorId tensor;            ///< RegionGraph::tensors
  enum class Role : std::uint8_t { kInput, kWeight, kOperand, kOutput } role = Role::kInput;
  std::uint8_t operand = 0;  ///< kOperand: which of Region::operands
  /// > 0: so many bytes cross between DRAM and the chip, in one run: the tile is compressed there.
  std::uint64_t wire_bytes = 0;
  /// > 0: rows of `remote` are asked for one by one, in pieces of so many bytes at most.
  std::uint32_t piece_bytes = 0;
  /// What DRAM sees of `remote`.
  Box wire() const;
  /// Bytes that DRAM or the host link moves.
  Bytes moved() const { return wire_bytes > 0 ? Bytes(wire_bytes) : remote.bytes(); }
};

inline Box Transfer::wire() const {
  if (wire_bytes == 0) return remote;
  Box box;
  box.address = remote.address;
  box.row_bytes = wire_bytes;
  return box;
}

/// How a row-stationary pass uses the array: each PE slides a row of a filter over a row of inputs.
struct RowSets {
  std::uint16_t kernel_rows = 0, kernel_cols = 0;  ///< 0: no such pass
  std::uint16_t stride_rows = 1, stride_cols = 1;
  std::uint16_t filters = 1, channels = 1;  ///< interleaved in one PE
  std::uint32_t zero_ppm = 0;  ///< inputs that are zero and skipped, in parts per million
};

/// One pass of a tile through the array: m rows of the streaming operand against k x n stationary
/// (weight stationary; the names of the extents are the same for every dataflow).
///
/// With `blocks` > 1 the pass does that many groups at once: k and n count all of them, and the
/// k x n operand holds their weights as equal blocks on its diagonal, zeros elsewhere.
struct MatrixTile {
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t blocks = 1;
  bool load_stationary = true;  ///< false: the operand of the op before is used again
  bool accumulate = false;      ///< false: overwrite the accumulators, true: add to them
  bool last_k = true;           ///< results are complete after this
  DType dtype = DType::kInt8;   ///< of the operands: sets the array's rate
  RowSets rows;                 ///< row stationary only
  std::uint32_t row = 0;  ///< of the m rows, so many are of one output row; 0 = it does not matter
  /// Multiply-accumulates of the pass: zeros off the diagonal are none.
  std::uint64_t macs() const { return std::uint64_t{m} * n * (k / blocks); }
};

/// Work of the vector unit.
struct VectorTile {
  std::uint64_t elements = 0;  ///< results
  std::uint64_t lane_ops = 0;  ///< elementary operations over all steps
  std::uint64_t macs = 0;      ///< multiply-accumulates among them (products without the array)
};

/// Bytes an op moves through an on-chip buffer. `role`, `operand` and `pitch` say what they are,
/// for who computes values; sim/functional/player.h states how a tile lies in its slot.
struct SramAccess {
  BufferId buffer;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;  ///< moved over the ports in all
  std::uint64_t span = 0;   ///< size of the byte range touched
  bool write = false;
  Transfer::Role role = Transfer::Role::kInput;
  std::uint8_t operand = 0;  ///< kOperand: which of Region::operands
  std::uint32_t pitch = 0;   ///< bytes from one row to the next: a k of weights, a pixel of outputs
};

/// Where in the region this op works. Matrix and vector ops: outputs [g][n][p][q][o] and the part
/// of the reduction; loads: the piece of the operand's own space that lies in the slot.
struct Place5 {
  Range g, n, p, q, o;
  Range k;     ///< within (r, s, c of the tile), r outermost
  Range c;     ///< channels of the buffer tile that k counts in
  Range r, s;  ///< rows and columns of the kernel that k counts in; count 0: all of them
  Range flat;  ///< rows [begin, +count) of the tile's (n, p, q) space, q innermost
};

struct TileOp {
  std::uint64_t sequence = 0;  ///< global, in program order
  TileOpKind kind = TileOpKind::kSync;
  UnitId unit;
  std::uint32_t region = 0;  ///< Program::regions
  TokenList needs;
  TokenList gives;
  Transfer transfer;  ///< kLoad, kStore
  MatrixTile matrix;  ///< kMatrix
  VectorTile vector;  ///< kVector
  FixedVector<SramAccess, 8> accesses;
  std::uint64_t accumulator = 0;  ///< first accumulator row (kMatrix, kVector behind it)
  std::uint64_t accumulator_rows = 0;
  Place5 place;
  Cycles delay{};  ///< kSync on a unit that is no array: the unit is busy for so long

  /// As new, without setting what the lists do not use.
  void clear();
};

inline void TileOp::clear() {
  sequence = 0;
  kind = TileOpKind::kSync;
  unit = UnitId{};
  region = 0;
  needs.clear();
  gives.clear();
  transfer = Transfer{};
  matrix = MatrixTile{};
  vector = VectorTile{};
  accesses.clear();
  accumulator = accumulator_rows = 0;
  place = Place5{};
  delay = Cycles(0);
}

std::string to_string(TileOpKind kind);

}  // namespace takt
