// SPDX-License-Identifier: Apache-2.0
// The header lines of the text form, and what belongs to which region and core.
#include <map>

#include "sim/program/text.h"
#include "sim/program/text_read_op.h"
#include "sim/program/text_words.h"

namespace takt {
namespace {

constexpr std::size_t kErrorsMax = 100;  // of a file that is something else altogether

class ProgramReader {
 public:
  ProgramReader(const std::string& file, const Machine* machine, const RegionGraph* graph)
      : file_(file) {
    program_.machine = machine;
    program_.graph = graph;
    for (std::uint32_t i = 0; i < machine->buffers.size(); ++i) {
      buffers_[machine->buffers[i].name] = i;
    }
  }

  Result<Program> read(std::string_view text) {
    while (!text.empty() && errors_.size() < kErrorsMax) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    close_nest();
    if (errors_.empty() && !started_) {
      report("E-program-text", 1, "expected the line 'program 1' first", "");
    }
    if (errors_.empty() && program_.graph != nullptr &&
        program_.tensors.size() != program_.graph->tensors.size()) {
      report("E-program-mismatch", 1,
             "lists " + std::to_string(program_.tensors.size()) + " tensors, the network has " +
                 std::to_string(program_.graph->tensors.size()),
             "");
    }
    if (!errors_.empty()) return std::move(errors_);
    return std::move(program_);
  }

 private:
  void report(const char* name, int column, const std::string& message, std::string_view line) {
    Diagnostic d;
    d.name = name;
    d.place = {file_, line_, column};
    d.message = message;
    d.source_line = std::string(line);
    errors_.push_back(std::move(d));
  }

  void read_line(std::string_view line) {
    LineScanner s(line);
    if (s.at_end() || line[0] == '#') return;
    if (line[0] == 't' && line.size() > 1 && line[1] >= '0' && line[1] <= '9') {
      op_line(s);
    } else {
      header_line(s);
    }
    if (!s.failed() && !s.at_end()) s.fail("unexpected text behind it");
    if (s.failed()) report(name_, s.column(), s.error(), line);
    name_ = "E-program-text";
  }

  void header_line(LineScanner& s) {
    const std::string_view what = s.word();
    if (!started_ && what != "program") return s.fail_word("expected the line 'program 1' first");
    if (what == "program") return version(s);
    if (what == "machine") return identity(s, program_.machine->name, program_.machine->hash);
    if (what == "network") {
      if (program_.graph != nullptr) {
        return identity(s, program_.graph->name, program_.graph->hash);
      }
      s.quoted();
      s.quoted();
      return;
    }
    if (what == "buffer") return buffer(s);
    if (what == "shared") return shared(s);
    if (what == "unit") return unit(s);
    if (what == "channel") return channel(s);
    if (what == "tensor") return tensor(s);
    if (what == "region") return region(s);
    if (what == "core") return core(s);
    s.fail_word("unknown word '" + std::string(what) + "'");
  }

  void version(LineScanner& s) {
    s.next_word();
    if (s.number<std::uint32_t>() != 1) s.fail_word("only version 1 is known");
    started_ = true;
  }

  void identity(LineScanner& s, const std::string& name, const std::string& hash) {
    const std::string its_name = s.quoted();
    const std::string its_hash = s.quoted();
    if (s.failed() || (its_name == name && its_hash == hash)) return;
    name_ = "E-program-mismatch";
    s.fail_word("the program was made for '" + its_name + "' (" + its_hash + "), not for '" + name +
                "' (" + hash + ")");
  }

  template <class T>
  T value(LineScanner& s, std::string_view key) {
    s.next_word();
    if (s.key() != key) s.fail_word("expected " + std::string(key) + "=");
    return s.number<T>();
  }

  void buffer(LineScanner& s) {
    const auto found = buffers_.find(s.word());
    if (found == buffers_.end()) return s.fail_word("the machine has no such buffer");
    const auto bytes = value<std::uint64_t>(s, "bytes");
    if (s.failed() || program_.machine->buffers[found->second].size.value() == bytes) return;
    name_ = "E-program-mismatch";
    s.fail_word("the machine's buffer has another size");
  }

  void shared(LineScanner& s) {
    const auto bytes = value<std::uint64_t>(s, "bytes");
    if (s.failed() || program_.machine->shared.memory.size.value() == bytes) return;
    name_ = "E-program-mismatch";
    s.fail_word("the machine's shared buffer has another size");
  }

  void unit(LineScanner& s) {
    Unit unit;
    unit.name = std::string(s.word());
    if (units_.count(unit.name) != 0) s.fail_word("unit given twice");
    s.next_word();
    const auto kind = value_of<UnitKind>(kUnitWords, s.word());
    if (!kind) s.fail_word("unknown kind of unit");
    unit.kind = kind.value_or(UnitKind::kDmaIn);
    unit.core = value<std::uint32_t>(s, "core");
    if (!s.failed() && unit.core >= program_.machine->cores) s.fail("no such core");
    units_[unit.name] = static_cast<std::uint32_t>(program_.units.size());
    program_.units.push_back(std::move(unit));
  }

  void channel(LineScanner& s) {
    Channel channel;
    s.next_word();
    s.expect('c');
    if (s.number<std::size_t>() != program_.channels.size()) {
      s.fail("channels are numbered in order; this is c" +
             std::to_string(program_.channels.size()));
    }
    channel.name = s.quoted();
    channel.initial = value<std::uint32_t>(s, "initial");
    channel.final = value<std::uint32_t>(s, "final");
    s.next_word();
    if (s.key() != "cause") s.fail_word("expected cause=");
    const auto cause = value_of<StallCause>(kCauseWords, s.word());
    if (!cause) s.fail_word("unknown cause");
    channel.cause = cause.value_or(StallCause::kDependency);
    if (!s.at_end()) {
      if (s.key() != "latency") s.fail_word("expected latency=");
      channel.latency = Cycles(s.number<std::uint64_t>());
    }
    program_.channels.push_back(std::move(channel));
  }

  void tensor(LineScanner& s) {
    TensorPlacement t;
    s.next_word();
    if (s.number<std::size_t>() != program_.tensors.size()) {
      s.fail("tensors are numbered in order; this is " + std::to_string(program_.tensors.size()));
    }
    s.quoted();
    t.dram_address = value<std::uint64_t>(s, "dram");
    s.expect('+');
    t.dram_span = s.number<std::uint64_t>();
    t.buffer_address = value<std::uint64_t>(s, "chip");
    while (!s.at_end()) {
      const std::string_view word = s.word();
      if (word == "not_in_dram") {
        t.in_dram = false;
      } else if (word == "resident") {
        t.resident = true;
      } else if (word == "shared") {
        t.shared = true;
      } else {
        s.fail_word("expected not_in_dram, resident or shared");
      }
    }
    program_.tensors.push_back(t);
  }

  void region(LineScanner& s) {
    close_nest();
    ProgramRegion region;
    region.name = s.quoted();
    region.source = value<std::uint32_t>(s, "source");
    if (!s.failed() && program_.graph != nullptr &&
        region.source >= program_.graph->regions.size()) {
      s.fail("the network has no such region");
    }
    region.pass = value<std::uint32_t>(s, "pass");
    region.macs = value<std::uint64_t>(s, "macs");
    const auto cores = value<std::uint32_t>(s, "cores");
    if (!s.failed() && cores > program_.machine->cores) s.fail("the machine has fewer cores");
    if (!s.failed()) region.nests.resize(cores);
    s.next_word();
    if (s.key() != "mapping") s.fail_word("expected mapping=");
    region.mapping = s.quoted();
    program_.regions.push_back(std::move(region));
  }

  void core(LineScanner& s) {
    close_nest();
    s.next_word();
    const auto core = s.number<std::uint32_t>();
    if (s.failed()) return;
    if (program_.regions.empty() || core >= program_.regions.back().nests.size()) {
      return s.fail_word("the region has no such core");
    }
    if (program_.regions.back().nests[core] != nullptr) return s.fail_word("core given twice");
    core_ = core;
    in_core_ = true;
  }

  void op_line(LineScanner& s) {
    s.accept('t');
    const auto sequence = s.number<std::uint64_t>();
    if (!in_core_) return s.fail_word("an op stands behind 'region' and 'core' lines");
    const std::uint64_t due = sequence_[core_]++;
    if (!s.failed() && sequence != due) s.fail_word("expected t" + std::to_string(due));
    const TileOp op =
        read_op(s, {units_, buffers_, program_.channels.size(), program_.tensors.size()});
    if (!s.failed() && program_.units[op.unit.index].core != core_) {
      s.fail_word("the unit belongs to another core");
    }
    ops_.push_back(op);
  }

  void close_nest() {
    if (in_core_) {
      program_.regions.back().nests[core_] = std::make_unique<FlatNest>(std::move(ops_));
    }
    ops_.clear();
    in_core_ = false;
  }

  std::string file_;
  Program program_;
  Diagnostics errors_;
  const char* name_ = "E-program-text";  ///< of the line's error
  int line_ = 0;
  bool started_ = false;
  std::map<std::string, std::uint32_t, std::less<>> units_, buffers_;
  bool in_core_ = false;
  std::uint32_t core_ = 0;
  std::map<std::uint32_t, std::uint64_t> sequence_;  ///< by core: the next op's name
  std::vector<TileOp> ops_;
};

}  // namespace

Result<Program> read_program(const std::string& text, const std::string& file,
                             const Machine* machine, const RegionGraph* graph) {
  return ProgramReader(file, machine, graph).read(text);
}

}  // namespace takt
