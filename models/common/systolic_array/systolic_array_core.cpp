// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/systolic_array_core.h"

#include <algorithm>

#include "models/common/systolic_array/systolic_timing.h"
#include "sim/base/check.h"

namespace takt {

template <class Operand, class Sum>
SystolicArray<Operand, Sum>::SystolicArray(const MatrixUnit& unit, DType dtype)
    : unit_(unit), rate_(unit.rate_of(dtype)) {
  CHECK(unit.rows > 0 && unit.cols > 0) << "an array without PEs";
  CHECK(rate_.numerator > 0) << "the array does not compute in " << to_string(dtype);
  CHECK(rate_.numerator <= rate_.denominator || rate_.numerator % rate_.denominator == 0)
      << "a PE that does " << rate_.numerator << "/" << rate_.denominator << " MACs a cycle";
  planes_ = std::max<std::uint32_t>(1, rate_.numerator / rate_.denominator);
  const bool twice = unit.weight_buffers > 1 && !exclusive();
  if (outputs_stay()) {
    using Exit = typename OutputGrid<Operand, Sum>::Exit;
    const Exit way = exclusive() ? Exit::kDirect : twice ? Exit::kShadowChain : Exit::kOwnChain;
    outputs_.emplace(unit.rows, unit.cols, planes_, way);
  } else {
    stationary_.emplace(unit.rows, unit.cols, planes_, twice);
  }
}

template <class Operand, class Sum>
std::uint64_t SystolicArray<Operand, Sum>::push(const Tile& tile) {
  Entry e;
  e.tile = tile;
  const std::size_t depth = static_cast<std::size_t>(unit_.rows) * planes_;
  switch (unit_.dataflow) {
    case Dataflow::kRowStationary: CHECK(false) << "a row-stationary array is none of these"; break;
    case Dataflow::kWeightStationary:
      CHECK(tile.k <= depth && tile.n <= unit_.cols) << "weights larger than the array";
      e.streamed = tile.m;
      e.stream = tile.a;
      e.stationary = tile.b;
      e.target = {tile.out, tile.m, tile.n, tile.accumulate};
      break;
    case Dataflow::kInputStationary:  // the transposed product: out^T = b^T * a^T
      CHECK(tile.k <= depth && tile.m <= unit_.cols) << "inputs larger than the array";
      e.streamed = tile.n;
      e.stream = tile.b.transposed();
      e.stationary = tile.a.transposed();
      e.target = {tile.out.transposed(), tile.n, tile.m, tile.accumulate};
      break;
    case Dataflow::kOutputStationary:
      CHECK(tile.m <= unit_.rows && tile.n <= unit_.cols) << "outputs larger than the array";
      e.streamed = tile.k;
      e.target = {tile.out, tile.m, tile.n, tile.accumulate};
      break;
  }
  CHECK(tile.m > 0 && tile.n > 0 && tile.k > 0) << "an empty tile";
  CHECK(pushed_ > 0 || tile.load_stationary || outputs_stay()) << "no operand to use again";
  entries_.push_back(e);
  const std::uint64_t id = pushed_++;
  pass_by_reuse();
  return id;
}

/// Moves load_next_ on to a tile that has an operand to load.
template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::pass_by_reuse() {
  if (outputs_stay()) load_next_ = pushed_;
  while (load_next_ < pushed_ && !entry(load_next_).tile.load_stationary) ++load_next_;
}

// A load may begin when its operand is there and the registers it goes to are free: the shadow set
// from the step in which the tile before it began to use what it holds, the only set from the step
// after the last row of every tile before it entered (the load follows that row diagonal by
// diagonal). Exclusive folds wait until all before them are done.
template <class Operand, class Sum>
bool SystolicArray<Operand, Sum>::load_fits() const {
  if (outputs_stay() || rows_to_load_ > 0 || load_next_ == pushed_) return false;
  if (exclusive()) return done_ == load_next_;
  return unit_.weight_buffers > 1 ? !shadow_taken_ : begin_next_ == load_next_ && !issuing_;
}

template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::begin_load() {
  if (!load_fits() || now_ < stationary_ready(entry(load_next_))) return;
  shadow_taken_ = true;
  loading_ = load_next_++;
  pass_by_reuse();
  rows_to_load_ = unit_.rows;
  stationary_->begin_load();
}

template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::feed_load() {
  if (rows_to_load_ == 0) return;
  --rows_to_load_;  // the row that goes furthest enters first
  Entry& e = entry(loading_);
  const std::uint32_t begin = rows_to_load_ * planes_;
  if (e.tile.feed != nullptr && begin < e.tile.k) {
    e.tile.feed->stationary(begin, std::min(planes_, e.tile.k - begin));
  }
  stationary_->feed_stationary(e.stationary, rows_to_load_, e.tile.k, e.target.cols);
  if (rows_to_load_ == 0) e.moments.loaded = now_ + Cycles(1);
}

template <class Operand, class Sum>
bool SystolicArray<Operand, Sum>::array_takes(const Entry& e, std::uint64_t id) const {
  if (!outputs_stay()) {
    // Its operand is in, and no other has taken the place of the one it uses again.
    return !e.tile.load_stationary || e.moments.loaded <= now_;
  }
  if (exclusive()) return done_ == id;
  if (unit_.weight_buffers < 2) return !outputs_->first_pe_taken();
  // Its last diagonal must find the shadow chain empty, `rows` steps after the one before.
  const std::uint64_t length =
      (static_cast<std::uint64_t>(e.streamed) * rate_.denominator + rate_.numerator - 1) /
      rate_.numerator;
  return now_.value() + length >= chain_free_.value();
}

template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::begin_tile() {
  if (issuing_ || begin_next_ == pushed_) return;
  Entry& e = entry(begin_next_);
  if (now_ < e.tile.a_ready || now_ < e.tile.b_ready || !array_takes(e, begin_next_)) return;
  e.moments.start = now_;
  if (outputs_stay()) {
    outputs_->begin_sums();
  } else if (e.tile.load_stationary) {
    if (unit_.weight_buffers > 1 && !exclusive()) stationary_->begin_use();
    shadow_taken_ = false;
  }
  if (e.moments.loaded == kNever) e.moments.loaded = now_;
  ++begin_next_;
  issuing_ = true;
  issued_ = 0;
  hold_ = 0;
  rate_credit_ = 0;
}

// Every cycle earns `rate` of a row; a row enters in the cycle that completes its price, which is
// the last of those the PEs work on it.
template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::feed_tile() {
  if (!issuing_) return;
  const std::uint64_t id = begin_next_ - 1;
  Entry& e = entry(id);
  const bool stationary = !outputs_stay();
  // A command of fewer rows than its interval waits before they enter.
  if (unit_.command_rows > 0) {
    const std::uint64_t rows = command_rows(unit_, e.tile.row, e.streamed, issued_);
    if (e.tile.row > 0 && rows > 0 &&
        rows + hold_ < least_of_command(unit_, e.tile.row, e.streamed, issued_, rows)) {
      ++hold_;
      return;
    }
    hold_ = 0;
  }
  rate_credit_ += stationary && planes_ > 1 ? rate_.denominator : rate_.numerator;
  const auto count = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(rate_credit_ / rate_.denominator, e.streamed - issued_));
  if (count == 0) return;
  rate_credit_ -= static_cast<std::uint64_t>(count) * rate_.denominator;
  const bool last = issued_ + count == e.streamed;
  if (e.tile.feed != nullptr) e.tile.feed->stream(issued_, count);
  if (stationary) {
    stationary_->feed_stream(e.stream, issued_, e.tile.k, &e.target, id, last);
  } else {
    outputs_->feed(e.tile.a, e.tile.b, issued_, count, e.tile.m, e.tile.n);
    if (last) outputs_->end_sums(&e.target, id);
  }
  issued_ += count;
  if (!last) return;
  e.moments.issued = now_ + Cycles(1);
  chain_free_ = e.moments.issued + Cycles(unit_.rows);
  issuing_ = false;
}

template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::step() {
  begin_tile();
  if (!outputs_stay()) {
    begin_load();
    feed_load();
  }
  feed_tile();
  const std::optional<std::uint64_t> finished =
      outputs_stay() ? outputs_->step() : stationary_->step();
  now_ += Cycles(1);
  if (!finished) return;
  CHECK(*finished == done_) << "tile " << *finished << " overtook tile " << done_;
  entry(*finished).moments.done = now_;
  ++done_;
}

template <class Operand, class Sum>
bool SystolicArray<Operand, Sum>::quiet() const {
  return !issuing_ && rows_to_load_ == 0 && (outputs_ ? outputs_->quiet() : stationary_->quiet());
}

template <class Operand, class Sum>
Cycles SystolicArray<Operand, Sum>::wake() const {
  if (!quiet()) return now_;
  Cycles when = kNever;
  if (load_fits()) when = stationary_ready(entry(load_next_));
  if (begin_next_ < pushed_) {
    const Entry& e = entry(begin_next_);
    if (array_takes(e, begin_next_)) {
      when = std::min(when, std::max(e.tile.a_ready, e.tile.b_ready));
    }
  }
  return std::max(when, now_);
}

template <class Operand, class Sum>
void SystolicArray<Operand, Sum>::skip(Cycles cycles) {
  CHECK(quiet()) << "time cannot be skipped while values move";
  now_ += cycles;
}

template <class Operand, class Sum>
std::optional<Booking> SystolicArray<Operand, Sum>::take_done() {
  if (first_ == done_) return std::nullopt;
  const Booking moments = entries_.front().moments;
  entries_.pop_front();
  ++first_;
  return moments;
}

template class SystolicArray<std::int8_t, std::int32_t>;
template class SystolicArray<std::int16_t, std::int32_t>;
template class SystolicArray<float, float>;

}  // namespace takt
