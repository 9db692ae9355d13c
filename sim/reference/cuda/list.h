// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network as `takt convert --to layers` writes it (docs/layers.md), read and checked.

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "generator.h"
#include "types.h"
#include "walk.h"

namespace takt::gpu {

/// The user's mistake: `what()` is `file:line: error: …`. `code` is the exit code: 3 if the input
/// is wrong, 4 if something is not supported here.
struct InputError : std::runtime_error {
  InputError(int exit_code, const std::string& message)
      : std::runtime_error(message), code(exit_code) {}
  int code;
};

constexpr int kNone = -1;

struct Tensor {
  std::string name;
  bool is_output = false, is_parameter = false, is_made = false;
  Type type = Type::kInt8;
  Dims dims;
  std::uint64_t name_hash = 0;
  Rule rule;                        ///< kNone: an op makes it, or it has `values`
  std::vector<std::string> values;  ///< as they are written
  std::int64_t elements() const { return elements_of(dims); }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * info(type).bytes; }
};

struct Op {
  std::string name, kind;
  std::vector<int> inputs, outputs;  ///< tensors; kNone if absent
  std::map<std::string, std::string> attributes;
  int line = 0;

  bool has(std::size_t operand) const {
    return operand < inputs.size() && inputs[operand] != kNone;
  }
  std::string text(const std::string& key) const;
  Dims whole_list(const std::string& key) const;
  std::int64_t whole(const std::string& key) const;
  double real(const std::string& key) const;
};

struct Layer {
  std::string name, op;
  bool is_matrix = false;
  std::vector<int> members;
};

struct Network {
  std::string name, precision;
  std::int64_t batch = 1;
  std::uint64_t values_hash = 0;  ///< of the tensor and op lines
  std::vector<Tensor> tensors;
  std::vector<Op> ops;
  std::vector<Layer> layers;
};

/// Throws InputError.
Network read_network(const std::string& path);
Network parse_network(const std::string& text, const std::string& path);

}  // namespace takt::gpu
