// SPDX-License-Identifier: Apache-2.0
// Matrix products with batches and broadcasting, as loops (g, n, p, q, o, r, s, c).
//
// Every index of the product (each batch dimension, m, k, n) is walked by all operands together and
// cut where one of them cuts. Batch indices along which the second operand stays are rows like any
// other: its weights are reused. The others are groups, two levels of them at most. A reduction in
// several pieces (channels that were flattened, heads side by side) takes the places of a
// convolution's window.
#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

enum Role { kA, kB, kOut, kFirstExtra };

/// An operand as the product indexes it: batch dimensions as in the output, then two.
struct Matrix {
  std::vector<Factors> batch;
  Factors row, column;
  std::int64_t offset = 0;
  TensorId stored;
};

Matrix as_matrix(const View& view, bool transposed, const Shape& batch) {
  const std::size_t rank = view.dims.size();
  View lead{view.stored, view.offset, {view.dims.begin(), view.dims.end() - 2}};
  Matrix out;
  out.batch = broadcast(lead, batch).dims;
  out.row = view.dims[rank - 2];
  out.column = view.dims[rank - 1];
  if (transposed) std::swap(out.row, out.column);
  out.offset = view.offset;
  out.stored = view.stored;
  return out;
}

/// The product's loops by what they do.
struct Loops {
  std::vector<Loop> group, row, reduction, column;
};

Factors still(std::int64_t extent) { return normal({{extent, 0}}); }

struct Product {
  Matrix a, b, out;
  std::vector<Matrix> extras;  ///< operands of the epilogue, indexed like the output
};

std::optional<Loops> loops_of(const Product& product) {
  Loops loops;
  std::vector<Loop> row, group;
  const auto walk = [&](Factors a, Factors b, Factors out, auto extra) {
    std::vector<Factors> all{std::move(a), std::move(b), std::move(out)};
    for (const Matrix& m : product.extras) all.push_back(extra(m));
    return walk_together(all);
  };
  const Matrix &a = product.a, &b = product.b, &out = product.out;
  for (std::size_t d = 0; d < out.batch.size(); ++d) {
    const auto part =
        walk(a.batch[d], b.batch[d], out.batch[d], [d](const Matrix& m) { return m.batch[d]; });
    if (!part) return std::nullopt;
    for (const Loop& loop : *part) (loop.strides[kB] == 0 ? row : group).push_back(loop);
  }
  const std::int64_t m = extent_of(out.row), n = extent_of(out.column), k = extent_of(a.column);
  const auto rows = walk(a.row, still(m), out.row, [](const Matrix& x) { return x.row; });
  const auto columns =
      walk(still(n), b.column, out.column, [](const Matrix& x) { return x.column; });
  const auto reduction = walk(a.column, b.row, still(k), [&](const Matrix&) { return still(k); });
  if (!rows || !columns || !reduction) return std::nullopt;
  row.insert(row.end(), rows->begin(), rows->end());
  loops.group = merged(std::move(group));
  loops.row = merged(std::move(row));
  loops.column = *columns;
  loops.reduction = *reduction;
  return loops;
}

/// Where each loop goes; nothing if there are more than places.
struct Placement {
  const Loop *g_outer = nullptr, *g = nullptr, *n = nullptr, *p = nullptr, *q = nullptr,
             *o = nullptr, *r = nullptr, *s = nullptr, *c = nullptr;
};

std::optional<Placement> assign(const Loops& loops) {
  const std::size_t rows = loops.row.size(), cuts = loops.reduction.size();
  if (loops.group.size() > 2 || loops.column.size() > 1 || rows > 3 || cuts > 3)
    return std::nullopt;
  // Height is p or r and width q or s, never both: four places for rows and reduction in all, of
  // which n is for rows alone and c for the reduction alone.
  if (rows + cuts > 4) return std::nullopt;
  Placement place;
  if (!loops.group.empty()) place.g = &loops.group.back();
  if (loops.group.size() == 2) place.g_outer = &loops.group.front();
  if (!loops.column.empty()) place.o = &loops.column.front();
  if (cuts > 0) place.c = &loops.reduction[cuts - 1];
  if (cuts > 1) place.s = &loops.reduction[cuts - 2];
  if (cuts > 2) place.r = &loops.reduction[cuts - 3];
  if (cuts > 2) {
    if (rows > 0) place.n = &loops.row[0];
  } else if (rows == 1) {
    place.p = &loops.row[0];
  } else if (rows > 1) {
    place.n = &loops.row[0];
    place.p = &loops.row[1];
    if (rows > 2) place.q = &loops.row[2];
  }
  return place;
}

std::int64_t extent(const Loop* loop) { return loop ? loop->extent : 1; }
std::int64_t stride(const Loop* loop, std::size_t operand) {
  return loop ? loop->strides[operand] : 0;
}

ActivationView walk_rows(const Placement& at, const Matrix& matrix, std::size_t operand) {
  ActivationView view;
  view.tensor = matrix.stored;
  view.offset = matrix.offset;
  view.stride_g_outer = stride(at.g_outer, operand);
  view.stride_g = stride(at.g, operand);
  view.stride_n = stride(at.n, operand);
  view.stride_h = stride(at.p, operand);
  view.stride_w = stride(at.q, operand);
  return view;
}

void fill(MatrixWork& work, const Placement& at, const Product& product) {
  work.g_outer = extent(at.g_outer);
  work.g = work.g_outer * extent(at.g);
  work.n = extent(at.n);
  work.p = extent(at.p);
  work.q = extent(at.q);
  work.o = extent(at.o);
  work.r = extent(at.r);
  work.s = extent(at.s);
  work.c = extent(at.c);
  work.in_h = at.r ? work.r : work.p;
  work.in_w = at.s ? work.s : work.q;
  work.input = walk_rows(at, product.a, kA);
  if (at.r) work.input.stride_h = stride(at.r, kA);
  if (at.s) work.input.stride_w = stride(at.s, kA);
  work.input.stride_c = stride(at.c, kA);
  WeightView& w = work.weight;
  w.tensor = product.b.stored;
  w.offset = product.b.offset;
  w.stride_g_outer = stride(at.g_outer, kB);
  w.stride_g = stride(at.g, kB);
  w.stride_r = stride(at.r, kB);
  w.stride_s = stride(at.s, kB);
  w.stride_c = stride(at.c, kB);
  w.stride_o = stride(at.o, kB);
}

/// Dimensions of the output that are rows: all but the last.
std::vector<std::size_t> outside(std::size_t rank) {
  std::vector<std::size_t> dims(rank - 1);
  for (std::size_t d = 0; d + 1 < rank; ++d) dims[d] = d;
  return dims;
}

}  // namespace

// Heads that are put side by side next: written so that the transpose behind the product reads them
// in order.
DimOrder Fuser::order_of_product(TensorId result) const {
  const std::size_t rank = shape(result).size();
  const auto& readers = readers_[result.index];
  // Up to [images, heads, m, n]: their two batch indices are the two levels of groups.
  if (rank > 4 || readers.size() != 1 || graph_.tensor(result).is_output) return row_major(rank);
  const Op& reader = op(readers[0]);
  if (reader.kind != OpKind::kTranspose) return row_major(rank);
  const auto& permutation = std::get<TransposeAttrs>(reader.attributes).permutation;
  // Output channels stay together, else every element would be written alone.
  if (permutation.back() != static_cast<std::int64_t>(rank) - 1) return row_major(rank);
  DimOrder order;
  for (std::int64_t d : permutation) order.push_back(static_cast<std::size_t>(d));
  return order;
}

void Fuser::matmul(OpId id) {
  const Op& o = op(id);
  const auto& attrs = std::get<MatMulAttrs>(o.attributes);
  const TensorId stream = o.outputs[0];
  const Shape& out_shape = shape(stream);
  const std::size_t rank = out_shape.size();
  const Shape batch(out_shape.begin(), out_shape.end() - 2);

  Group group;
  group.members = {id};
  group.stream = group.result = stream;
  if (attrs.alpha != 1) group.steps.push_back({id, "alpha", {1, 0, "multiply"}, {}, 1});
  add_bias(group, id, 2);
  group = grow(std::move(group), row_major(rank), false);
  const DimOrder order = group.chain.empty() ? order_of_product(group.result) : row_major(rank);

  Product product;
  product.a = as_matrix(placed(o.inputs[0]), attrs.transpose_a, batch);
  product.b = as_matrix(weight_place(o.inputs[1]), attrs.transpose_b, batch);
  product.out = as_matrix(allocate_result(group, order), false, batch);
  auto loops = loops_of(product);
  auto at = loops ? assign(*loops) : std::nullopt;
  if (!at) {
    // Operands that are cut too often are first copied to the order of their indices.
    for (const std::size_t input : {0u, 1u}) {
      const TensorId tensor = o.inputs[input];
      const View copied = materialise(tensor, row_major(shape(tensor).size()),
                                      graph_.tensor(tensor).name + ".copy");
      Matrix& matrix = input == 0 ? product.a : product.b;
      matrix = as_matrix(copied, input == 0 ? attrs.transpose_a : attrs.transpose_b, batch);
      loops = loops_of(product);
      at = loops ? assign(*loops) : std::nullopt;
      if (at) break;
    }
  }
  if (!at) return unsupported(o, "its batch dimensions broadcast in more than two levels");

  Region region = matrix_region(group, "matmul");
  product_steps(region, group, [&](const std::vector<View>& views) {
    Product with = product;
    for (const View& view : views) with.extras.push_back(as_matrix(view, false, batch));
    const auto finer = loops_of(with);
    const auto places = finer ? assign(*finer) : std::nullopt;
    if (!places) return std::vector<ActivationView>{};
    fill(region.matrix, *places, with);
    region.output = walk_rows(*places, with.out, kOut);
    region.output.stride_c = stride(places->o, kOut);
    std::vector<ActivationView> walks{region.output};
    for (std::size_t i = 0; i < with.extras.size(); ++i) {
      walks.push_back(walk_rows(*places, with.extras[i], kFirstExtra + i));
      walks.back().stride_c = stride(places->o, kFirstExtra + i);
    }
    return walks;
  });
  region.matrix.weight.packed = is_parameter(o.inputs[1]);
  const MatrixWork& work = region.matrix;
  region.shape = {{"b", work.g},
                  {"m", work.n * work.p * work.q},
                  {"n", work.o},
                  {"k", work.r * work.s * work.c}};
  add_region(std::move(region));
}

namespace {

using Walk = std::function<std::vector<ActivationView>(const std::vector<View>&)>;

// An operand that is read whole need not take part in the loops. It may if it does not cut rows or
// columns anew (a mask by image cuts the groups at most).
bool whole_takes_part(const MatrixWork& work, const View& view, std::vector<View> taking_part,
                      const Walk& walk) {
  walk(taking_part);
  const MatrixWork before = work;
  taking_part.push_back(view);
  return !walk(taking_part).empty() && work.n == before.n && work.p == before.p &&
         work.q == before.q && work.o == before.o;
}

}  // namespace

// Operands that change with every row take part in the loops; one that does not fit into them is
// first written out in the output's order.
void Fuser::product_steps(Region& region, const Group& group, const Walk& walk) {
  const std::size_t rank = shape(group.stream).size();
  std::vector<View> taking_part;
  for (const Step& step : group.steps) {
    VectorStep out;
    out.what = step.what;
    out.op = step.op;
    out.lane_ops = step.cost.per_element;
    for (const Operand& operand : step.operands) {
      VectorOperand entry;
      View view = operand.view;
      entry.access = access_of(view, outside(rank), is_parameter(operand.tensor));
      if (entry.access == VectorOperand::Access::kAligned) {
        taking_part.push_back(view);
        if (walk(taking_part).empty()) {
          taking_part.back() = view = placed_copy(operand.tensor, shape(group.stream));
          CHECK(!walk(taking_part).empty()) << "a dense operand fits the loops of a product";
        }
        entry.row_elements = distinct(view.dims.back()) * region.matrix.q;
      } else {
        entry.rows = 1;
        entry.row_elements = distinct(view);
        entry.view.offset = view.offset;
        entry.walks = whole_takes_part(region.matrix, view, taking_part, walk);
        if (entry.walks) taking_part.push_back(view);
      }
      entry.tensor = entry.view.tensor = view.stored;
      if (out.operand < 0) out.operand = static_cast<int>(region.operands.size());
      region.operands.push_back(entry);  // each its own: walked beside `taking_part` below
      ++out.operand_count;
    }
    region.epilogue.push_back(std::move(out));
  }
  // The final loops: an operand may have cut them after an earlier one was walked.
  const auto walks = walk(taking_part);
  CHECK(!walks.empty()) << "the loops of a product fit without its operands";
  std::size_t next = 1;
  for (VectorOperand& entry : region.operands) {
    if (entry.walks) entry.view = walks[next++];
    if (entry.access == VectorOperand::Access::kAligned) entry.rows = region.matrix.p;
  }
  add_requantise(region, group);
}

}  // namespace takt::fusing
