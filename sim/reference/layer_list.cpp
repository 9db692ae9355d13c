// SPDX-License-Identifier: Apache-2.0
#include "sim/reference/layer_list.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <sstream>
#include <type_traits>

#include "sim/ir/print_fields.h"
#include "sim/ir/print_names.h"
#include "sim/reference/seeded.h"

namespace takt {
namespace {

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17g", value);
  return text.data();
}
std::string number(std::int64_t value) { return std::to_string(value); }
std::string number(bool value) { return value ? "1" : "0"; }

template <class List>
std::string joined(const List& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ",") + number(value);
  return out.empty() ? "-" : out;
}

std::string one_word(std::string name) {
  for (char& c : name) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0) c = '_';
  }
  return name.empty() ? "_" : name;
}

/// Every attribute as a word `key=value` or `key=value,value`.
struct FieldWriter {
  std::ostream& out;
  template <class T>
  void operator()(const char* key, const T& value) {
    out << ' ' << key << '=';
    if constexpr (std::is_enum_v<T>) {
      out << to_string(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      out << (value.empty() ? "-" : one_word(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      out << number(value);
    } else {
      out << joined(value);
    }
  }
};

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

void write_rule(std::ostream& out, const SeedRule& rule) {
  switch (rule.kind) {
    case SeedRule::Kind::kSigned: out << " signed=" << rule.limit; break;
    case SeedRule::Kind::kBelow: out << " below=" << rule.limit; break;
    case SeedRule::Kind::kFraction:
      // Single precision, exact in 9 digits and read back so.
      out << " fraction=" << number(static_cast<double>(rule.factor)) << ','
          << number(static_cast<double>(rule.offset));
      break;
  }
}

void write_tensor(std::ostream& out, const Semantics& semantics, std::uint32_t index, bool made) {
  const Tensor& t = semantics.graph().tensors[index];
  out << "tensor " << index << ' ' << one_word(t.name) << ' ' << to_string(t.kind) << ' '
      << to_string(semantics.dtype({index})) << ' ' << joined(t.shape) << ' '
      << hexadecimal(name_hash(t.name));
  if (t.is_output) out << " output";
  if (!made) {
    if (brings_values(semantics, {index})) {
      const TensorValues values = initial_values(semantics, {index}, 0);
      out << " values=";
      for (std::int64_t i = 0; i < values.elements(); ++i) {
        out << (i == 0 ? "" : ",") << number(values.at(i));
      }
    } else {
      write_rule(out, seed_rule(semantics, {index}));
    }
  }
  out << '\n';
}

void write_op(std::ostream& out, const Op& op, std::size_t index) {
  const auto list = [&](const std::vector<TensorId>& ids) {
    out << ' ' << ids.size();
    for (const TensorId id : ids) {
      id.valid() ? out << ' ' << id.index : out << " -";
    }
  };
  out << "op " << index << ' ' << one_word(op.name) << ' ' << to_string(op.kind);
  list(op.inputs);
  list(op.outputs);
  Attributes attributes = op.attributes;
  FieldWriter writer{out};
  std::visit([&](auto& fields) { visit_fields(fields, writer); }, attributes);
  out << '\n';
}

void write_matrix(std::ostream& out, const MatrixWork& w) {
  out << " g " << w.g << " n " << w.n << " p " << w.p << " q " << w.q << " o " << w.o << " r "
      << w.r << " s " << w.s << " c " << w.c << " in_h " << w.in_h << " in_w " << w.in_w
      << " stride_h " << w.stride_h << " stride_w " << w.stride_w << " dilation_h " << w.dilation_h
      << " dilation_w " << w.dilation_w << " pad_h " << w.pad_h << " pad_w " << w.pad_w;
}

void write_region(std::ostream& out, const Region& region) {
  const bool matrix = region.kind == Region::Kind::kMatrix;
  out << (matrix ? "matrix " : "vector ") << one_word(region.name) << ' ' << one_word(region.op)
      << ' ' << to_string(region.dtype);
  if (matrix) {
    write_matrix(out, region.matrix);
  } else {
    out << " images " << region.vector.images << " rows " << region.vector.rows << " elements "
        << region.vector.row_elements;
  }
  out << " steps";
  for (const VectorStep& step : region.epilogue) out << ' ' << one_word(step.what);
  out << "\nmembers";
  for (const OpId id : region.members) out << ' ' << id.index;
  out << '\n';
}

}  // namespace

std::string write_value_lines(const Semantics& semantics) {
  const Graph& graph = semantics.graph();
  std::vector<bool> made(graph.tensors.size(), false);
  for (const Op& op : graph.ops) {
    for (const TensorId output : op.outputs) {
      if (output.valid()) made[output.index] = true;
    }
  }
  std::ostringstream out;
  for (std::uint32_t i = 0; i < graph.tensors.size(); ++i) write_tensor(out, semantics, i, made[i]);
  for (std::size_t i = 0; i < graph.ops.size(); ++i) write_op(out, graph.ops[i], i);
  return out.str();
}

std::string write_value_list(const Semantics& semantics) {
  // Batch and precision are told by the tensors themselves.
  return "takt_layers 2 " + one_word(semantics.graph().name) + " batch 1 precision open\n" +
         write_value_lines(semantics);
}

std::uint64_t values_hash(const Graph& graph, DType precision) {
  return name_hash(write_value_lines(Semantics(graph, precision)));
}

std::string write_layer_list(const Graph& graph, const RegionGraph& regions, DType precision) {
  std::string text = "takt_layers 2 " + one_word(regions.name) + " batch " +
                     std::to_string(regions.batch) + " precision " +
                     std::string(to_string(precision)) + '\n';
  text += write_value_lines(Semantics(graph, precision));
  for (const Region& region : regions.regions) {
    std::ostringstream line;
    write_region(line, region);
    text += line.str();
  }
  return text;
}

}  // namespace takt
