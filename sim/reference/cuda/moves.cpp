// SPDX-License-Identifier: Apache-2.0
// Ops that only move elements. All but Gather copy a box from one walk to another.
#include "execution.h"

namespace takt::gpu {
namespace {

template <class T>
struct CopyBody {
  const T* from;
  T* to;
  Walk read, write;
  TAKT_HD void operator()(std::int64_t i) const { to[write.at(i)] = from[read.at(i)]; }
};

/// Row numbers choose rows of the table; -1 is the last.
template <class T>
struct GatherBody {
  const T* table;
  Any numbers;
  T* to;
  std::int64_t extent, inner, count;
  TAKT_HD void operator()(std::int64_t index) const {
    const std::int64_t rest = index % inner, i = index / inner % count,
                       outer = index / inner / count;
    std::int64_t number = numbers.whole(i);
    if (number < 0) number += extent;
    if (number < 0 || number >= extent) number = 0;  // the list's numbers are checked before
    to[index] = table[(outer * extent + number) * inner + rest];
  }
};

template <class F>
void by_size(unsigned bytes, const F& use) {
  switch (bytes) {
    case 1: use(std::uint8_t{}); break;
    case 2: use(std::uint16_t{}); break;
    case 4: use(std::uint32_t{}); break;
    default: use(std::uint64_t{}); break;
  }
}

void copy(Any from, Any to, const Walk& read, const Walk& write, std::int64_t count) {
  by_size(info(from.type).bytes, [&](auto element) {
    using T = decltype(element);
    for_each(count,
             CopyBody<T>{static_cast<const T*>(from.data), static_cast<T*>(to.data), read, write});
  });
}

Walk straight(std::int64_t count) { return walk_over({count}, {1}); }

/// The walk of an operand that the whole result is read by.
Walk read_walk(const Execution& run, const Op& op) {
  const Dims& in = run.tensor(op.inputs[0]).dims;
  const Dims& to = run.tensor(op.outputs[0]).dims;
  const Dims dense = dense_strides(in);
  if (op.kind == "reshape") return straight(elements_of(to));
  if (op.kind == "expand") return broadcast(in, to);
  Dims strides;
  std::int64_t offset = 0;
  if (op.kind == "transpose") {
    for (const std::int64_t d : op.whole_list("permutation")) {
      strides.push_back(dense[static_cast<std::size_t>(d)]);
    }
  } else {
    const Dims begin = op.whole_list("begin"), step = op.whole_list("step");
    for (std::size_t d = 0; d < in.size(); ++d) {
      offset += begin[d] * dense[d];
      strides.push_back(dense[d] * step[d]);
    }
  }
  return walk_over(to, strides, offset);
}

Launch concat(Execution& run, const Op& op) {
  const Dims& to = run.tensor(op.outputs[0]).dims;
  const auto axis = static_cast<std::size_t>(op.whole("axis"));
  const Dims dense = dense_strides(to);
  struct Part {
    Any from;
    Walk write;
    std::int64_t count;
  };
  std::vector<Part> parts;
  std::int64_t begin = 0;
  for (const int input : op.inputs) {
    const Tensor& t = run.tensor(input);
    parts.push_back({run.any(input), walk_over(t.dims, dense, begin * dense[axis]), t.elements()});
    begin += t.dims[axis];
  }
  return [=](const Out& out) {
    for (const Part& part : parts) {
      copy(part.from, out.tensor, straight(part.count), part.write, part.count);
    }
  };
}

Launch split(Execution& run, const Op& op, std::size_t output) {
  const Dims dense = dense_strides(run.tensor(op.inputs[0]).dims);
  const auto axis = static_cast<std::size_t>(op.whole("axis"));
  const Tensor& t = run.tensor(op.outputs[output]);
  const Walk read = walk_over(t.dims, dense, op.whole_list("begin")[output] * dense[axis]);
  const Any from = run.any(op.inputs[0]);
  const std::int64_t count = t.elements();
  return [=](const Out& out) { copy(from, out.tensor, read, straight(count), count); };
}

/// Zeros, and the part of the operand that is within the result.
Launch pad(Execution& run, const Op& op) {
  const Dims& in = run.tensor(op.inputs[0]).dims;
  const Tensor& t = run.tensor(op.outputs[0]);
  const Dims begin = op.whole_list("begin");
  const Dims dense_in = dense_strides(in), dense_out = dense_strides(t.dims);
  Dims box;
  std::int64_t read_offset = 0, write_offset = 0;
  for (std::size_t d = 0; d < in.size(); ++d) {
    const std::int64_t from = std::max<std::int64_t>(0, -begin[d]);
    const std::int64_t end = std::min(in[d], t.dims[d] - begin[d]);
    box.push_back(std::max<std::int64_t>(0, end - from));
    read_offset += from * dense_in[d];
    write_offset += (from + begin[d]) * dense_out[d];
  }
  const Walk read = walk_over(box, dense_in, read_offset);
  const Walk write = walk_over(box, dense_out, write_offset);
  const Any from = run.any(op.inputs[0]);
  const std::size_t bytes = t.bytes();
  const std::int64_t count = elements_of(box);
  return [=](const Out& out) {
    set_zero(out.tensor.data, bytes);
    copy(from, out.tensor, read, write, count);
  };
}

Launch gather(Execution& run, const Op& op) {
  const Dims& in = run.tensor(op.inputs[0]).dims;
  const auto axis = static_cast<std::size_t>(op.whole("axis"));
  std::int64_t inner = 1;
  for (std::size_t d = axis + 1; d < in.size(); ++d) inner *= in[d];
  const Any table = run.any(op.inputs[0]), numbers = run.any(op.inputs[1]);
  const std::int64_t extent = in[axis], chosen = run.tensor(op.inputs[1]).elements();
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  return [=](const Out& out) {
    by_size(info(table.type).bytes, [&](auto element) {
      using T = decltype(element);
      for_each(count, GatherBody<T>{static_cast<const T*>(table.data), numbers,
                                    static_cast<T*>(out.tensor.data), extent, inner, chosen});
    });
  };
}

}  // namespace

Launch moves(Execution& run, const Op& op, std::size_t output) {
  if (op.kind == "concat") return concat(run, op);
  if (op.kind == "split") return split(run, op, output);
  if (op.kind == "pad") return pad(run, op);
  if (op.kind == "gather") return gather(run, op);
  const Any from = run.any(op.inputs[0]);
  const std::int64_t count = run.tensor(op.outputs[0]).elements();
  const Walk read = read_walk(run, op);
  return [=](const Out& out) { copy(from, out.tensor, read, straight(count), count); };
}

}  // namespace takt::gpu
