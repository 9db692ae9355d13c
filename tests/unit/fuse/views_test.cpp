// SPDX-License-Identifier: Apache-2.0
#include "sim/ir/views.h"

#include <gtest/gtest.h>

#include "sim/base/random.h"

namespace takt {
namespace {

using Index = std::vector<std::int64_t>;

std::vector<std::int64_t> all_elements(const View& view) {
  const Shape shape = view.shape();
  std::vector<std::int64_t> out;
  for (std::int64_t flat = 0; flat < elements_of(shape); ++flat) {
    Index index(shape.size());
    std::int64_t rest = flat;
    for (std::size_t d = shape.size(); d-- > 0;) {
      index[d] = rest % shape[d];
      rest /= shape[d];
    }
    out.push_back(view.at(index));
  }
  return out;
}

TEST(Views, DenseOrders) {
  const View rows = dense_view({0}, {2, 3, 4, 5}, row_major(4));
  EXPECT_EQ(rows.at({1, 2, 3, 4}), 119);
  const View channels = dense_view({0}, {2, 3, 4, 5}, channel_last(4));
  EXPECT_EQ(*single_stride(channels.dims[1]), 1);
  EXPECT_EQ(*single_stride(channels.dims[3]), 3);
  EXPECT_EQ(*single_stride(channels.dims[2]), 15);
  EXPECT_EQ(*single_stride(channels.dims[0]), 60);
}

TEST(Views, HeadsMergedStayApart) {
  // [batch 2, heads 3, seq 4, each 5] → [2, 4, 15]: the last dimension has two strides.
  const View heads = dense_view({0}, {2, 3, 4, 5}, row_major(4));
  const auto merged = reshape(transpose(heads, {0, 2, 1, 3}), {2, 4, 15});
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->dims[2], (Factors{{3, 20}, {5, 1}}));
  EXPECT_FALSE(single_stride(merged->dims[2]).has_value());
  // And cut again they are as before.
  const auto again = reshape(*merged, {2, 4, 3, 5});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(all_elements(transpose(*again, {0, 2, 1, 3})), all_elements(heads));
}

TEST(Views, ReshapeThatWouldCutAPiece) {
  const View turned = transpose(dense_view({0}, {4, 6}, row_major(2)), {1, 0});  // [6, 4]
  EXPECT_FALSE(reshape(turned, {3, 8}).has_value() && reshape(turned, {8, 3}).has_value());
}

TEST(Views, SliceOfMergedDimension) {
  const View heads = dense_view({0}, {3, 4, 5}, row_major(3));
  const View merged = *reshape(transpose(heads, {1, 0, 2}), {4, 15});
  const auto second_head = slice(merged, 1, 5, 5);
  ASSERT_TRUE(second_head.has_value());
  EXPECT_EQ(second_head->offset, 20);
  const auto within = slice(merged, 1, 6, 2);
  ASSERT_TRUE(within.has_value());
  EXPECT_EQ(within->offset, 21);
  EXPECT_FALSE(slice(merged, 1, 4, 3).has_value());
}

TEST(Views, ConcatenationOfNeighbours) {
  const View whole = dense_view({0}, {2, 6, 4, 4}, channel_last(4));
  const View front = *slice(whole, 1, 0, 2), back = *slice(whole, 1, 2, 4);
  const auto joined = concatenate({front, back}, 1);
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ(all_elements(*joined), all_elements(whole));
  EXPECT_FALSE(concatenate({back, front}, 1).has_value());
  EXPECT_FALSE(concatenate({front, dense_view({1}, {2, 4, 4, 4}, channel_last(4))}, 1).has_value());
}

TEST(Views, OrderInMemory) {
  EXPECT_EQ(order_in_memory(dense_view({0}, {2, 3, 4, 5}, channel_last(4))), channel_last(4));
  // Dimensions of extent 1 stand where the usual orders have them.
  EXPECT_EQ(order_in_memory(dense_view({0}, {1, 3, 4, 5}, channel_last(4))), channel_last(4));
  EXPECT_EQ(order_in_memory(dense_view({0}, {1, 3, 1, 5}, channel_last(4))), channel_last(4));
  EXPECT_EQ(order_in_memory(dense_view({0}, {1, 3, 1, 1}, channel_last(4))), row_major(4));
}

TEST(Views, WalkTogether) {
  // One operand walks 12 in one piece, the other in 3 x 4.
  const auto loops = walk_together({{{12, 1}}, {{3, 100}, {4, 1}}});
  ASSERT_TRUE(loops.has_value());
  ASSERT_EQ(loops->size(), 2u);
  EXPECT_EQ((*loops)[0].extent, 3);
  EXPECT_EQ((*loops)[0].strides, (std::vector<std::int64_t>{4, 100}));
  EXPECT_FALSE(walk_together({{{12, 1}}, {{2, 100}, {5, 1}}}).has_value());
  EXPECT_FALSE(walk_together({{{2, 7}, {6, 1}}, {{3, 100}, {4, 1}}}).has_value());
}

// Any chain of reshapes, transposes and slices finds the elements that moving them would.
TEST(Views, RandomChains) {
  int chains = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Random random(seed);
    Shape shape{2, 3, 4, 2};
    View view = dense_view({0}, shape, random.between(0, 1) ? row_major(4) : channel_last(4));
    std::vector<std::int64_t> moved = all_elements(view);
    for (int step = 0; step < 4; ++step) {
      const std::size_t rank = shape.size();
      if (random.between(0, 1)) {
        std::vector<std::int64_t> permutation(rank);
        for (std::size_t d = 0; d < rank; ++d) permutation[d] = static_cast<std::int64_t>(d);
        for (std::size_t d = rank; d-- > 1;) {
          std::swap(permutation[d], permutation[random.between(0, d)]);
        }
        const View before = dense_view({0}, shape, row_major(rank));
        std::vector<std::int64_t> again;
        for (std::int64_t at : all_elements(transpose(before, permutation))) {
          again.push_back(moved[static_cast<std::size_t>(at)]);
        }
        moved = again;
        view = transpose(view, permutation);
        shape = view.shape();
      } else {
        std::int64_t rest = elements_of(shape);
        Shape to;
        while (rest > 1 && to.size() < 3) {
          std::int64_t part = static_cast<std::int64_t>(random.between(1, 6));
          while (rest % part != 0) --part;
          to.push_back(part);
          rest /= part;
        }
        to.push_back(rest);
        const auto next = reshape(view, to);
        if (!next) continue;
        view = *next;
        shape = to;
      }
      ++chains;
      EXPECT_EQ(view.shape(), shape);
      EXPECT_EQ(all_elements(view), moved) << "seed " << seed;
    }
  }
  EXPECT_GT(chains, 1000);
}

}  // namespace
}  // namespace takt
