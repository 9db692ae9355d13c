// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is wrong with the points of a sweep: each mistake once, where it stands in the sweep file.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/sweep.h"

namespace takt {

class PointErrors {
 public:
  /// Both must outlive it.
  PointErrors(const Sweep& sweep, const std::vector<Point>& grid);

  /// The errors of the point at that index of the grid.
  void add(const Diagnostics& errors, std::size_t index);
  bool empty() const { return seen_.empty(); }
  /// In the order of the points, whichever was checked first. Beyond fifty they are counted only.
  Diagnostics all() const;

 private:
  struct Choice {
    std::size_t parameter, value;
  };
  struct Found {
    Diagnostic error;
    std::size_t first, points;     ///< first point that has it, and how many do
    std::optional<Choice> choice;  ///< the value that it is about
  };
  void place(Found& found, const Point& point) const;
  std::size_t points_of(const std::optional<Choice>& choice) const;

  const Sweep& sweep_;
  const std::vector<Point>& grid_;
  std::map<std::string, Choice> labels_;  ///< by what a machine's reader calls an override
  std::map<std::string, Found> seen_;
};

}  // namespace takt
