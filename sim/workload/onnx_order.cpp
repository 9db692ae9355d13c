// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/onnx_order.h"

#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>

#include "sim/workload/onnx_file.h"

namespace takt {
namespace {

constexpr int kOutside = -1;  ///< made by no node: an input or a stored value

class Orderer {
 public:
  Orderer(const onnx::GraphProto& graph, const std::string& file) : graph_(graph), file_(file) {}

  OnnxOrder run() {
    collect_makers();
    connect();
    walk();
    if (order_.nodes.size() < static_cast<std::size_t>(graph_.node_size())) report_cycle();
    return std::move(order_);
  }

 private:
  void report(int node, const std::string& message) {
    order_.errors.push_back(onnx_error(
        file_, "E-onnx-graph", "node '" + onnx_node_name(graph_.node(node), node) + "'", message));
  }

  void collect_makers() {
    for (const auto& input : graph_.input()) makers_[input.name()] = kOutside;
    for (const auto& tensor : graph_.initializer()) makers_[tensor.name()] = kOutside;
    for (const auto& tensor : graph_.sparse_initializer())
      makers_[tensor.values().name()] = kOutside;
    for (int i = 0; i < graph_.node_size(); ++i) {
      for (const std::string& output : graph_.node(i).output()) {
        if (output.empty() || makers_.emplace(output, i).second) continue;
        report(i, "makes '" + output + "', which is made elsewhere too");
      }
    }
  }

  void connect() {
    waits_for_.assign(static_cast<std::size_t>(graph_.node_size()), 0);
    readers_.resize(waits_for_.size());
    for (int i = 0; i < graph_.node_size(); ++i) {
      for (const std::string& input : graph_.node(i).input()) {
        if (input.empty()) continue;
        const auto maker = makers_.find(input);
        if (maker == makers_.end()) {
          report(i, "reads '" + input + "', which nothing makes");
        } else if (maker->second != kOutside) {
          ++waits_for_[static_cast<std::size_t>(i)];
          readers_[static_cast<std::size_t>(maker->second)].push_back(i);
        }
      }
    }
  }

  /// Kahn's algorithm; of the nodes that are ready the first in the file goes first.
  void walk() {
    std::priority_queue<int, std::vector<int>, std::greater<>> ready;
    for (int i = 0; i < graph_.node_size(); ++i) {
      if (waits_for_[static_cast<std::size_t>(i)] == 0) ready.push(i);
    }
    while (!ready.empty()) {
      const int node = ready.top();
      ready.pop();
      order_.nodes.push_back(node);
      for (const int reader : readers_[static_cast<std::size_t>(node)]) {
        if (--waits_for_[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
      }
    }
  }

  /// Every node left waits for another one left: going back far enough one stands on a cycle.
  void report_cycle() {
    int node = 0;
    while (waits_for_[static_cast<std::size_t>(node)] == 0) ++node;
    std::vector<bool> seen(waits_for_.size(), false);
    while (!seen[static_cast<std::size_t>(node)]) {
      seen[static_cast<std::size_t>(node)] = true;
      node = waiting_maker(node);
    }
    report(node, "stands on a cycle: it needs, through others, its own result");
  }

  int waiting_maker(int node) const {
    for (const std::string& input : graph_.node(node).input()) {
      const auto maker = makers_.find(input);
      if (maker == makers_.end() || maker->second == kOutside) continue;
      if (waits_for_[static_cast<std::size_t>(maker->second)] > 0) return maker->second;
    }
    return node;
  }

  const onnx::GraphProto& graph_;
  const std::string& file_;
  std::unordered_map<std::string_view, int> makers_;
  std::vector<int> waits_for_;
  std::vector<std::vector<int>> readers_;
  OnnxOrder order_;
};

}  // namespace

std::string onnx_node_name(const onnx::NodeProto& node, int index) {
  if (!node.name().empty()) return node.name();
  return node.op_type() + "_" + std::to_string(index);
}

OnnxOrder order_nodes(const onnx::GraphProto& graph, const std::string& file) {
  return Orderer(graph, file).run();
}

}  // namespace takt
