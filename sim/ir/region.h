// SPDX-License-Identifier: Apache-2.0
#pragma once
// A region is a connected piece of the graph that is lowered as one: a matrix operator with all
// that is fused behind it, or a chain of vector operators. It is the boundary between the graph
// (names, operators, ONNX axes) and the mapper (loops, bytes): below it nobody knows an operator's
// name.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/ir/graph.h"
#include "sim/ir/views.h"

namespace takt {

/// One tensor of the network as it lies in memory: dense, in elements of `dtype`.
struct StoredTensor {
  std::string name;
  DType dtype = DType::kInt8;
  std::int64_t elements = 0;
  TensorKind kind = TensorKind::kActivation;
  bool is_output = false;
  TensorId graph_tensor;       ///< whose values these are
  std::uint32_t zero_ppm = 0;  ///< elements that are zero, in parts per million, as the user says
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(elements) * bytes_of(dtype); }
};

/// How an iteration space walks over a stored tensor: element = offset + sum(index * stride).
/// Transposes, slices, head splits and concatenations are folded into the strides, so they move
/// nothing. Coordinates: g = group or batch of independent GEMMs, n = image, h, w = input row and
/// column (before padding is taken off they may be outside: those read zero), c = channel of the
/// group.
struct ActivationView {
  TensorId tensor;  ///< index into RegionGraph::tensors
  std::int64_t offset = 0;
  std::int64_t stride_g = 0, stride_n = 0, stride_h = 0, stride_w = 0, stride_c = 0;
  std::int64_t stride_g_outer = 0;  ///< see MatrixWork::g_outer
};
/// The second operand: k = (r, s, c) of the reduction, o = output channel of the group.
struct WeightView {
  TensorId tensor;
  std::int64_t offset = 0;
  std::int64_t stride_g = 0, stride_r = 0, stride_s = 0, stride_c = 0, stride_o = 0;
  std::int64_t stride_g_outer = 0;  ///< see MatrixWork::g_outer
  /// True for parameters: the compiler lays them out tile by tile, so a tile's load is contiguous.
  bool packed = true;
};

/// for g, n, p, q, o: out[g,n,p,q,o] = sum over r, s, c of in[g,n,p*u+r*d-pad,q*u+s*d-pad,c] *
/// w[g,r,s,c,o] A matmul [M,K]x[K,N] is n=1, p=M, q=1, c=K, r=s=1, o=N; its batch is g.
struct MatrixWork {
  std::int64_t g = 1, n = 1, p = 1, q = 1, o = 1, r = 1, s = 1, c = 1;
  /// g counts (outer, inner) pairs, g_outer of them outside: group i lies at
  /// (i / (g / g_outer)) * stride_g_outer + (i % (g / g_outer)) * stride_g. 1 = plain stride_g.
  /// Attention at batch > 1 needs it: heads and images have strides that do not merge.
  std::int64_t g_outer = 1;
  std::int64_t in_h = 1, in_w = 1;
  std::int64_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1, pad_h = 0, pad_w = 0;
  ActivationView input;
  WeightView weight;

  std::uint64_t macs() const { return static_cast<std::uint64_t>(g) * n * p * q * o * r * s * c; }
  /// How tiles of an activation lie on chip. If the groups of a pixel are neighbours in memory (the
  /// channels of a grouped convolution, the heads of a sequence) a tile is [n][h][w][g][c], so that
  /// it moves in long rows; else [g][n][h][w][c].
  bool groups_inside(const ActivationView& view, std::int64_t h, std::int64_t w) const {
    const std::int64_t pixel = w > 1 ? view.stride_w : h > 1 ? view.stride_h : view.stride_n;
    return g > 1 && view.stride_g > 0 && view.stride_g < pixel;
  }
  bool input_groups_inside() const { return groups_inside(input, in_h, in_w); }
  bool output_groups_inside(const ActivationView& output) const {
    return groups_inside(output, p, q);
  }
};

/// A step of the vector unit on every element it is given, executed in order.
struct VectorStep {
  std::string what;            ///< "bias", "relu", "add", "requantise"
  std::uint32_t lane_ops = 1;  ///< elementary operations an element (ir/cost.h, with sources)
  OpId op;                     ///< the graph op whose values this computes (functional player)
  int operand = -1;            ///< first of Region::operands it reads besides the stream; -1 = none
  int operand_count = 0;       ///< how many from there on (Where reads 2, BatchNorm 2)
};

/// A tensor that vector work reads beside its main stream (residual, bias, second factor) or a
/// vector region's input. Rows are the outermost tiled axis of the work.
struct VectorOperand {
  TensorId tensor;
  enum class Access {
    kAligned,  ///< row i of the output needs row i
    kWindow,   ///< row i needs rows [i*stride - pad, +window) of the same image (pooling)
    kWhole,    ///< every row needs all of it (broadcast, tables); read once and kept if it fits
  } access = Access::kAligned;
  std::int64_t row_elements = 0;  ///< of one row of this operand
  std::int64_t rows = 0;          ///< per image
  std::int64_t window = 1, stride = 1, pad = 0;
  /// Where it lies. kMatrix regions: walked like Region::output. kVector regions: n = image, h =
  /// row (of this operand), w = run of the row, c = element of the run. Of kWhole only the offset
  /// counts unless `walks` says that the view finds each output's element too.
  ActivationView view;
  std::int64_t row_run = 1;  ///< kVector: elements of a run; row_elements = runs * row_run
  bool walks = true;
};

/// Work without a matrix operator: `images` times `rows` rows of `row_elements` outputs. The output
/// view walks n = image, h = row, w = run of the row, c = element of the run.
struct VectorWork {
  std::int64_t images = 1, rows = 1, row_elements = 1;
  std::int64_t row_run = 1;             ///< elements of a run; row_elements = runs * row_run
  std::int64_t lane_ops_per_row = 0;    ///< over all steps
  std::int64_t reductions_per_row = 0;  ///< sums or maxima over elements of a row, over all steps
  bool moves_only = false;              ///< copies: DMA only, no lane is used
  /// Where a row may be cut: element e of a row, its operands' rows too, depends on elements of the
  /// same channel e % channels alone, or on others of its `channel_step` neighbours. 1 = nowhere.
  /// Divides row_run, and the row_run of every operand that changes with the channel.
  std::int64_t channels = 1;
  std::int64_t channel_step = 1;  ///< cuts lie at multiples of it; divides `channels`
};

/// Operands that a region may read beside its stream: what a tile op has room to name.
inline constexpr std::size_t kRegionOperandsMax = 7;

struct Region {
  enum class Kind { kMatrix, kVector };
  Kind kind = Kind::kVector;
  std::string name;                ///< of its matrix operator, else of its first op
  std::string op;                  ///< "conv", "matmul", "maxpool", "softmax" …
  std::vector<std::string> fused;  ///< names of the other members, in order
  std::vector<OpId> members;       ///< graph ops, in order
  DType dtype = DType::kInt8;      ///< the precision it computes in
  std::vector<std::pair<std::string, std::int64_t>> shape;  ///< what reports print: {"m",512} …
  MatrixWork matrix;                                        ///< kMatrix
  VectorWork vector;                                        ///< kVector
  std::vector<VectorStep>
      epilogue;  ///< kMatrix: on every output element; kVector: the steps themselves
  std::vector<VectorOperand> operands;
  /// Where the result goes, walked by (g, n, p, q, o) as (g, n, h, w, c); kVector: rows in order.
  ActivationView output;
};

/// A network ready to be mapped: regions in execution order over stored tensors.
struct RegionGraph {
  std::string name;
  std::string hash;
  std::int64_t batch = 1;
  std::vector<StoredTensor> tensors;
  std::vector<Region> regions;
  /// By graph tensor: where its values lie; `stored` is invalid for what is never stored (fused
  /// away, or not used). A player can execute any graph op by it.
  std::vector<View> places;
  /// Graph ops on parameters alone: the compiler does them before the network runs.
  std::vector<OpId> folded;
};

}  // namespace takt
