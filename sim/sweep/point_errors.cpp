// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/point_errors.h"

#include <algorithm>

#include "sim/sweep/grid.h"

namespace takt {
namespace {

/// Beyond this many different ones, errors are only counted.
constexpr std::size_t kErrorsShownMax = 50;

}  // namespace

PointErrors::PointErrors(const Sweep& sweep, const std::vector<Point>& grid)
    : sweep_(sweep), grid_(grid) {
  for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
    const Parameter& parameter = sweep.parameters[p];
    for (std::size_t v = 0; v < parameter.values.size(); ++v) {
      labels_.emplace("--set " + parameter.key + "=" + parameter.values[v].text, Choice{p, v});
    }
  }
}

void PointErrors::add(const Diagnostics& errors, std::size_t index) {
  for (const Diagnostic& error : errors) {
    Found found{error, index, 1, std::nullopt};
    place(found, grid_[index]);
    const auto [at, fresh] = seen_.emplace(to_string(found.error), found);
    if (fresh) continue;
    ++at->second.points;
    at->second.first = std::min(at->second.first, index);
  }
}

Diagnostics PointErrors::all() const {
  std::vector<Found> found;
  for (const auto& item : seen_) found.push_back(item.second);
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.first < b.first; });
  Diagnostics errors;
  for (Found& f : found) {
    if (errors.size() == kErrorsShownMax) break;
    if (f.error.hint.empty() && f.points < points_of(f.choice)) {
      f.error.hint = "in the point " + settings_text(sweep_, grid_[f.first]);
    }
    errors.push_back(std::move(f.error));
  }
  if (found.size() > kErrorsShownMax) {
    Diagnostic d;
    d.name = "E-too-many-errors";
    d.message = "and " + std::to_string(found.size() - kErrorsShownMax) + " more errors";
    d.hint = "a constraint can leave out points that cannot be built";
    errors.push_back(std::move(d));
  }
  return errors;
}

/// An error about an override is one about the value in the sweep file.
void PointErrors::place(Found& found, const Point& point) const {
  if (found.error.path == "--workload" && found.error.place.file.empty()) {
    const Mark& mark = sweep_.workloads[point.workload].mark;
    found.error.path = "workloads";
    found.error.place = mark.place;
    found.error.source_line = mark.source_line;
    return;
  }
  const auto at = labels_.find(found.error.place.file);
  if (at == labels_.end()) return;
  found.choice = at->second;
  const Parameter& parameter = sweep_.parameters[at->second.parameter];
  const bool of_key = found.error.name == "E-unknown-key";
  const Mark& mark = of_key ? parameter.mark : parameter.values[at->second.value].mark;
  found.error.place = mark.place;
  found.error.source_line = mark.source_line;
}

/// How many points have that value. An error in all of them is not about one point.
std::size_t PointErrors::points_of(const std::optional<Choice>& choice) const {
  return static_cast<std::size_t>(
      std::count_if(grid_.begin(), grid_.end(), [&choice](const Point& point) {
        return !choice || point.values[choice->parameter] == choice->value;
      }));
}

}  // namespace takt
