// SPDX-License-Identifier: Apache-2.0
// Every number says where it is from.
#include <map>

#include "sim/machine/machine_spec_parts.h"

namespace takt::machine_spec {
namespace {

struct SourceLine {
  std::string path;
  std::string kind;
  std::string source;
  bool used = false;
};

std::vector<SourceLine> read_lines(Reader& sources) {
  std::vector<SourceLine> lines;
  for (const std::string& path : sources.keys()) {
    Reader line = sources.map(path);
    SourceLine read;
    read.path = path;
    read.kind = line.required("kind", source_kind());
    read.source = line.required("source", Text{});
    line.finish();
    lines.push_back(read);
  }
  return lines;
}

bool covers(const std::string& line, const std::string& path) {
  return path.compare(0, line.size(), line) == 0 &&
         (path.size() == line.size() || path[line.size()] == '.' || path[line.size()] == '[');
}

/// The line of the longest path that covers `path`; marks all that do as used.
const SourceLine* find_line(std::vector<SourceLine>& lines, const std::string& path) {
  const SourceLine* best = nullptr;
  for (SourceLine& line : lines) {
    if (!covers(line.path, path)) continue;
    line.used = true;
    if (best == nullptr || best->path.size() < line.path.size()) best = &line;
  }
  return best;
}

/// Numbers without a source under one top-level key.
struct Missing {
  Diagnostic first;
  std::size_t count = 0;
};

struct Walk {
  std::vector<SourceLine>& lines;
  Reader& reader;
  Resolved& resolved_sources;
  std::vector<SourcedValue>& values;
  std::map<std::string, Missing> missing{};

  void visit(Resolved& node, const std::string& path) {
    if (!node.hashed) return;
    if (node.kind == Resolved::Kind::kValue) return value(node, path);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      Resolved& child = *node.children[i];
      const std::string child_path = node.kind == Resolved::Kind::kList
                                         ? path + "[" + std::to_string(i) + "]"
                                         : join_path(path, child.key);
      visit(child, child_path);
    }
  }

  void value(Resolved& node, const std::string& path) {
    const SourceLine* line = find_line(lines, path);
    if (!node.number) return;
    node.number = false;
    SourcedValue sourced{join_path(reader.path(), path), node.text, "", ""};
    if (node.origin == Resolved::Origin::kDefault) {
      sourced.kind = "default";
      sourced.source = "configs/README.md";
      if (line == nullptr) state(path, "a default, see configs/README.md");
    } else if (node.origin == Resolved::Origin::kOverride) {
      sourced.kind = "override";
      sourced.source = node.place.file;
      if (line == nullptr) state(path, node.place.file);
    } else if (line != nullptr) {
      sourced.kind = line->kind;
      sourced.source = line->source;
    } else {
      report(node, path);
    }
    values.push_back(sourced);
  }

  /// The resolved configuration is a machine file like any other: its numbers have sources.
  void state(const std::string& path, const std::string& source) {
    Resolved& line = resolved_sources.add(path, Resolved::Kind::kMap);
    line.add("kind", Resolved::Kind::kValue).text = "estimate";
    line.add("source", Resolved::Kind::kValue).text = quote_yaml(source);
  }

  /// One message a top-level key: a file without sources would drown in them.
  void report(const Resolved& node, const std::string& path) {
    const std::string top = path.substr(0, path.find('.'));
    Missing& group = missing[top];
    if (++group.count > 1) return;
    group.first = error_at(Node{}, join_path(reader.path(), path), "E-missing-source", "");
    group.first.place = node.place;
    group.first.source_line = node.source_line;
  }

  void report_missing() {
    for (auto& [top, group] : missing) {
      group.first.message = "has no source";
      if (group.count > 1) {
        group.first.message += ", nor have " + std::to_string(group.count - 1) +
                               " more numbers of '" + join_path(reader.path(), top) + "'";
      }
      group.first.hint = "say where numbers are from, for example  sources: {" + top +
                         ": {kind: estimate, source: \"why\"}}";
      reader.errors().push_back(group.first);
    }
  }
};

}  // namespace

Choice<std::string> source_kind() {
  Choice<std::string> choice;
  for (const char* kind : {"datasheet", "paper", "measured", "estimate", "fitted"}) {
    choice.words.emplace_back(kind, kind);
  }
  return choice;
}

void check_sources(Reader& reader, std::vector<SourcedValue>& values) {
  Resolved& read = *reader.resolved();
  Reader sources = reader.optional_map("sources");
  sources.resolved()->hashed = false;
  std::vector<SourceLine> lines = read_lines(sources);
  sources.finish();
  Walk walk{lines, reader, *sources.resolved(), values};
  walk.visit(read, "");
  if (!sources.broken()) walk.report_missing();
  // A key that could not be read leaves its source without one: nothing to say of that.
  if (!reader.errors().empty()) return;
  for (const SourceLine& line : lines) {
    if (line.used) continue;
    sources.error(line.path, "E-unused-source", "is the source of no key",
                  "name a key or the map it is in, as a path from the top of this file");
  }
}

}  // namespace takt::machine_spec
