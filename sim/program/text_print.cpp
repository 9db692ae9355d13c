// SPDX-License-Identifier: Apache-2.0
#include <iomanip>

#include "sim/program/text.h"
#include "sim/program/text_words.h"

namespace takt {
namespace {

/// In quotes; \" \\ and \xNN for what would break the line.
struct Quoted {
  const std::string& text;
};
std::ostream& operator<<(std::ostream& out, Quoted q) {
  static constexpr char kHex[] = "0123456789abcdef";
  out << '"';
  for (const char c : q.text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out << '\\' << c;
    } else if (byte < 32 || byte == 127) {
      out << "\\x" << kHex[byte >> 4] << kHex[byte & 15];
    } else {
      out << c;
    }
  }
  return out << '"';
}

void print_role(Transfer::Role role, unsigned operand, std::ostream& out) {
  out << word_of(kRoleWords, role);
  if (operand != 0) out << operand;
}

void print_box(const Box& box, std::ostream& out) {
  out << box.address << '/' << box.row_bytes;
  std::size_t d = 0;
  while (d < box.dims.size() && box.dims[d].count == 1 && box.dims[d].stride == 0) ++d;
  for (; d < box.dims.size(); ++d) out << '*' << box.dims[d].count << '+' << box.dims[d].stride;
}

bool is_default(const Transfer& t) {
  for (const Box::Dim& dim : t.remote.dims) {
    if (dim.count != 1 || dim.stride != 0) return false;
  }
  return t.space == Space::kDram && t.remote.address == 0 && t.remote.row_bytes == 0 &&
         !t.buffer.valid() && t.address == 0 && !t.tensor.valid() &&
         t.role == Transfer::Role::kInput && t.operand == 0;
}

void print_transfer(const Program& program, const Transfer& t, std::ostream& out) {
  out << " moves=";
  print_role(t.role, t.operand, out);
  out << ':';
  if (t.tensor.valid()) out << t.tensor.index;
  out << ' ' << word_of(kSpaceWords, t.space) << '=';
  print_box(t.remote, out);
  out << " end=";
  if (t.buffer.valid()) out << program.machine->buffers[t.buffer.index].name;
  if (t.near == Space::kShared) out << word_of(kSpaceWords, t.near);
  out << '@' << t.address;
  if (t.wire_bytes != 0) out << " wire=" << t.wire_bytes;
  if (t.piece_bytes != 0) out << " pieces=" << t.piece_bytes;
}

void print_access(const Program& program, const SramAccess& a, std::ostream& out) {
  out << (a.write ? " writes=" : " reads=");
  print_role(a.role, a.operand, out);
  out << ':';
  if (a.buffer.valid()) out << program.machine->buffers[a.buffer.index].name;
  out << '@' << a.address << '+' << a.span;
  if (a.bytes != a.span) out << '/' << a.bytes;
  if (a.pitch != 0) out << '~' << a.pitch;
}

void print_place(const Place5& place, std::ostream& out) {
  const char* before = " at=";
  for (const PlaceRange& r : kPlaceRanges) {
    const Range& range = place.*r.range;
    if (range.begin == 0 && range.count == 0) continue;
    out << before << r.name << ':' << range.begin << '+' << range.count;
    before = ",";
  }
}

void print_tokens(const char* word, const TokenList& tokens, std::ostream& out) {
  for (const Token& token : tokens) {
    out << word << 'c' << token.channel.index;
    if (token.count != 1) out << '*' << token.count;
    if (token.phase != Phase::kDone) out << '@' << word_of(kPhaseWords, token.phase);
  }
}

void print_matrix(const MatrixTile& t, std::ostream& out) {
  if (t.m != 0 || t.n != 0 || t.k != 0) out << " mnk=" << t.m << 'x' << t.n << 'x' << t.k;
  if (t.blocks != 1) out << " blocks=" << t.blocks;
  if (!t.load_stationary) out << " keep";
  if (t.accumulate) out << " add";
  if (!t.last_k) out << " part";
  if (t.dtype != MatrixTile{}.dtype) out << " dtype=" << to_string(t.dtype);
  if (t.rows.kernel_rows != 0) {
    const RowSets& r = t.rows;
    out << " rows=" << r.kernel_rows << 'x' << r.kernel_cols << '/' << r.stride_rows << 'x'
        << r.stride_cols << '*' << r.filters << 'x' << r.channels;
    if (r.zero_ppm != 0) out << '-' << r.zero_ppm;
  }
  if (t.row != 0) out << " row=" << t.row;
}

void print_header(const Program& p, std::ostream& out) {
  const std::string none;
  out << "program 1\nmachine " << Quoted{p.machine->name} << ' ' << Quoted{p.machine->hash} << '\n';
  out << "network " << Quoted{p.graph ? p.graph->name : none} << ' '
      << Quoted{p.graph ? p.graph->hash : none} << '\n';
  for (const Buffer& b : p.machine->buffers) {
    out << "buffer " << b.name << " bytes=" << b.size.value() << '\n';
  }
  if (p.machine->shared.present()) {
    out << "shared bytes=" << p.machine->shared.memory.size.value() << '\n';
  }
  for (const Unit& u : p.units) {
    out << "unit " << u.name << ' ' << word_of(kUnitWords, u.kind) << " core=" << u.core << '\n';
  }
  for (std::size_t i = 0; i < p.channels.size(); ++i) {
    const Channel& c = p.channels[i];
    out << "channel c" << i << ' ' << Quoted{c.name} << " initial=" << c.initial
        << " final=" << c.final << " cause=" << word_of(kCauseWords, c.cause);
    if (c.latency.value() > 0) out << " latency=" << c.latency.value();
    out << '\n';
  }
  for (std::size_t i = 0; i < p.tensors.size(); ++i) {
    const TensorPlacement& t = p.tensors[i];
    const bool named = p.graph != nullptr && i < p.graph->tensors.size();
    out << "tensor " << i << ' ' << Quoted{named ? p.graph->tensors[i].name : none}
        << " dram=" << t.dram_address << '+' << t.dram_span << " chip=" << t.buffer_address;
    if (!t.in_dram) out << " not_in_dram";
    if (t.resident) out << " resident";
    if (t.shared) out << " shared";
    out << '\n';
  }
}

void print_body(const Program& program, const Nest& nest, const std::vector<NestNode>& nodes,
                const std::string& indent, std::ostream& out) {
  for (const NestNode& node : nodes) {
    if (node.loop >= 0) {
      const NestLoop& loop = nest.loops()[static_cast<std::size_t>(node.loop)];
      out << indent << "for " << loop.name << " < " << loop.count_max << '\n';
      print_body(program, nest, node.children, indent + "  ", out);
      continue;
    }
    // What the action is, by the op it emits at the first iteration of all loops.
    TileOp op;
    if (nest.emit(node.action, NestIndex(nest.loops().size(), 0), op)) {
      out << indent;
      print_op(program, op, out);
      out << '\n';
    } else {
      out << indent << "(nothing at first)\n";
    }
  }
}

}  // namespace

void print_op(const Program& program, const TileOp& op, std::ostream& out) {
  out << 't' << op.sequence << ' ' << word_of(kKindWords, op.kind) << ' '
      << program.units[op.unit.index].name;
  if (!is_default(op.transfer)) print_transfer(program, op.transfer, out);
  print_matrix(op.matrix, out);
  if (op.vector.elements != 0) out << " elements=" << op.vector.elements;
  if (op.vector.lane_ops != 0) out << " lane_ops=" << op.vector.lane_ops;
  if (op.vector.macs != 0) out << " macs=" << op.vector.macs;
  if (op.accumulator != 0 || op.accumulator_rows != 0) {
    out << " sums=" << op.accumulator << '+' << op.accumulator_rows;
  }
  print_place(op.place, out);
  if (op.delay.value() != 0) out << " delay=" << op.delay.value();
  for (const SramAccess& access : op.accesses) print_access(program, access, out);
  print_tokens(" needs=", op.needs, out);
  print_tokens(" gives=", op.gives, out);
}

void print(const Program& program, std::ostream& out) {
  print_header(program, out);
  std::vector<std::uint64_t> sequence;  // by core
  TileOp op;
  for (const ProgramRegion& region : program.regions) {
    out << "region " << Quoted{region.name} << " source=" << region.source
        << " pass=" << region.pass << " macs=" << region.macs << " cores=" << region.nests.size()
        << " mapping=" << Quoted{region.mapping} << '\n';
    if (sequence.size() < region.nests.size()) sequence.resize(region.nests.size(), 0);
    for (std::size_t core = 0; core < region.nests.size(); ++core) {
      if (region.nests[core] == nullptr) continue;
      out << "core " << core << '\n';
      NestCursor cursor(*region.nests[core]);
      while (cursor.next(op)) {
        op.sequence = sequence[core]++;
        print_op(program, op, out);
        out << '\n';
      }
    }
  }
}

void print_nest(const Program& program, const Nest& nest, std::ostream& out) {
  print_body(program, nest, nest.body(), "", out);
}

}  // namespace takt
