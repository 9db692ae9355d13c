// SPDX-License-Identifier: Apache-2.0
// Convolution and pooling.
#include "sim/ir/infer_rules.h"

#include <algorithm>

namespace takt::rules {
namespace {

/// Larger strides, pads and windows are nonsense, and below it products of two fit 64 bits.
constexpr std::int64_t kWindowLimit = std::int64_t{1} << 30;

std::string check_window(const WindowAttrs& w, const Shape& x) {
  if (x.size() != 3 && x.size() != 4) {
    return "its input must be [N, C, L] or [N, C, H, W], not " + to_string(x);
  }
  for (int i = 0; i < 2; ++i) {
    const auto in = [](std::int64_t value, std::int64_t low) {
      return value >= low && value <= kWindowLimit;
    };
    if (!w.global && !in(w.kernel[i], 1)) return "its kernel must be 1 or more";
    if (!in(w.stride[i], 1)) return "its strides must be 1 or more";
    if (!in(w.dilation[i], 1)) return "its dilations must be 1 or more";
    if (!in(w.pad_begin[i], 0) || !in(w.pad_end[i], 0)) return "its pads must be 0 or more";
    if (!in(w.output_padding[i], 0)) return "its output padding must be 0 or more";
  }
  if (x.size() == 3 && !w.global &&
      (w.kernel[1] != 1 || w.pad_begin[1] != 0 || w.pad_end[1] != 0 || w.stride[1] != 1)) {
    return "its window has two dimensions, its input " + to_string(x) + " one";
  }
  return "";
}

/// Elements a dilated window spans: d*(k-1) + 1.
std::int64_t span(const WindowAttrs& w, std::size_t i) {
  return w.dilation[i] * (w.kernel[i] - 1) + 1;
}

/// Appends the positions of the window along each spatial dimension:
/// floor((in + pads - span) / stride) + 1, or the ceiling of the quotient.
std::string slide(const WindowAttrs& w, const Shape& x, Shape& out) {
  for (std::size_t i = 0; i + 2 < x.size(); ++i) {
    const std::int64_t padded = x[i + 2] + w.pad_begin[i] + w.pad_end[i];
    if (span(w, i) > padded) {
      return "its window spans " + std::to_string(span(w, i)) + " elements, its padded input has " +
             std::to_string(padded);
    }
    const std::int64_t room = padded - span(w, i);
    std::int64_t count = room / w.stride[i] + 1;
    if (w.ceil_mode && room % w.stride[i] != 0) {
      // A window that starts in the padding behind the input would see nothing: it is left out.
      if (count * w.stride[i] < x[i + 2] + w.pad_begin[i]) ++count;
    }
    out.push_back(count);
  }
  return "";
}

/// A window over nothing but padding has no largest element, and no mean of those inside.
std::string sees_input(const WindowAttrs& w, const Shape& x, const Shape& out) {
  for (std::size_t i = 0; i + 2 < x.size(); ++i) {
    const std::int64_t size = x[i + 2], step = w.dilation[i];
    const auto blind = [&](std::int64_t position) {
      const std::int64_t start = position * w.stride[i] - w.pad_begin[i];
      const std::int64_t first = start >= 0 ? 0 : (-start + step - 1) / step;  // tap at or behind 0
      return first >= w.kernel[i] || start + first * step >= size;
    };
    // From the left edge on until windows begin in the input, and the last.
    const std::int64_t inside = (w.pad_begin[i] + w.stride[i] - 1) / w.stride[i];
    bool found = blind(0) || blind(out[i + 2] - 1);
    // Between them only a window with holes wider than the input can miss it.
    for (std::int64_t p = 1; !found && size < step && p < std::min(inside, out[i + 2]); ++p) {
      found = blind(p);
    }
    if (found) {
      return "its pads are so deep that windows of " + std::to_string(w.kernel[i]) +
             " see nothing of its input";
    }
  }
  return "";
}

/// Rank of the weights, their window and groups. `channels` is what groups must divide.
std::string check_weights(const OpView& op, std::int64_t channels) {
  const auto& w = op.attributes<WindowAttrs>();
  const Shape& weights = op.shape(1);
  if (weights.size() != op.shape(0).size()) {
    return "its weights " + to_string(weights) + " do not suit its input " + to_string(op.shape(0));
  }
  for (std::size_t i = 0; i + 2 < weights.size(); ++i) {
    if (weights[i + 2] != w.kernel[i]) {
      return "its weights " + to_string(weights) + " do not have its kernel " +
             std::to_string(w.kernel[0]) + "x" + std::to_string(w.kernel[1]);
    }
  }
  if (w.groups < 1) return "its groups must be 1 or more";
  if (channels % w.groups != 0) {
    return std::to_string(w.groups) + " groups do not divide its " + std::to_string(channels) +
           " channels";
  }
  return "";
}

std::string check_bias(const OpView& op, std::int64_t channels) {
  if (!op.has(2) || op.shape(2) == Shape{channels}) return "";
  return "its bias " + to_string(op.shape(2)) + " must be [" + std::to_string(channels) + "]";
}

}  // namespace

std::string conv(const OpView& op, Types& out) {
  const auto& w = op.attributes<WindowAttrs>();
  const Shape& x = op.shape(0);
  std::string problem = check_window(w, x);
  if (!problem.empty()) return problem;
  problem = check_weights(op, x[1]);
  if (!problem.empty()) return problem;
  const Shape& weights = op.shape(1);
  if (weights[1] != x[1] / w.groups) {
    return "its weights " + to_string(weights) + " are for " + std::to_string(weights[1]) +
           " channels a group, its input has " + std::to_string(x[1] / w.groups);
  }
  if (weights[0] % w.groups != 0) {
    return std::to_string(w.groups) + " groups do not divide its " + std::to_string(weights[0]) +
           " output channels";
  }
  problem = check_bias(op, weights[0]);
  if (!problem.empty()) return problem;
  Shape shape{x[0], weights[0]};
  problem = slide(w, x, shape);
  if (problem.empty()) out.push_back({shape, op.dtype(0)});
  return problem;
}

std::string conv_transpose(const OpView& op, Types& out) {
  const auto& w = op.attributes<WindowAttrs>();
  const Shape& x = op.shape(0);
  std::string problem = check_window(w, x);
  if (!problem.empty()) return problem;
  problem = check_weights(op, x[1]);
  if (!problem.empty()) return problem;
  const Shape& weights = op.shape(1);
  if (weights[0] != x[1]) {
    return "its weights " + to_string(weights) + " are for " + std::to_string(weights[0]) +
           " channels, its input has " + std::to_string(x[1]);
  }
  if (weights[1] > kWindowLimit || w.groups > kWindowLimit) return "has too many channels";
  problem = check_bias(op, weights[1] * w.groups);
  if (!problem.empty()) return problem;
  Shape shape{x[0], weights[1] * w.groups};
  for (std::size_t i = 0; i + 2 < x.size(); ++i) {
    if (x[i + 2] > kWindowLimit) return "its input " + to_string(x) + " is too large";
    // The inverse of slide(): (in - 1) * stride + span + output_padding - pads.
    const std::int64_t size = (x[i + 2] - 1) * w.stride[i] + span(w, i) + w.output_padding[i] -
                              w.pad_begin[i] - w.pad_end[i];
    if (size < 1) return "its pads leave nothing of its result";
    shape.push_back(size);
  }
  out.push_back({shape, op.dtype(0)});
  return "";
}

std::string pool(const OpView& op, Types& out) {
  const auto& w = op.attributes<WindowAttrs>();
  const Shape& x = op.shape(0);
  std::string problem = check_window(w, x);
  if (!problem.empty()) return problem;
  Shape shape{x[0], x[1]};
  if (w.global) {
    if (product(x, 2, x.size()) == 0) return "its input " + to_string(x) + " has no elements";
    shape.resize(x.size(), 1);
  } else {
    problem = slide(w, x, shape);
    const bool zeros_count = op.op().kind == OpKind::kAveragePool && w.count_include_pad;
    if (problem.empty() && !zeros_count) problem = sees_input(w, x, shape);
  }
  if (problem.empty()) out.push_back({shape, op.dtype(0)});
  return problem;
}

}  // namespace takt::rules
