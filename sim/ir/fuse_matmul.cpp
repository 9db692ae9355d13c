// SPDX-License-Identifier: Apache-2.0
// Matrix products with batches and broadcasting, as loops (g, n, p, q, o, r, s, c).
#include <algorithm>

#include "sim/base/check.h"
#include "sim/ir/fuse_product.h"
#include "sim/ir/fuse_state.h"
#include "sim/ir/print_names.h"

namespace takt::fusing {
namespace {

/// Dimensions of the output that are rows: all but the last.
std::vector<std::size_t> outside(std::size_t rank) {
  std::vector<std::size_t> dims(rank - 1);
  for (std::size_t d = 0; d + 1 < rank; ++d) dims[d] = d;
  return dims;
}

}  // namespace

// Heads that are put side by side next: written so that the transpose behind the product reads them
// in order.
DimOrder Fuser::order_of_product(TensorId result) const {
  const std::size_t rank = shape(result).size();
  const auto& readers = readers_[result.index];
  // Up to [images, heads, m, n]: their two batch indices are the two levels of groups.
  if (rank > 4 || readers.size() != 1 || graph_.tensor(result).is_output) return row_major(rank);
  const Op& reader = op(readers[0]);
  if (reader.kind != OpKind::kTranspose) return row_major(rank);
  const auto& permutation = std::get<TransposeAttrs>(reader.attributes).permutation;
  // Output channels stay together, else every element would be written alone.
  if (permutation.back() != static_cast<std::int64_t>(rank) - 1) return row_major(rank);
  DimOrder order;
  for (std::int64_t d : permutation) order.push_back(static_cast<std::size_t>(d));
  return order;
}

void Fuser::matmul(OpId id) {
  const Op& o = op(id);
  const auto& attrs = std::get<MatMulAttrs>(o.attributes);
  const TensorId stream = o.outputs[0];
  const Shape& out_shape = shape(stream);
  const std::size_t rank = out_shape.size();
  const Shape batch(out_shape.begin(), out_shape.end() - 2);

  Group group;
  group.members = {id};
  group.stream = group.result = stream;
  if (attrs.alpha != 1) group.steps.push_back({id, "alpha", {1, 0, "multiply"}, {}, 1});
  add_bias(group, id, 2);
  group = grow(std::move(group), row_major(rank), false);
  const DimOrder order = group.chain.empty() ? order_of_product(group.result) : row_major(rank);

  Product product;
  product.a = as_matrix(placed(o.inputs[0]), attrs.transpose_a, batch);
  product.b = as_matrix(weight_place(o.inputs[1]), attrs.transpose_b, batch);
  product.out = as_matrix(allocate_result(group, order), false, batch);
  MatrixWork work;
  bool fits = !lay_out(product, work).empty();
  for (std::size_t input = 0; input < 2 && !fits; ++input) {
    // Operands that are cut too often are first copied to the order of their indices.
    const TensorId tensor = o.inputs[input];
    const View copied =
        materialise(tensor, row_major(shape(tensor).size()), graph_.tensor(tensor).name + ".copy");
    Matrix& matrix = input == 0 ? product.a : product.b;
    matrix = as_matrix(copied, input == 0 ? attrs.transpose_a : attrs.transpose_b, batch);
    fits = !lay_out(product, work).empty();
  }
  if (!fits) return unsupported(o, "its batch dimensions broadcast in more than two levels");

  Region region = matrix_region(group, "matmul");
  product_steps(region, group, [&](const std::vector<View>& views) {
    Product with = product;
    for (const View& view : views) with.extras.push_back(as_matrix(view, false, batch));
    const auto walks = lay_out(with, region.matrix);
    if (!walks.empty()) region.output = walks[0];
    return walks;
  });
  region.matrix.weight.packed = is_parameter(o.inputs[1]);
  work = region.matrix;
  region.shape = {{"b", work.g},
                  {"m", work.n * work.p * work.q},
                  {"n", work.o},
                  {"k", work.r * work.s * work.c}};
  add_region(std::move(region));
}

namespace {

using Walk = std::function<std::vector<ActivationView>(const std::vector<View>&)>;

// An operand that is read whole need not take part in the loops. It may if it does not cut rows or
// columns anew (a mask by image cuts the groups at most).
bool whole_takes_part(const MatrixWork& work, const View& view, std::vector<View> taking_part,
                      const Walk& walk) {
  walk(taking_part);
  const MatrixWork before = work;
  taking_part.push_back(view);
  return !walk(taking_part).empty() && work.n == before.n && work.p == before.p &&
         work.q == before.q && work.o == before.o;
}

}  // namespace

// Operands that change with every row take part in the loops; one that does not fit into them is
// first written out in the output's order.
void Fuser::product_steps(Region& region, const Group& group, const Walk& walk) {
  const std::size_t rank = shape(group.stream).size();
  std::vector<View> taking_part;
  for (const Step& step : group.steps) {
    VectorStep out;
    out.what = step.what;
    out.op = step.op;
    out.lane_ops = step.cost.per_element;
    for (const Operand& operand : step.operands) {
      VectorOperand entry;
      View view = operand.view;
      entry.access = access_of(view, outside(rank), is_parameter(operand.tensor));
      if (entry.access == VectorOperand::Access::kAligned) {
        taking_part.push_back(view);
        if (walk(taking_part).empty()) {
          taking_part.back() = view = placed_copy(operand.tensor, step.op, shape(group.stream));
          CHECK(!walk(taking_part).empty()) << "a dense operand fits the loops of a product";
        }
        entry.row_elements = distinct(view.dims.back()) * region.matrix.q;
      } else {
        entry.rows = 1;
        entry.row_elements = distinct(view);
        entry.view.offset = view.offset;
        entry.walks = whole_takes_part(region.matrix, view, taking_part, walk);
        if (entry.walks) taking_part.push_back(view);
      }
      entry.tensor = entry.view.tensor = view.stored;
      if (out.operand < 0) out.operand = static_cast<int>(region.operands.size());
      region.operands.push_back(entry);  // each its own: walked beside `taking_part` below
      ++out.operand_count;
    }
    region.epilogue.push_back(std::move(out));
  }
  // The final loops: an operand may have cut them after an earlier one was walked.
  const auto walks = walk(taking_part);
  CHECK(!walks.empty()) << "the loops of a product fit without its operands";
  std::size_t next = 1;
  for (VectorOperand& entry : region.operands) {
    if (entry.walks) entry.view = walks[next++];
    if (entry.access == VectorOperand::Access::kAligned) entry.rows = region.matrix.p;
  }
  add_requantise(region, group);
}

}  // namespace takt::fusing
