// SPDX-License-Identifier: Apache-2.0
#include "models/common/systolic_array/systolic_array_cycle.h"

#include <algorithm>
#include <string>

#include "models/common/systolic_array/systolic_timing.h"
#include "sim/base/check.h"

namespace takt {

SystolicArrayCycle::SystolicArrayCycle(const sc_core::sc_module_name& name, const MatrixUnit& unit)
    : sc_module(name),
      unit_(unit),
      rate_(unit.rate_of(DType::kInt8)),
      right_("right", (unit.rows + 1) * (unit.cols + 1)),
      down_("down", (unit.rows + 1) * (unit.cols + 1)),
      sums_("sums", (unit.rows + 1) * (unit.cols + 1)),
      loads_("loads", (unit.rows + 1) * (unit.cols + 1)),
      used_("used", (unit.rows + 1) * (unit.cols + 1)),
      valid_("valid", (unit.rows + 1) * (unit.cols + 1)),
      begin_("begin", (unit.rows + 1) * (unit.cols + 1)),
      end_("end", (unit.rows + 1) * (unit.cols + 1)),
      took_("took", (unit.rows + 1) * (unit.cols + 1)),
      column_loads_("column_loads", unit.cols),
      column_first_("column_first", unit.cols),
      columns_(unit.cols) {
  CHECK(unit.rows <= kSideMax && unit.cols <= kSideMax) << "too many modules";
  CHECK(unit.timing == MatrixUnit::Timing::kPipelined) << "only pipelined timing is modelled";
  CHECK(rate_.numerator > 0 && rate_.numerator <= rate_.denominator) << "one MAC a cycle at most";
  const EdgeRow nothing{std::vector<int>(std::max(unit.rows, unit.cols))};
  left_.assign(unit.rows, nothing);
  top_.assign(unit.cols, nothing);
  for (std::size_t r = 0; r < unit.rows; ++r) {
    for (std::size_t c = 0; c < unit.cols; ++c) {
      if (outputs_stay()) {
        make_output_pe(r, c);
      } else {
        make_stationary_pe(r, c);
      }
    }
  }
  SC_METHOD(edges);
  sensitive << clk.neg();
  dont_initialize();
}

void SystolicArrayCycle::make_stationary_pe(std::size_t r, std::size_t c) {
  const std::string name = "pe_" + std::to_string(r) + "_" + std::to_string(c);
  stationary_pes_.push_back(std::make_unique<StationaryPe>(name.c_str(), r == 0, twice()));
  StationaryPe& pe = *stationary_pes_.back();
  pe.clk(clk);
  pe.data_in(right_[at(r, c)]);
  pe.data(right_[at(r, c + 1)]);
  pe.valid_in(valid_[at(r, c)]);
  pe.valid(valid_[at(r, c + 1)]);
  pe.sum_in(sums_[at(r, c)]);
  pe.sum(sums_[at(r + 1, c)]);
  pe.load_in(loads_[at(r, c)]);
  pe.loaded(loads_[at(r + 1, c)]);
  pe.used(used_[at(r, c)]);
  // A bit that enters at the corner goes right along the top row and down every column.
  pe.use_in(r > 0 ? begin_[at(r - 1, c)] : c > 0 ? begin_[at(0, c - 1)] : begin_edge_);
  pe.use(begin_[at(r, c)]);
  pe.loading(column_loads_[c]);
  pe.first(column_first_[c]);
  pe.above_took(r > 0 ? took_[at(r - 1, c)] : low_);
  pe.took(took_[at(r, c)]);
}

void SystolicArrayCycle::make_output_pe(std::size_t r, std::size_t c) {
  const std::string name = "pe_" + std::to_string(r) + "_" + std::to_string(c);
  output_pes_.push_back(std::make_unique<OutputPe>(name.c_str(), twice()));
  OutputPe& pe = *output_pes_.back();
  pe.clk(clk);
  pe.right_in(right_[at(r, c)]);
  pe.right(right_[at(r, c + 1)]);
  pe.down_in(down_[at(r, c)]);
  pe.down(down_[at(r + 1, c)]);
  pe.sum(sums_[at(r + 1, c)]);
  pe.result_in(loads_[at(r, c)]);
  pe.result(loads_[at(r + 1, c)]);
  pe.begin_in(r > 0 ? begin_[at(r - 1, c)] : c > 0 ? begin_[at(0, c - 1)] : begin_edge_);
  pe.begin(begin_[at(r, c)]);
  pe.end_in(r > 0 ? end_[at(r - 1, c)] : c > 0 ? end_[at(0, c - 1)] : end_edge_);
  pe.end(end_[at(r, c)]);
  // The column begins to leave in the cycle after its bottom PE is complete.
  pe.leave(r > 0 ? end_[at(unit_.rows - 1, c)] : low_);
  pe.above_took(r > 0 ? took_[at(r - 1, c)] : low_);
  pe.took(took_[at(r, c)]);
}

void SystolicArrayCycle::push(const Tile& tile) {
  Entry e;
  e.tile = tile;
  e.streamed = outputs_stay() ? tile.k : tile.m;
  e.stream = tile.a;
  e.stationary = tile.b;
  e.target = {tile.out, tile.m, tile.n, tile.accumulate};
  if (unit_.dataflow == Dataflow::kInputStationary) {
    e.streamed = tile.n;
    e.stream = tile.b.transposed();
    e.stationary = tile.a.transposed();
    e.target = {tile.out.transposed(), tile.n, tile.m, tile.accumulate};
  }
  CHECK(e.target.cols <= unit_.cols) << "too wide";
  CHECK((outputs_stay() ? tile.m : tile.k) <= unit_.rows) << "too deep";
  tiles_.push_back(e);
}

// One row a cycle comes out of each column's bottom; the tiles come in order.
void SystolicArrayCycle::collect_sums() {
  for (std::size_t c = 0; c < unit_.cols; ++c) {
    if (!valid_[at(unit_.rows - 1, c + 1)].read()) continue;
    Column& column = columns_[c];
    Entry& e = tiles_[column.tile];
    e.target.put(column.row, c, sums_[at(unit_.rows, c)].read());
    if (++column.row < e.streamed) continue;
    column.row = 0;
    ++column.tile;
    if (c + 1 < unit_.cols) continue;
    e.moments.done = Cycles(cycle_);  // the cycle before made the sum
    ++done_;
  }
}

void SystolicArrayCycle::collect_results() {
  for (std::size_t c = 0; c < unit_.cols; ++c) {
    Column& column = columns_[c];
    if (end_[at(unit_.rows - 1, c)].read()) {
      CHECK(column.left == 0) << "a result in the way of another";
      column.left = unit_.rows;
    }
    if (column.left == 0) continue;
    Entry& e = tiles_[column.tile];
    e.target.put(--column.left, c, loads_[at(unit_.rows, c)].read());
    if (column.left > 0) continue;
    ++column.tile;
    if (c + 1 < unit_.cols) continue;
    e.moments.done = Cycles(cycle_ + 1);  // it leaves in the cycle that begins
    ++done_;
  }
}

bool SystolicArrayCycle::array_takes(const Entry& e) const {
  if (!outputs_stay()) return !e.tile.load_stationary || e.moments.loaded.value() <= cycle_;
  if (!twice()) return !first_pe_taken_;
  if (begun_ == 0) return true;
  // The chain of the tile before is passed on row by row behind its end.
  const std::uint64_t length =
      (std::uint64_t{e.streamed} * rate_.denominator + rate_.numerator - 1) / rate_.numerator;
  return cycle_ + length >= tiles_[begun_ - 1].moments.issued.value() + unit_.rows;
}

bool SystolicArrayCycle::begin_tile() {
  if (issuing_ || begun_ == tiles_.size()) return false;
  Entry& e = tiles_[begun_];
  if (cycle_ < e.tile.a_ready.value() || cycle_ < e.tile.b_ready.value()) return false;
  if (!array_takes(e)) return false;
  e.moments.start = Cycles(cycle_);
  if (e.moments.loaded == kNever) e.moments.loaded = e.moments.start;
  ++begun_;
  issuing_ = true;
  issued_ = 0;
  hold_ = 0;
  credit_ = 0;
  first_pe_taken_ = true;
  if (!outputs_stay() && e.tile.load_stationary) shadow_taken_ = false;
  return outputs_stay() || (e.tile.load_stationary && twice());
}

void SystolicArrayCycle::load(EdgeRow& top) {
  while (loads_begun_ < tiles_.size() && !tiles_[loads_begun_].tile.load_stationary) ++loads_begun_;
  if (rows_to_load_ == 0 && loads_begun_ < tiles_.size()) {
    const Tile& tile = tiles_[loads_begun_].tile;
    const bool inputs = unit_.dataflow == Dataflow::kInputStationary;
    const bool free = twice() ? !shadow_taken_ : begun_ == loads_begun_ && !issuing_;
    if (free && (inputs ? tile.a_ready : tile.b_ready).value() <= cycle_) {
      loading_tile_ = loads_begun_++;
      shadow_taken_ = true;
      rows_to_load_ = unit_.rows;
      top.first = true;
    }
  }
  if (rows_to_load_ == 0) return;
  Entry& e = tiles_[loading_tile_];
  top.valid = true;
  --rows_to_load_;
  if (rows_to_load_ < e.tile.k) {
    for (std::size_t c = 0; c < e.target.cols; ++c) {
      top.values[c] = e.stationary.at(rows_to_load_, c);
    }
  }
  if (rows_to_load_ == 0) e.moments.loaded = Cycles(cycle_ + 1);
}

bool SystolicArrayCycle::feed(EdgeRow& left, EdgeRow& top) {
  if (!issuing_) return false;
  const Entry& now = tiles_[begun_ - 1];
  if (unit_.command_rows > 0 && now.tile.row > 0) {
    const std::uint64_t rows = command_rows(unit_, now.tile.row, now.streamed, issued_);
    if (rows > 0 &&
        rows + hold_ < least_of_command(unit_, now.tile.row, now.streamed, issued_, rows)) {
      ++hold_;
      return false;
    }
    hold_ = 0;
  }
  credit_ += rate_.numerator;
  if (credit_ < rate_.denominator) return false;
  credit_ -= rate_.denominator;
  Entry& e = tiles_[begun_ - 1];
  left.valid = true;
  if (outputs_stay()) {
    for (std::size_t r = 0; r < e.tile.m; ++r) left.values[r] = e.tile.a.at(r, issued_);
    for (std::size_t c = 0; c < e.tile.n; ++c) top.values[c] = e.tile.b.at(issued_, c);
  } else {
    for (std::size_t r = 0; r < e.tile.k; ++r) left.values[r] = e.stream.at(issued_, r);
  }
  if (++issued_ < e.streamed) return false;
  issuing_ = false;
  e.moments.issued = Cycles(cycle_ + 1);
  return true;
}

// Lane i gets what entered i cycles ago.
void SystolicArrayCycle::drive(bool begins, bool ends) {
  begin_edge_.write(begins);
  end_edge_.write(ends);
  for (std::size_t r = 0; r < unit_.rows; ++r) {
    right_[at(r, 0)].write(left_[r].values[r]);
    valid_[at(r, 0)].write(left_[r].valid);
  }
  for (std::size_t c = 0; c < unit_.cols; ++c) {
    (outputs_stay() ? down_ : loads_)[at(0, c)].write(top_[c].values[c]);
    column_loads_[c].write(top_[c].valid);
    column_first_[c].write(top_[c].first);
  }
}

void SystolicArrayCycle::edges() {
  if (outputs_stay()) {
    collect_results();
  } else {
    collect_sums();
  }
  const EdgeRow nothing{std::vector<int>(std::max(unit_.rows, unit_.cols))};
  EdgeRow left = nothing, top = nothing;
  const bool begins = begin_tile();
  // The first PE's result moves on in this cycle; the PE is free in the next.
  if (outputs_stay() && end_[at(unit_.rows - 1, 0)].read()) first_pe_taken_ = false;
  if (!outputs_stay()) load(top);
  const bool ends = feed(left, top);
  left_.push_front(left);
  top_.push_front(top);
  left_.pop_back();
  top_.pop_back();
  drive(begins, ends);
  ++cycle_;
}

void SystolicArrayCycle::trace(sc_core::sc_trace_file* file) const {
  for (std::size_t r = 0; r < unit_.rows; ++r) {
    for (std::size_t c = 0; c < unit_.cols; ++c) {
      const std::string pe =
          std::string(name()) + ".pe_" + std::to_string(r) + "_" + std::to_string(c) + ".";
      sc_core::sc_trace(file, right_[at(r, c + 1)], pe + (outputs_stay() ? "right" : "data"));
      sc_core::sc_trace(file, sums_[at(r + 1, c)], pe + "sum");
      sc_core::sc_trace(file, loads_[at(r + 1, c)], pe + (outputs_stay() ? "result" : "loaded"));
      sc_core::sc_trace(file, begin_[at(r, c)], pe + (outputs_stay() ? "begin" : "use"));
      sc_core::sc_trace(file, took_[at(r, c)], pe + "took");
      if (outputs_stay()) {
        sc_core::sc_trace(file, down_[at(r + 1, c)], pe + "down");
        sc_core::sc_trace(file, end_[at(r, c)], pe + "end");
      } else {
        sc_core::sc_trace(file, used_[at(r, c)], pe + "used");
        sc_core::sc_trace(file, valid_[at(r, c + 1)], pe + "valid");
      }
    }
  }
}

}  // namespace takt
