// SPDX-License-Identifier: Apache-2.0
#pragma once
// How a Resize finds its elements. MoveAttrs::mode holds it as words, the kernel first; what is
// left out is the default: "linear", "nearest half_pixel round_prefer_floor", "cubic scales 1 1 0.6
// 0.6". The names are those of the ONNX operator's attributes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace takt {

struct ResizeMode {
  std::string kernel = "nearest";          ///< nearest, linear, cubic
  std::string coordinates = "asymmetric";  ///< default of linear and cubic: half_pixel
  std::string rounding = "floor";          ///< of nearest
  double cubic = -0.75;                    ///< the cubic kernel's slope
  bool exclude_outside = false;            ///< taps outside the tensor have no weight
  bool antialias = false;                  ///< kernels are stretched where the tensor shrinks
  std::vector<double> scales;              ///< a dimension; empty = length of the result / operand

  explicit ResizeMode(std::string of_kernel = "nearest");
};

std::string to_text(const ResizeMode& mode);
/// Nothing if a word is none of them.
std::optional<ResizeMode> resize_mode_from(const std::string& text);
/// The first word.
std::string resize_kernel(const std::string& text);

/// An element of the operand along one dimension, and its share in the result's.
struct ResizeTap {
  std::int64_t index = 0;
  double weight = 1;
};
/// For each of the `to` indices of a dimension what it is made of; `from` is the operand's length.
std::vector<std::vector<ResizeTap>> resize_taps(const ResizeMode& mode, std::size_t dimension,
                                                std::int64_t from, std::int64_t to);

}  // namespace takt
