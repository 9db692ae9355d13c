// SPDX-License-Identifier: Apache-2.0
// Operators that run over axes: softmax, norms, reductions, searches.
#include <algorithm>

#include "sim/ir/infer_rules.h"

namespace takt::rules {
namespace {

/// `shape` with `axes` set to `size`, or taken out.
Shape without_axes(const Shape& shape, const std::vector<std::int64_t>& axes, bool keep,
                   std::int64_t size) {
  Shape out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (next < axes.size() && axes[next] == static_cast<std::int64_t>(i)) {
      ++next;
      if (keep) out.push_back(size);
    } else {
      out.push_back(shape[i]);
    }
  }
  return out;
}

std::string check_one_axis(const OpView& op) {
  const auto& attrs = op.attributes<AxesAttrs>();
  if (attrs.axes.size() != 1) return "needs exactly one axis";
  return check_axes(attrs.axes, op.shape(0).size());
}

}  // namespace

std::string check_axes(const std::vector<std::int64_t>& axes, std::size_t rank) {
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] < 0 || axes[i] >= static_cast<std::int64_t>(rank)) {
      return "axis " + std::to_string(axes[i]) + " is outside its input's " + std::to_string(rank) +
             " dimensions";
    }
    if (i && axes[i] <= axes[i - 1]) return "its axes are given twice or out of order";
  }
  return "";
}

std::string softmax(const OpView& op, Types& out) {
  const auto& axes = op.attributes<AxesAttrs>().axes;
  if (axes.empty() && !op.shape(0).empty()) return "needs an axis";
  const std::string problem = check_axes(axes, op.shape(0).size());
  if (problem.empty()) out.push_back({op.shape(0), op.dtype(0)});
  return problem;
}

std::string axes_norm(const OpView& op, Types& out) {
  const auto& axes = op.attributes<AxesAttrs>().axes;
  if (axes.empty()) return "needs an axis";
  const std::string problem = check_axes(axes, op.shape(0).size());
  if (!problem.empty()) return problem;
  for (std::size_t i = 1; i < op.input_count(); ++i) {
    if (op.has(i) && broadcast(op.shape(0), op.shape(i)) != op.shape(0)) {
      return "its factors " + to_string(op.shape(i)) + " do not broadcast to " +
             to_string(op.shape(0));
    }
  }
  out.push_back({op.shape(0), op.dtype(0)});
  return "";
}

std::string channel_norm(const OpView& op, Types& out) {
  const Shape& x = op.shape(0);
  if (x.size() < 2) return "its input " + to_string(x) + " has no channels";
  const std::int64_t groups = op.attributes<AxesAttrs>().groups;
  const bool grouped = op.op().kind == OpKind::kGroupNorm;
  if (grouped && (groups < 1 || x[1] % groups != 0)) {
    return std::to_string(groups) + " groups do not divide its " + std::to_string(x[1]) +
           " channels";
  }
  for (std::size_t i = 1; i < op.input_count(); ++i) {
    if (!op.has(i) || op.shape(i) == Shape{x[1]} || (grouped && op.shape(i) == Shape{groups}))
      continue;
    return "input " + std::to_string(i) + " " + to_string(op.shape(i)) + " must be [" +
           std::to_string(x[1]) + "]";
  }
  out.push_back({x, op.dtype(0)});
  return "";
}

std::string reduce(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<AxesAttrs>();
  const Shape& x = op.shape(0);
  const std::string problem = check_axes(attrs.axes, x.size());
  if (!problem.empty()) return problem;
  std::vector<std::int64_t> axes = attrs.axes;
  if (axes.empty()) {
    for (std::size_t i = 0; i < x.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  out.push_back({without_axes(x, axes, attrs.keep_dims, 1), op.dtype(0)});
  return "";
}

std::string arg_max(const OpView& op, Types& out) {
  const std::string problem = check_one_axis(op);
  if (!problem.empty()) return problem;
  const auto& attrs = op.attributes<AxesAttrs>();
  out.push_back({without_axes(op.shape(0), attrs.axes, attrs.keep_dims, 1), DType::kInt64});
  return "";
}

std::string top_k(const OpView& op, Types& out) {
  const std::string problem = check_one_axis(op);
  if (!problem.empty()) return problem;
  const auto& attrs = op.attributes<AxesAttrs>();
  const std::int64_t size = op.shape(0)[static_cast<std::size_t>(attrs.axes[0])];
  if (attrs.k < 0 || attrs.k > size) {
    return "cannot take " + std::to_string(attrs.k) + " of " + std::to_string(size) + " elements";
  }
  const Shape shape = without_axes(op.shape(0), attrs.axes, true, attrs.k);
  out.push_back({shape, op.dtype(0)});
  if (op.output_count() > 1) out.push_back({shape, DType::kInt64});
  return "";
}

}  // namespace takt::rules
