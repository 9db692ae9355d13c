// SPDX-License-Identifier: Apache-2.0
#include "sim/program/text_read_op.h"

#include "sim/program/text_words.h"

namespace takt {
namespace {

class OpReader {
 public:
  OpReader(LineScanner& scanner, const OpNames& names) : s_(scanner), names_(names) {}

  TileOp read() {
    s_.next_word();
    const auto kind = value_of<TileOpKind>(kKindWords, s_.word());
    if (!kind) s_.fail_word("unknown kind of op");
    op_.kind = kind.value_or(TileOpKind::kSync);
    s_.next_word();
    op_.unit.index = find(names_.units, s_.word(), "no such unit");
    while (!s_.at_end()) {
      const std::string_view key = s_.key();
      if (!s_.failed()) read_word(key);
      s_.next_word();
    }
    return op_;
  }

 private:
  void read_word(std::string_view key) {
    if (read_tile_word(key)) return;
    if (key == "moves") return moves();
    if (value_of<Space>(kSpaceWords, key)) return box(key);
    if (key == "end") return end();
    if (key == "wire") {
      op_.transfer.wire_bytes = s_.number<std::uint64_t>();
      return;
    }
    if (key == "pieces") {
      op_.transfer.piece_bytes = s_.number<std::uint32_t>();
      return;
    }
    if (key == "sums") {
      op_.accumulator = s_.number<std::uint64_t>();
      s_.expect('+');
      op_.accumulator_rows = s_.number<std::uint64_t>();
      return;
    }
    if (key == "at") return place();
    if (key == "reads" || key == "writes") return access(key == "writes");
    if (key == "needs") return token(op_.needs);
    if (key == "gives") return token(op_.gives);
    s_.fail_word("unknown word '" + std::string(key) + "'");
  }

  /// Words of matrix and vector work.
  bool read_tile_word(std::string_view key) {
    if (key == "mnk") {
      op_.matrix.m = s_.number<std::uint32_t>();
      s_.expect('x');
      op_.matrix.n = s_.number<std::uint32_t>();
      s_.expect('x');
      op_.matrix.k = s_.number<std::uint32_t>();
    } else if (key == "blocks") {
      op_.matrix.blocks = s_.number<std::uint32_t>();
      if (op_.matrix.blocks == 0) s_.fail_word("a pass has at least one block");
    } else if (key == "keep") {
      op_.matrix.load_stationary = false;
    } else if (key == "add") {
      op_.matrix.accumulate = true;
    } else if (key == "part") {
      op_.matrix.last_k = false;
    } else if (key == "dtype") {
      const auto dtype = dtype_from(s_.word());
      if (!dtype) s_.fail_word("unknown dtype");
      op_.matrix.dtype = dtype.value_or(DType::kInt8);
    } else if (key == "rows") {
      row_sets(op_.matrix.rows);
    } else if (key == "row") {
      op_.matrix.row = s_.number<std::uint32_t>();
    } else if (key == "delay") {
      op_.delay = Cycles(s_.number<std::uint64_t>());
    } else if (key == "elements") {
      op_.vector.elements = s_.number<std::uint64_t>();
    } else if (key == "lane_ops") {
      op_.vector.lane_ops = s_.number<std::uint64_t>();
    } else if (key == "macs") {
      op_.vector.macs = s_.number<std::uint64_t>();
    } else {
      return false;
    }
    return true;
  }

  /// 11x11/4x4*16x1-387000: kernel, strides, filters and channels in a PE, zeros in millionths.
  void row_sets(RowSets& rows) {
    rows.kernel_rows = s_.number<std::uint16_t>();
    s_.expect('x');
    rows.kernel_cols = s_.number<std::uint16_t>();
    s_.expect('/');
    rows.stride_rows = s_.number<std::uint16_t>();
    s_.expect('x');
    rows.stride_cols = s_.number<std::uint16_t>();
    s_.expect('*');
    rows.filters = s_.number<std::uint16_t>();
    s_.expect('x');
    rows.channels = s_.number<std::uint16_t>();
    if (s_.accept('-')) rows.zero_ppm = s_.number<std::uint32_t>();
    if (rows.filters == 0 || rows.channels == 0) s_.fail_word("a PE has a filter and a channel");
  }

  std::uint32_t find(const std::map<std::string, std::uint32_t, std::less<>>& names,
                     std::string_view name, const char* message) {
    const auto found = names.find(name);
    if (found != names.end()) return found->second;
    s_.fail_word(message);
    return 0;
  }

  /// "weight" or "operand2", up to the ':' behind it.
  void role(Transfer::Role& role, std::uint8_t& operand) {
    std::string_view word = s_.word();
    std::size_t letters = word.size();
    while (letters > 0 && word[letters - 1] >= '0' && word[letters - 1] <= '9') --letters;
    const auto found = value_of<Transfer::Role>(kRoleWords, word.substr(0, letters));
    if (!found) return s_.fail_word("expected input, weight, operand or output");
    role = *found;
    unsigned index = 0;
    for (const char c : word.substr(letters)) {
      index = index * 10 + static_cast<unsigned>(c - '0');
      if (index > 255) return s_.fail_word("operand too large, at most 255");
    }
    operand = static_cast<std::uint8_t>(index);
    s_.expect(':');
  }

  void moves() {
    role(op_.transfer.role, op_.transfer.operand);
    if (!s_.digit_next()) return;
    const auto tensor = s_.number<std::uint32_t>();
    if (tensor >= names_.tensors) return s_.fail_word("no tensor " + std::to_string(tensor));
    op_.transfer.tensor.index = tensor;
  }

  void box(std::string_view space) {
    op_.transfer.space = *value_of<Space>(kSpaceWords, space);
    Box& box = op_.transfer.remote;
    box.address = s_.number<std::uint64_t>();
    s_.expect('/');
    box.row_bytes = s_.number<std::uint64_t>();
    FixedVector<Box::Dim, Box::kDims> dims;
    while (s_.accept('*')) {
      if (dims.size() == Box::kDims) {
        return s_.fail("a box has at most 5 dimensions around its rows");
      }
      Box::Dim dim;
      dim.count = s_.number<std::uint32_t>();
      s_.expect('+');
      dim.stride = s_.number<std::int64_t>();
      dims.push_back(dim);
    }
    for (std::size_t i = 0; i < dims.size(); ++i) box.dims[Box::kDims - dims.size() + i] = dims[i];
  }

  /// The device's end of a move: in a core's buffer, in the shared one, or (no word) in DRAM.
  void end() {
    if (!s_.accept('@')) {
      const std::string_view word = s_.word();
      if (word == word_of(kSpaceWords, Space::kShared)) {
        op_.transfer.near = Space::kShared;
      } else {
        op_.transfer.buffer.index = find(names_.buffers, word, "no such buffer");
      }
      s_.expect('@');
    }
    op_.transfer.address = s_.number<std::uint64_t>();
  }

  BufferId buffer() {
    if (s_.accept('@')) return {};
    const BufferId id{find(names_.buffers, s_.word(), "no such buffer")};
    s_.expect('@');
    return id;
  }

  void access(bool write) {
    SramAccess a;
    a.write = write;
    role(a.role, a.operand);
    a.buffer = buffer();
    a.address = s_.number<std::uint64_t>();
    s_.expect('+');
    a.span = s_.number<std::uint64_t>();
    a.bytes = s_.accept('/') ? s_.number<std::uint64_t>() : a.span;
    if (s_.accept('~')) a.pitch = s_.number<std::uint32_t>();
    if (op_.accesses.size() == op_.accesses.capacity()) {
      return s_.fail_word("an op has no room for so many accesses");
    }
    if (!a.buffer.valid()) return s_.fail_word("an access names a buffer");
    op_.accesses.push_back(a);
  }

  void place() {
    do {
      const std::string_view name = s_.word();
      Range range;
      s_.expect(':');
      range.begin = s_.number<std::int64_t>();
      s_.expect('+');
      range.count = s_.number<std::int64_t>();
      bool known = false;
      for (const PlaceRange& r : kPlaceRanges) {
        if (r.name != name) continue;
        op_.place.*r.range = range;
        known = true;
      }
      if (!known) s_.fail_word("expected g, n, p, q, o, k, c, flat, r or s");
    } while (s_.accept(','));
  }

  void token(TokenList& tokens) {
    Token token;
    if (!s_.accept('c')) return s_.fail("expected a channel, c0 or so");
    token.channel.index = s_.number<std::uint32_t>();
    if (token.channel.index >= names_.channels) s_.fail_word("no such channel");
    if (s_.accept('*')) token.count = s_.number<std::uint32_t>();
    if (s_.accept('@')) {
      const auto phase = value_of<Phase>(kPhaseWords, s_.word());
      if (!phase) s_.fail_word("expected loaded, issued or done");
      token.phase = phase.value_or(Phase::kDone);
    }
    if (tokens.size() == tokens.capacity()) {
      return s_.fail_word("an op has no room for so many tokens");
    }
    tokens.push_back(token);
  }

  LineScanner& s_;
  const OpNames& names_;
  TileOp op_;
};

}  // namespace

TileOp read_op(LineScanner& scanner, const OpNames& names) {
  return OpReader(scanner, names).read();
}

}  // namespace takt
