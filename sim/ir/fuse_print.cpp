// SPDX-License-Identifier: Apache-2.0
// Regions as text, for people.
#include <sstream>

#include "sim/ir/fuse.h"
#include "sim/ir/print_names.h"

namespace takt {
namespace {

std::string name_of(const RegionGraph& regions, TensorId id) {
  return id.valid() && id.index < regions.tensors.size() ? regions.tensors[id.index].name : "-";
}

void write_walk(std::ostream& out, const RegionGraph& regions, const ActivationView& view) {
  out << name_of(regions, view.tensor) << " @" << view.offset;
  const auto item = [&](const char* name, std::int64_t stride) {
    if (stride != 0) out << ' ' << name << ':' << stride;
  };
  item("G", view.stride_g_outer);
  item("g", view.stride_g);
  item("n", view.stride_n);
  item("h", view.stride_h);
  item("w", view.stride_w);
  item("c", view.stride_c);
}

void write_weight(std::ostream& out, const RegionGraph& regions, const WeightView& view) {
  out << name_of(regions, view.tensor) << " @" << view.offset;
  const auto item = [&](const char* name, std::int64_t stride) {
    if (stride != 0) out << ' ' << name << ':' << stride;
  };
  item("G", view.stride_g_outer);
  item("g", view.stride_g);
  item("r", view.stride_r);
  item("s", view.stride_s);
  item("c", view.stride_c);
  item("o", view.stride_o);
  out << (view.packed ? " packed" : "");
}

const char* word(VectorOperand::Access access) {
  switch (access) {
    case VectorOperand::Access::kAligned: return "aligned";
    case VectorOperand::Access::kWindow: return "window";
    case VectorOperand::Access::kWhole: return "whole";
  }
  return "";
}

void write_matrix(std::ostream& out, const RegionGraph& regions, const MatrixWork& work) {
  out << "    work    g=" << work.g;
  if (work.g_outer != 1) out << " (outer " << work.g_outer << ')';
  out << " n=" << work.n << " p=" << work.p << " q=" << work.q << " o=" << work.o << " r=" << work.r
      << " s=" << work.s << " c=" << work.c << " macs=" << work.macs() << "\n    input   ";
  write_walk(out, regions, work.input);
  out << "\n    weight  ";
  write_weight(out, regions, work.weight);
  out << '\n';
}

void write_region(std::ostream& out, const RegionGraph& regions, const Region& region) {
  out << "  " << region.name << "  " << region.op << ' ' << to_string(region.dtype);
  for (const auto& [key, value] : region.shape) out << ' ' << key << '=' << value;
  out << '\n';
  if (region.kind == Region::Kind::kMatrix) {
    write_matrix(out, regions, region.matrix);
  } else {
    const VectorWork& work = region.vector;
    out << "    work    images=" << work.images << " rows=" << work.rows
        << " row_elements=" << work.row_elements << " run=" << work.row_run
        << " lane_ops_per_row=" << work.lane_ops_per_row << (work.moves_only ? " moves" : "")
        << '\n';
  }
  for (std::size_t i = 0; i < region.operands.size(); ++i) {
    const VectorOperand& o = region.operands[i];
    out << "    read " << i << "  " << word(o.access) << " rows=" << o.rows
        << " row_elements=" << o.row_elements << ' ';
    if (o.access == VectorOperand::Access::kWindow) {
      out << "window=" << o.window << " stride=" << o.stride << " pad=" << o.pad << ' ';
    }
    write_walk(out, regions, o.view);
    out << '\n';
  }
  if (!region.epilogue.empty()) {
    out << "    steps   ";
    for (std::size_t i = 0; i < region.epilogue.size(); ++i) {
      const VectorStep& step = region.epilogue[i];
      out << (i ? ", " : "") << step.what << '(' << step.lane_ops << ')';
      for (int k = 0; k < step.operand_count; ++k) out << " #" << step.operand + k;
    }
    out << '\n';
  }
  out << "    output  ";
  write_walk(out, regions, region.output);
  out << '\n';
  if (!region.fused.empty()) {
    out << "    fused   ";
    for (std::size_t i = 0; i < region.fused.size(); ++i) out << (i ? ", " : "") << region.fused[i];
    out << '\n';
  }
}

}  // namespace

std::string to_string(const RegionGraph& regions) {
  std::ostringstream out;
  out << "regions of " << regions.name << ", batch " << regions.batch << "\ntensors\n";
  for (const StoredTensor& tensor : regions.tensors) {
    out << "  " << tensor.name << "  " << to_string(tensor.kind) << ' ' << to_string(tensor.dtype)
        << ' ' << tensor.elements << (tensor.is_output ? " output" : "") << '\n';
  }
  out << "regions\n";
  for (const Region& region : regions.regions) write_region(out, regions, region);
  return out.str();
}

}  // namespace takt
