// SPDX-License-Identifier: Apache-2.0
// Rows of a table that are chosen by numbers.
#include <algorithm>

#include "sim/ir/fuse_state.h"

namespace takt::fusing {

// Rows of a table by their numbers: only the rows asked for are read.
void Fuser::gather(OpId id) {
  const Op& o = op(id);
  const auto axis = static_cast<std::size_t>(std::get<MoveAttrs>(o.attributes).axis);
  const View table = placed(o.inputs[0]);
  const View indices = placed(o.inputs[1]);
  const Shape& out_dims = shape(o.outputs[0]);
  const DimOrder order = row_major(out_dims.size());
  const std::size_t index_rank = shape(o.inputs[1]).size();
  Group group = grow(single(id), order, false);
  RowCut cut{order, std::min(axis + index_rank, out_dims.size()), false};
  if (cut.row_from == out_dims.size() && cut.row_from > 0) --cut.row_from;  // single elements
  Region region = vector_region(group, allocate_rows(group, cut), cut, false);
  const VectorWork& work = region.vector;
  VectorOperand main;
  main.tensor = main.view.tensor = table.stored;
  main.view.offset = table.offset;
  main.rows = work.rows;
  main.row_elements = main.row_run = work.row_elements;
  main.view.stride_h = work.row_elements;
  main.view.stride_c = 1;
  if (work.images * work.rows * work.row_elements > out_.tensors[table.stored.index].elements) {
    main.access = VectorOperand::Access::kWhole;
    main.walks = false;  // a small table read over and over
    main.row_elements = main.row_run = elements_of(shape(o.inputs[0]));
    main.rows = 1;
  }
  VectorOperand numbers;
  numbers.tensor = numbers.view.tensor = indices.stored;
  numbers.view.offset = indices.offset;
  numbers.access = VectorOperand::Access::kWhole;
  numbers.walks = false;
  numbers.rows = 1;
  numbers.row_elements = numbers.row_run = elements_of(shape(o.inputs[1]));
  main_operand(region, numbers);
  main_operand(region, main);
  region.epilogue.front().operand = 0;
  region.epilogue.front().operand_count = 2;
  add_region(std::move(region));
}

}  // namespace takt::fusing
