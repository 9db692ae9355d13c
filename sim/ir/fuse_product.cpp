// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/fuse_product.h"

#include <algorithm>

namespace takt::fusing {
namespace {

/// The product's loops by what they do.
struct Loops {
  std::vector<Loop> group, row, reduction, column;
};

Factors still(std::int64_t extent) { return normal({{extent, 0}}); }

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

}  // namespace

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

std::vector<ActivationView> lay_out(const Product& product, MatrixWork& work) {
  const auto loops = loops_of(product);
  const auto at = loops ? assign(*loops) : std::nullopt;
  if (!at) return {};
  fill(work, *at, product);
  std::vector<ActivationView> walks{walk_rows(*at, product.out, kOut)};
  walks[0].stride_c = stride(at->o, kOut);
  for (std::size_t i = 0; i < product.extras.size(); ++i) {
    walks.push_back(walk_rows(*at, product.extras[i], kFirstExtra + i));
    walks.back().stride_c = stride(at->o, kFirstExtra + i);
  }
  return walks;
}

}  // namespace takt::fusing
