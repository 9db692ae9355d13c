// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/parameter_spec.h"

#include <algorithm>
#include <set>

#include "sim/sweep/range.h"

namespace takt {
namespace {

constexpr std::string_view kSameAs = "same_as ";

ParameterKind kind_of(const std::string& key) {
  if (key == "batch") return ParameterKind::kBatch;
  if (key == "dtype") return ParameterKind::kDtype;
  if (key == "fidelity") return ParameterKind::kFidelity;
  return ParameterKind::kMachineKey;
}

class ParametersReader {
 public:
  ParametersReader(const Node& map, Diagnostics& errors) : map_(map), errors_(errors) {}

  std::vector<Parameter> read() {
    for (std::size_t i = 0; i < map_.keys.size(); ++i) {
      const Node& node = map_.children[i];
      Parameter parameter;
      parameter.key = map_.keys[i];
      parameter.kind = kind_of(parameter.key);
      parameter.mark = mark_of(node, true);
      const bool follows = node.is_scalar() && node.text.rfind(kSameAs, 0) == 0;
      followed_.push_back(follows ? node.text.substr(kSameAs.size()) : "");
      if (!follows) parameter.values = values_of(node, parameter);
      all_.push_back(std::move(parameter));
    }
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (!followed_[i].empty()) follow(i);
    }
    return std::move(all_);
  }

 private:
  std::string path_of(std::size_t index) const { return "parameters." + map_.keys[index]; }

  void error(const Node& node, const std::string& path, const char* name, std::string message,
             std::string hint = "") {
    errors_.push_back(error_at(node, path, name, std::move(message), std::move(hint)));
  }

  /// Gives a parameter the values of the one it names.
  void follow(std::size_t index) {
    const std::string& name = followed_[index];
    const Node& node = map_.children[index];
    const auto at = std::find(map_.keys.begin(), map_.keys.end(), name);
    const auto other = static_cast<std::size_t>(at - map_.keys.begin());
    if (at == map_.keys.end()) {
      std::vector<std::string> keys = map_.keys;
      keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
      const auto near = suggest(name, keys);
      error(node, path_of(index), "E-same-as",
            quoted_for_message(name) + " is not a parameter of this sweep",
            near ? "did you mean '" + *near + "'?"
                 : "same_as names another key of 'parameters'; what does not vary needs no line");
    } else if (!followed_[other].empty()) {
      error(node, path_of(index), "E-same-as",
            quoted_for_message(name) + " has no values of its own", "name the parameter that has");
    } else {
      all_[index].same_as = other;
      all_[index].values = all_[other].values;
      check_values(all_[index], path_of(index));
    }
  }

  std::vector<ParameterValue> values_of(const Node& node, Parameter& parameter) {
    const std::string path = "parameters." + parameter.key;
    if (node.is_map()) {
      for (const Measure& measure : range_values(node, path, errors_)) {
        parameter.values.push_back({text_of(measure), measure, mark_of(node)});
      }
    } else if (node.is_list() && !node.children.empty() &&
               node.children.size() <= kParameterValuesMax) {
      parameter.values = list_values(node, parameter.kind, path);
    } else {
      error(
          node, path, "E-wrong-shape",
          "expected a list of values, a range, or same_as another parameter, got " +
              (node.is_list() ? std::to_string(node.children.size()) + " values" : node.describe()),
          "[8, 16], {from: 8, to: 64, factor: 2}, same_as core.matrix.rows");
    }
    check_values(parameter, path);
    return std::move(parameter.values);
  }

  std::vector<ParameterValue> list_values(const Node& node, ParameterKind kind,
                                          const std::string& path) {
    std::vector<ParameterValue> values;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Node& item = node.children[i];
      const std::string here = path + "[" + std::to_string(i) + "]";
      if (!item.is_scalar() || item.text.find('\n') != std::string::npos) {
        error(item, here, "E-wrong-shape",
              "expected a number, a word, true or false, got " + item.describe());
        continue;
      }
      ParameterValue value;
      const bool quote = item.quoted && kind == ParameterKind::kMachineKey;
      value.text = quote ? quote_yaml(item.text) : item.text;
      if (!item.quoted) value.measure = measure_from(item.text);
      value.mark = mark_of(item);
      // 64 KiB and 65536 B are one value.
      if (!seen.insert(value.measure ? text_of(*value.measure) : value.text).second) {
        errors_.push_back(repeated_value(item, here));
      }
      values.push_back(std::move(value));
    }
    return values;
  }

  /// What is no key of the machine is checked here, by its own rules.
  void check_values(const Parameter& parameter, const std::string& path) {
    if (parameter.kind == ParameterKind::kMachineKey) return;
    for (const ParameterValue& value : parameter.values) {
      Node node;
      node.kind = Node::Kind::kScalar;
      node.text = value.text;
      Diagnostics found;
      const Field field{node, path, found};
      if (parameter.kind == ParameterKind::kBatch) Whole{1}.read(field);
      if (parameter.kind == ParameterKind::kDtype) compute_dtype().read(field);
      if (parameter.kind == ParameterKind::kFidelity) fidelity_choice().read(field);
      for (Diagnostic& d : found) {
        d.place = value.mark.place;
        d.source_line = value.mark.source_line;
        errors_.push_back(std::move(d));
      }
    }
  }

  const Node& map_;
  Diagnostics& errors_;
  std::vector<Parameter> all_;
  std::vector<std::string> followed_;  ///< by parameter: the key behind same_as, or empty
};

}  // namespace

Mark mark_of(const Node& node, bool key) {
  const Diagnostic d = key ? error_at_key(node, "", "", "") : error_at(node, "", "", "");
  return {d.place, d.source_line};
}

Choice<Fidelity> fidelity_choice() {
  return {{{"analytic", Fidelity::kAnalytic}, {"transaction", Fidelity::kTransaction}}};
}

Diagnostic repeated_value(const Node& item, const std::string& path) {
  return error_at(item, path, "E-duplicate-value",
                  quoted_for_message(item.text) + " stands here twice",
                  "every value of a list makes points of its own");
}

std::vector<Parameter> read_parameters(const Node& map, Diagnostics& errors) {
  return ParametersReader(map, errors).read();
}

}  // namespace takt
