// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/yaml_layers.h"

namespace takt {
namespace {

constexpr std::size_t kLayersMax = 100'000;
constexpr int kBlockDepthMax = 16;

std::string did_you_mean(const std::string& word, const std::vector<std::string>& words) {
  const auto near = suggest(word, words);
  return near ? "did you mean '" + *near + "'?" : "";
}

/// The layers of one list.
class ListMaker {
 public:
  ListMaker(NetworkState& net, const Scope& scope, Values& values, std::string prefix,
            TensorId input)
      : net_(net), scope_(scope), values_(values), prefix_(std::move(prefix)), current_(input) {}

  TensorId run(const Node& list, const std::string& path) {
    if (!list.is_list()) {
      net_.errors.push_back(error_at(list, path, "E-wrong-shape",
                                     "expected a list of layers, got " + list.describe()));
      return {};
    }
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      layer(list.children[i], path + "[" + std::to_string(i) + "]");
      // What hangs on a layer that could not be made would only repeat its error.
      if (!current_.valid() && !net_.errors.empty()) return {};
    }
    return current_;
  }

 private:
  void layer(const Node& node, const std::string& path) {
    Reader keys(node, net_.errors, nullptr, path);
    if (keys.broken()) {
      current_ = {};
      return;
    }
    const bool is_block = keys.has("block");
    const std::string word =
        is_block ? keys.required("block", Text{}) : keys.required("op", Text{});
    const std::string name = keys.optional("name", Text{}, default_name(word));
    if (values_.has(name)) {
      keys.error("name", "E-duplicate-name",
                 "a layer of this list is called '" + name + "' already");
    }
    const bool bare = word == "parameter";
    std::vector<TensorId> inputs = bare ? std::vector<TensorId>{} : operands(keys);
    const bool wanted =
        keys.optional("when", Amount{&scope_, INT64_MIN / 2, INT64_MAX / 2}, 1) != 0;
    const std::int64_t repeat = keys.optional("repeat", Amount{&scope_, 0, 10'000}, 1);
    if (!net_.errors.empty()) {
      current_ = {};
      if (!is_block && kind_of(word) == nullptr) unknown_op(keys, word);
      return;
    }
    if (!wanted || repeat == 0) {
      if (!inputs.empty()) current_ = inputs[0];  // hands its input on
    } else if (is_block) {
      block(keys, node, path, word, name, inputs, repeat);
    } else {
      for (std::int64_t i = 0; i < repeat; ++i) {
        const std::string own = repeat == 1 ? name : name + "." + std::to_string(i);
        const TensorId made = op(node, path, word, own, inputs);
        if (!bare) current_ = made;
        if (bare) values_.set(name, made);
        if (!made.valid()) return;
        if (!inputs.empty()) inputs[0] = made;
      }
      if (bare) return;
    }
    values_.set(name, current_);
  }

  std::string default_name(const std::string& word) {
    std::string name;
    do {
      name = word + std::to_string(++counts_[word]);
    } while (values_.has(name));
    return name;
  }

  void unknown_op(Reader& keys, const std::string& word) {
    if (word.empty()) return;
    keys.error("op", "E-unknown-op", "there is no layer kind '" + word + "'",
               did_you_mean(word, kind_names()));
  }

  /// `input: x`, `inputs: [x, y]`, `with: y`; else what the layer before made.
  std::vector<TensorId> operands(Reader& keys) {
    std::vector<TensorId> out;
    if (keys.has("inputs")) {
      for (const std::string& name : keys.list("inputs", Text{}))
        out.push_back(find(keys, "inputs", name));
      if (keys.has("input")) keys.error("input", "E-workload", "give input or inputs, not both");
      keys.take("input");
    } else if (keys.has("input")) {
      out.push_back(find(keys, "input", keys.required("input", Text{})));
    } else {
      out.push_back(current_);
      if (!current_.valid() && net_.errors.empty()) {
        keys.error_here("E-workload",
                        "the first layer of a network with several inputs must name one",
                        "add input: NAME");
      }
    }
    if (keys.has("with")) {
      const Node* node = keys.take("with");
      if (node->is_scalar()) {
        out.push_back(find(keys, "with", node->text));
      } else {
        for (const std::string& name : keys.list("with", Text{}))
          out.push_back(find(keys, "with", name));
      }
    }
    return out;
  }

  TensorId find(Reader& keys, const char* key, const std::string& name) {
    if (name.empty()) return {};
    if (const auto id = values_.find(name)) return *id;
    keys.error(key, "E-unknown-name", "nothing is called '" + name + "' here",
               did_you_mean(name, values_.names()));
    return {};
  }

  TensorId op(const Node& node, const std::string& path, const std::string& word,
              const std::string& name, const std::vector<TensorId>& inputs) {
    Reader keys(node, net_.errors, nullptr, path);
    const LayerKind* kind = kind_of(word);
    if (kind == nullptr) {
      unknown_op(keys, word);
      return {};
    }
    for (const char* known : {"op", "name", "input", "inputs", "with", "when", "repeat"}) {
      keys.take(known);
    }
    if (inputs.size() < kind->inputs_min || inputs.size() > kind->inputs_max) {
      keys.error_here("E-workload", "'" + word + "' takes " + std::to_string(kind->inputs_min) +
                                        (kind->inputs_max > kind->inputs_min ? " or more" : "") +
                                        " inputs, here are " + std::to_string(inputs.size()));
      return {};
    }
    if (++net_.layers > kLayersMax) {
      keys.error_here("E-too-large", "the network has more than 100,000 layers");
      return {};
    }
    Layer made(net_, keys, scope_, prefix_ + name, inputs);
    const std::size_t before = net_.errors.size();
    const TensorId id = kind->make(made);
    keys.finish();
    for (const auto& [suffix, extra] : made.extras) values_.set(name + "." + suffix, extra);
    return net_.errors.size() == before ? id : TensorId{};
  }

  // ---- blocks ----
  void block(Reader& keys, const Node& node, const std::string& path, const std::string& word,
             const std::string& name, const std::vector<TensorId>& inputs, std::int64_t repeat) {
    const auto found = net_.blocks.find(word);
    if (found == net_.blocks.end()) {
      std::vector<std::string> names;
      for (const auto& [known, body] : net_.blocks) {
        (void)body;
        names.push_back(known);
      }
      keys.error("block", "E-unknown-name", "there is no block '" + word + "'",
                 did_you_mean(word, names));
      current_ = {};
      return;
    }
    if (++net_.depth > kBlockDepthMax) {
      keys.error("block", "E-too-deep", "blocks use one another more than 16 deep");
      current_ = {};
      return;
    }
    current_ = inputs.at(0);
    for (std::int64_t i = 0; i < repeat && current_.valid(); ++i) {
      instance(node, path, *found->second, "blocks." + word,
               name + (repeat == 1 ? "" : "." + std::to_string(i)), i, inputs);
    }
    --net_.depth;
  }

  void instance(const Node& node, const std::string& path, const Node& body,
                const std::string& body_path, const std::string& name, std::int64_t index,
                const std::vector<TensorId>& inputs) {
    Reader keys(node, net_.errors, nullptr, path);
    for (const char* known :
         {"block", "name", "input", "inputs", "with", "when", "repeat", "first"}) {
      keys.take(known);
    }
    Scope outer(&scope_);
    outer.set("index", index);
    Scope own(&scope_);
    own.set("index", index);
    // What the block reads, for blocks whose width depends on it.
    const Shape& read = net_.builder.tensor(current_).shape;
    if (read.size() > 1) own.set("in_channels", read[1]);
    const std::size_t before = net_.errors.size();
    Reader block(body, net_.errors, nullptr, body_path);
    arguments(keys, node, path, block, outer, own, index == 0);
    keys.finish();
    const std::string result = block.optional("output", Text{}, "");
    const Node* layers = block.take("layers");
    block.take("description");
    if (layers == nullptr) block.error_here("E-missing-key", "the block needs layers");
    block.finish();
    if (net_.errors.size() != before) {
      current_ = {};
      return;
    }
    Values values(&values_);
    values.set("in", current_);
    for (std::size_t i = 1; i < inputs.size(); ++i) values.set("in" + std::to_string(i), inputs[i]);
    current_ = make_layers(net_, *layers, body_path + ".layers", own, values, prefix_ + name + ".",
                           current_);
    if (result.empty() || !current_.valid()) return;
    if (const auto id = values.find(result)) {
      current_ = *id;
    } else {
      block.error("output", "E-unknown-name", "nothing is called '" + result + "' in this block",
                  did_you_mean(result, values.names()));
      current_ = {};
    }
  }

  /// Parameters of a block: from the call, for the first repetition from `first`, else the default.
  void arguments(Reader& keys, const Node& call, const std::string& path, Reader& block,
                 const Scope& outer, Scope& own, bool is_first) {
    const Node* parameters = block.take("parameters");
    const Node* first = call.find("first");
    if (first != nullptr && !first->is_map()) {
      net_.errors.push_back(error_at(*first, path + ".first", "E-wrong-shape",
                                     "expected a map of parameters, got " + first->describe()));
      first = nullptr;
    }
    std::set<std::string> known;
    for (std::size_t i = 0; parameters != nullptr && i < parameters->keys.size(); ++i) {
      const std::string& key = parameters->keys[i];
      known.insert(key);
      const Node* given = keys.take(key);
      std::string where = path + "." + key;
      if (const Node* other = first ? first->find(key) : nullptr; is_first && other) {
        given = other;
        where = path + ".first." + key;
      }
      const bool is_default = given == nullptr;
      if (is_default) given = &parameters->children[i];
      if (is_default && given->kind == Node::Kind::kNull) {
        keys.error_here("E-missing-key", "the block needs a value for '" + key + "'");
        continue;
      }
      const Amount amount{is_default ? &own : &outer, INT64_MIN / 2, INT64_MAX / 2};
      if (const auto value = amount.read(Field{*given, where, net_.errors})) own.set(key, *value);
    }
    for (std::size_t i = 0; first != nullptr && i < first->keys.size(); ++i) {
      if (known.count(first->keys[i])) continue;
      net_.errors.push_back(
          error_at_key(first->children[i], path + ".first." + first->keys[i], "E-unknown-key",
                       "unknown parameter of the block",
                       did_you_mean(first->keys[i], {known.begin(), known.end()})));
    }
  }

  NetworkState& net_;
  const Scope& scope_;
  Values& values_;
  std::string prefix_;
  TensorId current_;
  std::map<std::string, int> counts_;
};

}  // namespace

TensorId make_layers(NetworkState& net, const Node& list, const std::string& path,
                     const Scope& scope, Values& values, const std::string& prefix,
                     TensorId input) {
  return ListMaker(net, scope, values, prefix, input).run(list, path);
}

}  // namespace takt
