// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/grid.h"

#include <charconv>

#include "sim/base/math.h"
#include "sim/sweep/parameter_spec.h"

namespace takt {
namespace {

Diagnostic too_many(const Sweep& sweep) {
  Diagnostic d;
  d.name = "E-too-large";
  d.path = "parameters";
  d.message =
      "the grid of '" + sweep.name + "' has more than " + std::to_string(kPointsMax) + " points";
  d.hint = "fewer values, or same_as for parameters that go together";
  return d;
}

/// Between quotes a shell takes everything as it is, but the quote itself.
std::string shell_word(const std::string& text) {
  const char* const plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

Result<std::vector<Point>> grid_points(const Sweep& sweep) {
  std::size_t count = sweep.archs.size() * sweep.workloads.size();
  if (count > kPointsMax) return too_many(sweep);
  for (const Parameter& parameter : sweep.parameters) {
    if (!parameter.same_as) count *= parameter.values.size();
    if (count > kPointsMax) return too_many(sweep);
  }
  std::vector<Point> points(count);
  for (std::size_t i = 0; i < count; ++i) {
    Point& point = points[i];
    point.values.resize(sweep.parameters.size());
    std::size_t rest = i;
    for (std::size_t p = sweep.parameters.size(); p-- > 0;) {
      if (sweep.parameters[p].same_as) continue;
      point.values[p] = rest % sweep.parameters[p].values.size();
      rest /= sweep.parameters[p].values.size();
    }
    for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
      const auto& other = sweep.parameters[p].same_as;
      if (other) point.values[p] = point.values[*other];
    }
    point.workload = rest % sweep.workloads.size();
    point.arch = rest / sweep.workloads.size();
  }
  return points;
}

PointRequest request_of(const Sweep& sweep, const Point& point) {
  PointRequest request;
  request.arch = sweep.archs[point.arch].path;
  request.workload = sweep.workloads[point.workload].path;
  request.fidelity = sweep.fidelity;
  request.max_cycles = sweep.max_cycles;
  for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
    const Parameter& parameter = sweep.parameters[p];
    const ParameterValue& value = parameter.values[point.values[p]];
    switch (parameter.kind) {
      case ParameterKind::kMachineKey:
        request.overrides.push_back(parameter.key + "=" + value.text);
        break;
      case ParameterKind::kBatch: {
        std::int64_t batch = 0;
        std::from_chars(value.text.data(), value.text.data() + value.text.size(), batch);
        request.batch = batch;
        break;
      }
      case ParameterKind::kDtype: request.dtype = dtype_from(value.text); break;
      case ParameterKind::kFidelity:
        for (const auto& [word, fidelity] : fidelity_choice().words) {
          if (word == value.text) request.fidelity = fidelity;
        }
        break;
    }
  }
  return request;
}

std::string parameters_text(const Sweep& sweep, const Point& point) {
  std::string text = sweep.archs.size() > 1 ? "arch=" + sweep.archs[point.arch].name : "";
  for (std::size_t p = 0; p < sweep.parameters.size(); ++p) {
    text += (text.empty() ? "" : " ") + sweep.parameters[p].key + "=" +
            sweep.parameters[p].values[point.values[p]].text;
  }
  return text;
}

std::string settings_text(const Sweep& sweep, const Point& point) {
  const std::string rest = parameters_text(sweep, point);
  return "workload=" + sweep.workloads[point.workload].name + (rest.empty() ? "" : " " + rest);
}

std::string command_text(const PointRequest& request) {
  std::string text =
      "takt run -a " + shell_word(request.arch) + " -w " + shell_word(request.workload);
  text += " -f " + fidelity_choice().format(request.fidelity);
  if (request.batch) text += " -b " + std::to_string(*request.batch);
  if (request.dtype) text += " --dtype " + std::string(to_string(*request.dtype));
  for (const std::string& override_text : request.overrides) {
    text += " --set " + shell_word(override_text);
  }
  if (request.max_cycles > 0) text += " --max-cycles " + std::to_string(request.max_cycles);
  return text;
}

}  // namespace takt
