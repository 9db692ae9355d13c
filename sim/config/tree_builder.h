// SPDX-License-Identifier: Apache-2.0
#pragma once
// Builds the tree from yaml-cpp's events rather than from its nodes: events tell duplicate keys,
// aliases and quotes apart, and can be stopped before memory is spent. Inside this folder only.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/node.h"

namespace takt {

/// Ends the parse; caught in parse_text and never beyond.
struct StopParsing {
  Diagnostic why;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const SourceText> source, Diagnostics& errors)
      : source_(std::move(source)), errors_(errors) {}

  bool has_root() const { return done_; }
  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override;
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    std::string path;
    bool has_key = false;
    std::string key;
    int key_line = 0, key_column = 0;
    std::set<std::string> seen;
  };

  Diagnostic at(const YAML::Mark& mark, const char* name, std::string message,
                std::string hint = "") const;
  Node placed(const YAML::Mark& mark) const;
  void spend(std::size_t nodes, const YAML::Mark& mark);
  Node make(Node::Kind kind, const YAML::Mark& mark);
  void refuse_tag(const YAML::Mark& mark, const std::string& tag);
  void open(Node node, YAML::anchor_t anchor);
  Diagnostic bad_key(const Node& node) const;
  void close();
  void finish(Node node, YAML::anchor_t anchor);
  void take_key(Frame& top, const Node& node);
  void take_value(Frame& top, Node node);

  std::shared_ptr<const SourceText> source_;
  Diagnostics& errors_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
  Node root_;
  bool done_ = false;
};

}  // namespace takt
