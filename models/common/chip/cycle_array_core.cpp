// SPDX-License-Identifier: Apache-2.0
#include "models/common/chip/cycle_array_core.h"

#include <deque>

#include "models/common/systolic_array/systolic_array_core.h"
#include "sim/functional/pass_operands.h"

namespace takt {
namespace {

std::string text(const Booking& b) {
  return "start " + std::to_string(b.start.value()) + ", loaded " +
         std::to_string(b.loaded.value()) + ", issued " + std::to_string(b.issued.value()) +
         ", done " + std::to_string(b.done.value());
}

bool same(const Booking& a, const Booking& b) {
  return a.start == b.start && a.loaded == b.loaded && a.issued == b.issued && a.done == b.done;
}

/// A pass with room for its operands, which are read from the slots as the array takes them.
template <class Operand, class Sum>
class Pass : public OperandFeed {
 public:
  Pass(const Program& program, const TileOp& op, FunctionalPlayer& values)
      : op_(op),
        operands_(program, op_),
        values_(values),
        core_(program.units[op.unit.index].core),
        dataflow_(program.machine->matrix.dataflow),
        a_(operands_.brings_inputs() ? std::size_t{op.matrix.m} * op.matrix.k : 0),
        b_(operands_.brings_weights() ? std::size_t{op.matrix.k} * op.matrix.n : 0) {
    CHECK(op.matrix.m == static_cast<std::uint64_t>(operands_.pixels()) &&
          op.matrix.n == static_cast<std::uint64_t>(operands_.outputs()) &&
          op.matrix.k == static_cast<std::uint64_t>(operands_.terms()))
        << "a pass that does not do the work of its place";
  }

  /// `cols`: of a row of accumulators.
  ArrayTile<Operand, Sum> tile(std::uint32_t cols) {
    const MatrixTile& m = op_.matrix;
    ArrayTile<Operand, Sum> tile;
    tile.m = m.m;
    tile.n = m.n;
    tile.k = m.k;
    tile.row = m.row;
    tile.load_stationary = m.load_stationary;
    tile.accumulate = m.accumulate;
    tile.a = {a_.data(), static_cast<std::ptrdiff_t>(m.k), 1};
    tile.b = {b_.data(), static_cast<std::ptrdiff_t>(m.n), 1};
    Accumulators& sums = values_.accumulators(core_);
    const bool turned = dataflow_ == Dataflow::kInputStationary;
    const std::uint64_t rows = turned ? m.n : m.m;
    CHECK((op_.accumulator + rows) * cols <= sums.size()) << "more results than accumulators";
    tile.out = {sums.data<Sum>() + op_.accumulator * cols, static_cast<std::ptrdiff_t>(cols), 1};
    if (turned) tile.out = tile.out.transposed();
    out_ = tile.out;
    tile.feed = this;
    tile.a_ready = tile.b_ready = kNever;
    return tile;
  }

  void stream(std::uint32_t begin, std::uint32_t count) override {
    const Range piece{begin, count};
    if (dataflow_ != Dataflow::kInputStationary) {
      const bool rows = dataflow_ == Dataflow::kWeightStationary;
      inputs(rows ? piece : Range{0, op_.matrix.m}, rows ? Range{0, op_.matrix.k} : piece);
    }
    if (dataflow_ != Dataflow::kWeightStationary) {
      const bool columns = dataflow_ == Dataflow::kInputStationary;
      weights(columns ? Range{0, op_.matrix.k} : piece, columns ? piece : Range{0, op_.matrix.n});
    }
  }
  void stationary(std::uint32_t begin, std::uint32_t count) override {
    if (dataflow_ == Dataflow::kInputStationary) {
      inputs({0, op_.matrix.m}, {begin, count});
    } else {
      weights({begin, count}, {0, op_.matrix.n});
    }
  }

  const TileOp& op() const { return op_; }
  PassRecord record() const {
    PassRecord r;
    r.shape = op_.matrix;
    if constexpr (std::is_same_v<Operand, std::int8_t>) {
      r.a = a_;
      r.b = b_;
      for (std::size_t i = 0; i < op_.matrix.m; ++i) {
        for (std::size_t j = 0; j < op_.matrix.n; ++j) r.out.push_back(out_.at(i, j));
      }
    }
    r.accumulator = op_.accumulator;
    r.a_ready = a_ready;
    r.b_ready = b_ready;
    r.moments = foreseen;
    return r;
  }

  std::uint64_t id = 0;  ///< in the array
  bool planned = false;
  Booking foreseen;
  Cycles a_ready{}, b_ready{};

 private:
  void inputs(const Range& pixels, const Range& terms) {
    Operand* const to = a_.data() + pixels.begin * op_.matrix.k + terms.begin;
    if (operands_.read_inputs(values_.chip(core_), pixels, terms, to, op_.matrix.k)) return;
    values_.find(op_, "needs inputs outside the bytes it reads");
  }
  void weights(const Range& terms, const Range& outputs) {
    Operand* const to = b_.data() + terms.begin * op_.matrix.n + outputs.begin;
    if (operands_.read_weights(values_.chip(core_), terms, outputs, to, op_.matrix.n)) return;
    values_.find(op_, "needs weights outside the bytes it reads");
  }

  const TileOp op_;
  const PassOperands operands_;
  FunctionalPlayer& values_;
  std::uint32_t core_;
  Dataflow dataflow_;
  std::vector<Operand> a_, b_;  ///< [m, k], [k, n]
  MatrixView<Sum> out_;
};

template <class Operand, class Sum>
class CycleArrayOf : public CycleArray {
 public:
  CycleArrayOf(const Program& program, UnitId unit, DType dtype, FunctionalPlayer& values,
               PassObserver* observer)
      : program_(program),
        unit_(unit),
        values_(values),
        observer_(observer),
        array_(program.machine->matrix, dtype) {}

  void push(const TileOp& op) override {
    Pass<Operand, Sum>& pass = passes_.emplace_back(program_, op, values_);
    pass.id = array_.push(pass.tile(program_.machine->matrix.cols));
    // An operand that is there already, or that comes with the rest.
    if (!op.matrix.load_stationary || outputs_stay()) announce(pass, true, Cycles(0));
  }

  void operand_ready(std::uint64_t sequence, Cycles ready) override {
    announce(find(sequence), true, ready);
  }

  void plan(std::uint64_t sequence, Cycles ready, const Booking& foreseen) override {
    Pass<Operand, Sum>& pass = find(sequence);
    announce(pass, false, ready);
    pass.foreseen = foreseen;
    pass.planned = true;
  }

  void run_to(Cycles now) override {
    while (array_.now() < now) {
      const Cycles next = std::min(array_.wake(), now);
      if (next > array_.now()) {
        array_.skip(next - array_.now());
        continue;
      }
      array_.step();
      while (const auto counted = array_.take_done()) finish(*counted);
    }
  }

  bool idle() const override { return passes_.empty(); }

 private:
  bool outputs_stay() const {
    return program_.machine->matrix.dataflow == Dataflow::kOutputStationary;
  }
  void announce(Pass<Operand, Sum>& pass, bool stationary, Cycles ready) {
    const bool inputs_stay = program_.machine->matrix.dataflow == Dataflow::kInputStationary;
    if (stationary == inputs_stay) {
      array_.announce_a(pass.id, ready);
      pass.a_ready = ready;
    } else {
      array_.announce_b(pass.id, ready);
      pass.b_ready = ready;
    }
  }
  Pass<Operand, Sum>& find(std::uint64_t sequence) {
    for (auto pass = passes_.rbegin(); pass != passes_.rend(); ++pass) {
      if (pass->op().sequence == sequence) return *pass;
    }
    CHECK(false) << "op " << sequence << " is not in the array's queue";
    return passes_.back();
  }
  void finish(const Booking& counted) {
    const Pass<Operand, Sum>& pass = passes_.front();
    CHECK(pass.planned && same(counted, pass.foreseen))
        << program_.units[unit_.index].name << ": op " << pass.op().sequence << " (layer '"
        << program_.regions[pass.op().region].name << "'): the array counts " << text(counted)
        << ", the closed form says " << (pass.planned ? text(pass.foreseen) : "nothing");
    if (observer_ != nullptr && observer_->wants(unit_)) observer_->done(unit_, pass.record());
    passes_.pop_front();
  }

  const Program& program_;
  UnitId unit_;
  FunctionalPlayer& values_;
  PassObserver* observer_;
  SystolicArray<Operand, Sum> array_;
  std::deque<Pass<Operand, Sum>> passes_;  ///< queued and not done; a deque keeps addresses
};

}  // namespace

std::unique_ptr<CycleArray> make_cycle_array(const Program& program, UnitId unit, DType dtype,
                                             FunctionalPlayer& values, PassObserver* observer) {
  switch (dtype) {
    case DType::kInt8:
      return std::make_unique<CycleArrayOf<std::int8_t, std::int32_t>>(program, unit, dtype, values,
                                                                       observer);
    case DType::kInt16:
      return std::make_unique<CycleArrayOf<std::int16_t, std::int32_t>>(program, unit, dtype,
                                                                        values, nullptr);
    default:
      CHECK(info(dtype).is_float) << "no array computes in " << to_string(dtype);
      return std::make_unique<CycleArrayOf<float, float>>(program, unit, dtype, values, nullptr);
  }
}

}  // namespace takt
