// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sweep_spec.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "sim/config/parse.h"
#include "sim/config/reader.h"
#include "sim/sweep/parameter_spec.h"

namespace takt {
namespace {

namespace fs = std::filesystem;

class SweepFile {
 public:
  SweepFile(const Node& root, const SweepReading& reading, Diagnostics& errors)
      : reading_(reading), errors_(errors), root_(root, errors) {}

  Sweep read() {
    Sweep sweep;
    sweep.name = root_.required("name", Text{});
    sweep.archs = named("arch", reading_.find_arch);
    sweep.workloads = named("workloads", reading_.find_workload);
    sweep.fidelity = root_.optional("fidelity", fidelity_choice(), Fidelity::kAnalytic);
    sweep.max_cycles = root_.optional("max_cycles", Whole{1}, 0);
    if (const Node* map = parameters_map()) sweep.parameters = read_parameters(*map, errors_);
    if (const Node* list = list_of("constraints")) {
      for (std::size_t i = 0; i < list->children.size(); ++i) {
        auto constraint =
            Constraint::parse(list->children[i], item_path("constraints", i), errors_);
        if (constraint) sweep.constraints.push_back(std::move(*constraint));
      }
    }
    objectives(sweep.objectives);
    search();
    root_.finish();
    return sweep;
  }

 private:
  static std::string item_path(const std::string& key, std::size_t i) {
    return key + "[" + std::to_string(i) + "]";
  }

  /// The files that a key names: one, or a list of them. `workloads` is always a list.
  std::vector<NamedFile> named(const std::string& key,
                               const std::function<std::string(const std::string&)>& find) {
    const Node* node = root_.take(key);
    std::vector<NamedFile> files;
    if (node == nullptr || (node->is_scalar() && key == "arch")) {
      const std::string name = root_.required(key, Text{});
      if (!name.empty()) files.push_back(found(*node, key, name, find));
      return files;
    }
    const std::vector<std::string> names = root_.list(key, Text{}, 1, 10'000);
    if (names.empty() || names.size() != node->children.size()) return files;  // reported
    refuse_repeats(key);
    for (std::size_t i = 0; i < names.size(); ++i) {
      files.push_back(found(node->children[i], item_path(key, i), names[i], find));
    }
    return files;
  }

  /// Beside the sweep file, else where the command line would find it.
  NamedFile found(const Node& node, const std::string& path, const std::string& name,
                  const std::function<std::string(const std::string&)>& find) {
    NamedFile file{name, name, mark_of(node)};
    // "gemm:m=64,n=64,k=64" is no file.
    if (path.rfind("workloads", 0) == 0 && name.find(':') != std::string::npos) return file;
    std::error_code ignored;
    const fs::path beside = fs::path(reading_.origin).parent_path() / name;
    if (fs::is_regular_file(beside, ignored)) {
      file.path = beside.string();
    } else if (find) {
      file.path = find(name);
    }
    if (!fs::is_regular_file(file.path, ignored)) {
      errors_.push_back(error_at(node, path, "E-missing-file",
                                 "no such file: " + quoted_for_message(name),
                                 "looked beside the sweep file, in the working folder, and in the "
                                 "folders that came with takt"));
    }
    return file;
  }

  /// The list that a key may hold; null if it is not there, or no list, which is reported.
  const Node* list_of(const std::string& key) {
    const Node* node = root_.take(key);
    if (node == nullptr) return nullptr;
    if (node->is_list()) return node;
    errors_.push_back(
        error_at(*node, key, "E-wrong-shape", "expected a list, got " + node->describe()));
    return nullptr;
  }

  /// The map of parameters; null if there is none, which is reported.
  const Node* parameters_map() {
    const Node* map = root_.take("parameters");
    if (map != nullptr && map->is_map()) return map;
    root_.map("parameters");  // says what is wrong
    return nullptr;
  }

  void refuse_repeats(const std::string& key) {
    const Node* node = root_.take(key);
    if (node == nullptr || !node->is_list()) return;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < node->children.size(); ++i) {
      const Node& item = node->children[i];
      if (item.is_scalar() && !seen.insert(item.text).second)
        errors_.push_back(repeated_value(item, item_path(key, i)));
    }
  }

  void objectives(std::vector<ObjectiveInfo>& into) {
    const Node* list = list_of("objectives");
    if (list == nullptr) {
      // Without any, points are still ranked by time.
      into.push_back(objective_infos().front());
      return;
    }
    refuse_repeats("objectives");
    std::vector<std::string> names;
    for (const ObjectiveInfo& info : objective_infos()) names.emplace_back(info.name);
    for (std::size_t i = 0; i < list->children.size(); ++i) {
      const Node& item = list->children[i];
      const std::string path = item_path("objectives", i);
      const auto index = read_choice(Field{item, path, errors_}, names);
      if (index) into.push_back(objective_infos()[*index]);
    }
    if (list->children.empty()) {
      errors_.push_back(error_at(*list, "objectives", "E-out-of-range",
                                 "expected at least one objective", "one of " + join_words(names)));
    }
  }

  /// Only the grid is there; a file that asks for more must not silently get less.
  void search() {
    const Node* node = root_.take("search");
    if (node == nullptr) return;
    Reader search = root_.map("search");
    const Node* method = search.take("method");
    if (method != nullptr && method->is_scalar() &&
        (method->text == "random" || method->text == "nsga2")) {
      Diagnostic d = error_at(*method, "search.method", "E-unsupported-feature",
                              "'" + method->text + "' is not there yet, only 'grid' is",
                              "method: grid runs every point");
      d.kind = ErrorKind::kUnsupported;
      errors_.push_back(std::move(d));
      return;
    }
    search.required("method", Choice<int>{{{"grid", 0}}});
    search.finish();
  }

  const SweepReading& reading_;
  Diagnostics& errors_;
  Reader root_;
};

Result<Sweep> read_tree(const std::optional<Node>& tree, Diagnostics errors,
                        const SweepReading& reading) {
  if (!tree) return errors;
  Sweep sweep = SweepFile(*tree, reading, errors).read();
  if (!errors.empty()) return errors;
  sweep.text = tree->source->text();
  std::error_code ignored;
  sweep.origin = fs::absolute(reading.origin, ignored).lexically_normal().string();
  return sweep;
}

}  // namespace

const std::vector<ObjectiveInfo>& objective_infos() {
  static const std::vector<ObjectiveInfo> kAll{
      {"seconds", false},    {"cycles", false},   {"energy_pj", false}, {"edp_pj_s", false},
      {"dram_bytes", false}, {"area_mm2", false}, {"utilization", true}};
  return kAll;
}

Result<Sweep> read_sweep(const std::string& path, const SweepReading& reading) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_file(path, errors);
  return read_tree(tree, std::move(errors), reading);
}

Result<Sweep> sweep_from_text(const std::string& text, const std::string& name,
                              const SweepReading& reading) {
  Diagnostics errors;
  const std::optional<Node> tree = parse_text(text, name, errors);
  return read_tree(tree, std::move(errors), reading);
}

}  // namespace takt
