// SPDX-License-Identifier: Apache-2.0
// Operators that only move elements.
#include <algorithm>

#include "sim/base/math.h"
#include "sim/ir/infer_rules.h"

namespace takt::rules {
namespace {

std::string check_axis(std::int64_t axis, const Shape& x) { return check_axes({axis}, x.size()); }

std::string size_mismatch(const char* what, const Shape& x) {
  return std::string("needs one ") + what + " for each dimension of its input " + to_string(x);
}

}  // namespace

std::string resize(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<MoveAttrs>();
  const Shape& x = op.shape(0);
  if (attrs.end.size() != x.size()) return size_mismatch("size", x);
  const auto made = element_count(attrs.end);
  if (made && *made > 0 && *element_count(x) == 0) return "cannot resize " + to_string(x);
  out.push_back({attrs.end, op.dtype(0)});
  return "";
}

std::string concat(const OpView& op, Types& out) {
  Shape shape = op.shape(0);
  const std::int64_t axis = op.attributes<MoveAttrs>().axis;
  const std::string problem = check_axis(axis, shape);
  if (!problem.empty()) return problem;
  const auto at = static_cast<std::size_t>(axis);
  for (std::size_t i = 1; i < op.input_count(); ++i) {
    const Shape& x = op.shape(i);
    bool fits = x.size() == shape.size();
    for (std::size_t d = 0; fits && d < x.size(); ++d) fits = d == at || x[d] == shape[d];
    const auto length = fits ? checked_add(shape[at], x[at]) : std::nullopt;
    if (!length) {
      return "its operands " + to_string(op.shape(0)) + " and " + to_string(x) +
             " differ elsewhere than in axis " + std::to_string(axis);
    }
    shape[at] = *length;
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string split(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<MoveAttrs>();
  const Shape& x = op.shape(0);
  const std::string problem = check_axis(attrs.axis, x);
  if (!problem.empty()) return problem;
  const auto at = static_cast<std::size_t>(attrs.axis);
  const std::size_t parts = op.output_count();
  if (attrs.begin.size() != parts || attrs.end.size() != parts) {
    return "has " + std::to_string(parts) + " outputs and " + std::to_string(attrs.end.size()) +
           " parts";
  }
  for (std::size_t i = 0; i < parts; ++i) {
    if (attrs.begin[i] < 0 || attrs.end[i] < attrs.begin[i] || attrs.end[i] > x[at]) {
      return "part " + std::to_string(i) + " is outside axis " + std::to_string(attrs.axis) +
             " of " + to_string(x);
    }
    Shape shape = x;
    shape[at] = attrs.end[i] - attrs.begin[i];
    out.push_back({shape, op.dtype(0)});
  }
  return "";
}

std::string slice(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<MoveAttrs>();
  const Shape& x = op.shape(0);
  if (attrs.begin.size() != x.size() || attrs.end.size() != x.size() ||
      attrs.step.size() != x.size()) {
    return size_mismatch("begin, end and step", x);
  }
  Shape shape;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t begin = attrs.begin[i], end = attrs.end[i], step = attrs.step[i];
    if (step == 0 || step == INT64_MIN)
      return "its step in dimension " + std::to_string(i) + " is 0";
    const bool inside = step > 0 ? begin >= 0 && begin <= x[i] && end >= 0 && end <= x[i]
                                 : begin >= -1 && begin < std::max<std::int64_t>(x[i], 1) &&
                                       end >= -1 && end < std::max<std::int64_t>(x[i], 1);
    if (!inside) return "is outside dimension " + std::to_string(i) + " of " + to_string(x);
    const std::int64_t length = step > 0 ? end - begin : begin - end;
    const std::int64_t stride = step > 0 ? step : -step;
    shape.push_back(length <= 0 ? 0 : (length - 1) / stride + 1);
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string pad(const OpView& op, Types& out) {
  const auto& attrs = op.attributes<MoveAttrs>();
  const Shape& x = op.shape(0);
  if (attrs.begin.size() != x.size() || attrs.end.size() != x.size())
    return size_mismatch("pad", x);
  Shape shape;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto front = checked_add(x[i], attrs.begin[i]);
    const auto size = front ? checked_add(*front, attrs.end[i]) : std::nullopt;
    if (!size || *size < 0) {
      return "its pads leave nothing of dimension " + std::to_string(i) + " of " + to_string(x);
    }
    shape.push_back(*size);
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string transpose(const OpView& op, Types& out) {
  const auto& permutation = op.attributes<TransposeAttrs>().permutation;
  const Shape& x = op.shape(0);
  std::vector<bool> seen(x.size(), false);
  Shape shape;
  for (const std::int64_t from : permutation) {
    if (from < 0 || from >= static_cast<std::int64_t>(x.size()) ||
        seen[static_cast<std::size_t>(from)]) {
      break;
    }
    seen[static_cast<std::size_t>(from)] = true;
    shape.push_back(x[static_cast<std::size_t>(from)]);
  }
  if (permutation.size() != x.size() || shape.size() != x.size()) {
    return "its permutation does not hold each dimension of " + to_string(x) + " once";
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string reshape(const OpView& op, Types& out) {
  const Shape& x = op.shape(0);
  Shape shape = op.attributes<MoveAttrs>().end;
  if (shape.size() > kMaxRank) return "its result has too many dimensions";
  const std::int64_t elements = *element_count(x);
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open != shape.end()) {
    *open = 1;
    const auto others = element_count(shape);
    if (others && *others > 0) *open = elements / *others;
  }
  if (element_count(shape) != elements) {
    return "cannot make " + to_string(op.attributes<MoveAttrs>().end) + " of " + to_string(x);
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string expand(const OpView& op, Types& out) {
  const Shape& target = op.attributes<MoveAttrs>().end;
  const auto shape = broadcast(op.shape(0), target);
  if (!shape) return "cannot expand " + to_string(op.shape(0)) + " to " + to_string(target);
  out.push_back({*shape, op.dtype(0)});
  return "";
}

std::string gather(const OpView& op, Types& out) {
  const Shape& table = op.shape(0);
  const std::int64_t axis = op.attributes<MoveAttrs>().axis;
  const std::string problem = check_axis(axis, table);
  if (!problem.empty()) return problem;
  if (info(op.dtype(1)).is_float) return "its indices are not whole numbers";
  Shape shape(table.begin(), table.begin() + axis);
  shape.insert(shape.end(), op.shape(1).begin(), op.shape(1).end());
  shape.insert(shape.end(), table.begin() + axis + 1, table.end());
  out.push_back({shape, op.dtype(0)});
  return "";
}

}  // namespace takt::rules
