// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/views.h"

#include <algorithm>
#include <numeric>

#include "sim/base/check.h"

namespace takt {
namespace {

// A broadcast index of stride 0 merges with a neighbour of stride 0 by the same rule.
bool continues(Factor outer, Factor inner) { return outer.stride == inner.extent * inner.stride; }

Factors all_factors(const View& view) {
  Factors all;
  for (const Factors& dim : view.dims) all.insert(all.end(), dim.begin(), dim.end());
  return normal(std::move(all));
}

}  // namespace

std::int64_t elements_of(const Shape& shape) {
  std::int64_t product = 1;
  for (std::int64_t extent : shape) product *= extent;
  return product;
}

std::int64_t extent_of(const Factors& factors) {
  std::int64_t product = 1;
  for (Factor f : factors) product *= f.extent;
  return product;
}

Shape View::shape() const {
  Shape out;
  for (const Factors& dim : dims) out.push_back(extent_of(dim));
  return out;
}

std::int64_t View::elements() const { return elements_of(shape()); }

std::int64_t View::at(const std::vector<std::int64_t>& index) const {
  CHECK(index.size() == dims.size()) << "index of rank " << index.size() << " into " << dims.size();
  std::int64_t element = offset;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    std::int64_t rest = index[d];
    for (auto f = dims[d].rbegin(); f != dims[d].rend(); ++f) {
      element += rest % f->extent * f->stride;
      rest /= f->extent;
    }
  }
  return element;
}

DimOrder row_major(std::size_t rank) {
  DimOrder order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

DimOrder channel_last(std::size_t rank) {
  DimOrder order = row_major(rank);
  if (rank > 2) std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return order;
}

Factors normal(Factors factors) {
  Factors out;
  for (Factor f : factors) {
    if (f.extent == 1) continue;
    if (!out.empty() && continues(out.back(), f)) {
      out.back() = {out.back().extent * f.extent, f.stride};
    } else {
      out.push_back(f);
    }
  }
  return out;
}

std::optional<std::int64_t> single_stride(const Factors& factors) {
  if (factors.empty()) return 0;
  if (factors.size() > 1) return std::nullopt;
  return factors[0].stride;
}

View dense_view(TensorId stored, const Shape& shape, const DimOrder& order) {
  View view;
  view.stored = stored;
  view.dims.resize(shape.size());
  std::int64_t stride = 1;
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    if (shape[*d] != 1) view.dims[*d] = {{shape[*d], stride}};
    stride *= shape[*d];
  }
  return view;
}

std::optional<View> reshape(const View& view, const Shape& to) {
  CHECK(view.elements() == elements_of(to)) << "reshape keeps the number of elements";
  View out;
  out.stored = view.stored;
  out.offset = view.offset;
  out.dims.resize(to.size());
  if (elements_of(to) == 0) {
    for (std::size_t d = 0; d < to.size(); ++d) out.dims[d] = {{to[d], 0}};
    return out;
  }
  // From the innermost dimension outwards: fill it with whole pieces, or with the inner part of
  // one.
  Factors rest = all_factors(view);
  for (std::size_t d = to.size(); d-- > 0;) {
    std::int64_t need = to[d];
    Factors inner_first;
    while (need > 1) {
      Factor& last = rest.back();
      const std::int64_t take = std::min(need, last.extent);
      if (need % take != 0 || last.extent % take != 0) return std::nullopt;
      inner_first.push_back({take, last.stride});
      need /= take;
      if (take == last.extent) {
        rest.pop_back();
      } else {
        last = {last.extent / take, last.stride * take};
      }
    }
    out.dims[d] = normal(Factors(inner_first.rbegin(), inner_first.rend()));
  }
  return out;
}

View transpose(const View& view, const std::vector<std::int64_t>& permutation) {
  View out = view;
  for (std::size_t d = 0; d < permutation.size(); ++d) {
    out.dims[d] = view.dims[static_cast<std::size_t>(permutation[d])];
  }
  return out;
}

std::optional<View> slice(const View& view, std::size_t axis, std::int64_t begin,
                          std::int64_t count, std::int64_t step) {
  View out = view;
  Factors& dim = out.dims[axis];
  if (count == 0) {
    dim = {{0, 0}};
    return out;
  }
  Factors fixed;
  while (dim.size() > 1) {
    const Factor outer = dim.front();
    const std::int64_t inner = extent_of(dim) / outer.extent;
    if (step == 1 && begin % inner == 0 && count % inner == 0) {
      out.offset += begin / inner * outer.stride;
      dim.front().extent = count / inner;
      dim = normal(dim);
      return out;
    }
    // Within one index of the outer piece: that index becomes part of the offset.
    if (begin / inner != (begin + (count - 1) * step) / inner) return std::nullopt;
    out.offset += begin / inner * outer.stride;
    begin %= inner;
    dim.erase(dim.begin());
  }
  const std::int64_t stride = dim.empty() ? 0 : dim.front().stride;
  out.offset += begin * stride;
  dim = normal({{count, stride * step}});
  return out;
}

View broadcast(const View& view, const Shape& to) {
  View out;
  out.stored = view.stored;
  out.offset = view.offset;
  out.dims.resize(to.size());
  CHECK(view.dims.size() <= to.size()) << "broadcast to a smaller rank";
  const std::size_t missing = to.size() - view.dims.size();
  for (std::size_t d = 0; d < to.size(); ++d) {
    const bool has = d >= missing && extent_of(view.dims[d - missing]) == to[d];
    if (has) {
      out.dims[d] = view.dims[d - missing];
    } else {
      out.dims[d] = normal({{to[d], 0}});
    }
  }
  return out;
}

std::optional<View> concatenate(const std::vector<View>& parts, std::size_t axis) {
  View out = parts.front();
  std::int64_t total = 0;
  std::optional<std::int64_t> stride;
  for (const View& part : parts) {
    const auto own = single_stride(part.dims[axis]);
    if (!own || part.stored != out.stored) return std::nullopt;
    if (!part.dims[axis].empty()) {  // a part of extent 1 says nothing about the stride
      if (stride && *stride != *own) return std::nullopt;
      stride = own;
    }
    for (std::size_t d = 0; d < out.dims.size(); ++d) {
      if (d != axis && part.dims[d] != out.dims[d]) return std::nullopt;
    }
  }
  if (!stride) stride = parts.size() > 1 ? parts[1].offset - parts[0].offset : 0;
  for (const View& part : parts) {
    if (part.offset != out.offset + total * *stride) return std::nullopt;
    total += extent_of(part.dims[axis]);
  }
  if (*stride <= 0 && total > 1) return std::nullopt;
  out.dims[axis] = normal({{total, *stride}});
  return out;
}

DimOrder order_in_memory(const View& view) {
  const std::size_t rank = view.dims.size();
  for (const Factors& dim : view.dims) {
    if (dim.size() > 1) return row_major(rank);
  }
  const auto stride = [&](std::size_t d) { return view.dims[d].front().stride; };
  // A dimension of extent 1 may stand anywhere: where the usual orders have it, if one of them
  // fits.
  const auto fits = [&](const DimOrder& order) {
    std::int64_t last = INT64_MAX;
    for (std::size_t d : order) {
      if (view.dims[d].empty()) continue;
      if (stride(d) > last) return false;
      last = stride(d);
    }
    return true;
  };
  if (fits(row_major(rank))) return row_major(rank);
  if (fits(channel_last(rank))) return channel_last(rank);
  DimOrder order;
  for (std::size_t d = 0; d < rank; ++d) {
    if (view.dims[d].empty()) order.push_back(d);
  }
  const auto ones = static_cast<std::ptrdiff_t>(order.size());
  for (std::size_t d = 0; d < rank; ++d) {
    if (!view.dims[d].empty()) order.push_back(d);
  }
  std::stable_sort(order.begin() + ones, order.end(),
                   [&](std::size_t a, std::size_t b) { return stride(a) > stride(b); });
  return order;
}

std::optional<std::vector<Loop>> walk_together(const std::vector<Factors>& operands) {
  std::vector<Factors> rest = operands;
  std::vector<Loop> inner_first;
  for (;;) {
    std::int64_t extent = 0;
    for (const Factors& factors : rest) {
      if (!factors.empty() && (extent == 0 || factors.back().extent < extent)) {
        extent = factors.back().extent;
      }
    }
    if (extent == 0) break;
    Loop loop;
    loop.extent = extent;
    for (Factors& factors : rest) {
      if (factors.empty()) return std::nullopt;  // extents differ
      Factor& last = factors.back();
      if (last.extent % extent != 0) return std::nullopt;
      loop.strides.push_back(last.stride);
      if (last.extent == extent) {
        factors.pop_back();
      } else {
        last = {last.extent / extent, last.stride * extent};
      }
    }
    inner_first.push_back(std::move(loop));
  }
  return merged(std::vector<Loop>(inner_first.rbegin(), inner_first.rend()));
}

std::vector<Loop> merged(std::vector<Loop> loops) {
  std::vector<Loop> out;
  for (Loop& loop : loops) {
    if (loop.extent == 1) continue;
    bool joins = !out.empty();
    for (std::size_t i = 0; joins && i < loop.strides.size(); ++i) {
      joins = continues({out.back().extent, out.back().strides[i]}, {loop.extent, loop.strides[i]});
    }
    if (joins) {
      out.back().extent *= loop.extent;
      out.back().strides = std::move(loop.strides);
    } else {
      out.push_back(std::move(loop));
    }
  }
  return out;
}

}  // namespace takt
