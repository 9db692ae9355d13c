// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/onnx/coverage_rows.h"

namespace takt::test {
namespace {

/// A list that is an attribute before opset `since`, an operand from it on.
Build with_list(const char* op, const char* key, Ints list, int since) {
  return [=](OnnxModel& m, int opset) {
    if (opset < since) {
      m.node(op, {"x"}, {"y"}).with(key, list);
    } else {
      m.ints(key, list);
      m.node(op, {"x", key}, {"y"});
    }
  };
}

void top_k(OnnxModel& m, int opset) {
  if (opset < 10) {
    m.node("TopK", {"x"}, {"y", "i"}).with("k", 2);
  } else {
    m.ints("k", {2});
    m.node("TopK", {"x", "k"}, {"y", "i"});
  }
}

void concat(OnnxModel& m, int) { m.node("Concat", {"x", "x"}, {"y"}).with("axis", 1); }

void split(OnnxModel& m, int opset) {
  if (opset < 13) {
    m.node("Split", {"x"}, {"y", "z"}).with("split", Ints{1, 3}).with("axis", 1);
  } else if (opset < 18) {
    m.ints("split", {1, 3});
    m.node("Split", {"x", "split"}, {"y", "z"}).with("axis", 1);
  } else {
    m.node("Split", {"x"}, {"y", "z"}).with("num_outputs", 2).with("axis", 1);
  }
}

void slice(OnnxModel& m, int opset) {
  if (opset < 10) {
    m.node("Slice", {"x"}, {"y"})
        .with("starts", Ints{1})
        .with("ends", Ints{5})
        .with("axes", Ints{2});
  } else {
    m.ints("starts", {5});
    m.ints("ends", {0});
    m.ints("axes", {2});
    m.ints("steps", {-2});
    m.node("Slice", {"x", "starts", "ends", "axes", "steps"}, {"y"});
  }
}

void pad(OnnxModel& m, int opset) {
  const Ints pads{0, 0, 1, 2, 0, 0, 0, 1};
  if (opset < 11) {
    m.node("Pad", {"x"}, {"y"}).with("pads", pads);
  } else if (opset < 18) {
    m.ints("pads", pads);
    m.node("Pad", {"x", "pads"}, {"y"});
  } else {
    m.ints("pads", {1, 2, 0, 1});
    m.ints("axes", {2, 3});
    m.node("Pad", {"x", "pads", "", "axes"}, {"y"});
  }
}

void transpose(OnnxModel& m, int) {
  m.node("Transpose", {"x"}, {"y"}).with("perm", Ints{0, 3, 1, 2});
}

void gather(OnnxModel& m, int) {
  m.input("ids", Ints{2, 5}, onnx::TensorProto::INT64);
  m.weight("table", {100, 8});
  m.node("Gather", {"table", "ids"}, {"y"});
  m.node("Identity", {"x"}, {"same"});
}

void resize(OnnxModel& m, int opset) {
  if (opset < 11) {
    m.weight("scales", {4}, {1, 1, 2, 2});
    m.node("Resize", {"x", "scales"}, {"y"});
  } else if (opset < 19) {
    m.ints("sizes", {2, 4, 9, 9});
    m.node("Resize", {"x", "", "", "sizes"}, {"y"}).with("mode", "linear");
  } else {
    m.weight("scales", {2}, {2, 3});
    m.node("Resize", {"x", "", "scales"}, {"y"}).with("axes", Ints{2, 3}).with("antialias", 0);
  }
}

void upsample(OnnxModel& m, int opset) {
  if (opset < 9) {
    m.node("Upsample", {"x"}, {"y"}).with_floats("scales", {1, 1, 2, 2});
  } else {
    m.weight("scales", {4}, {1, 1, 2, 2});
    m.node("Upsample", {"x", "scales"}, {"y"});
  }
}

void cast(OnnxModel& m, int opset) {
  auto node = m.node("Cast", {"x"}, {"y"});
  node.with("to", onnx::TensorProto::INT32);
  if (opset >= 19) node.with("saturate", 1);
}

void cast_like(OnnxModel& m, int) {
  m.ints("like", {1});
  m.node("CastLike", {"x", "like"}, {"y"});
}

void dropout(OnnxModel& m, int opset) {
  if (opset < 12) {
    m.node("Dropout", {"x"}, {"y"}).with("ratio", 0.5F);
  } else {
    m.scalar("ratio", 0.5F);
    m.node("Dropout", {"x", "ratio"}, {"y"});
  }
}

/// Shape arithmetic: `target` names what was computed from x's shape.
void reshape_to(OnnxModel& m, const std::string& target) {
  m.node("Reshape", {"x", target}, {"y"});
}

void shape(OnnxModel& m, int) {
  m.node("Shape", {"x"}, {"s"});
  reshape_to(m, "s");
}

void size(OnnxModel& m, int) {
  m.ints("one", {1});
  m.node("Size", {"x"}, {"s"});
  m.node("Reshape", {"s", "one"}, {"t"});
  reshape_to(m, "t");
}

void constant(OnnxModel& m, int) {
  auto node = m.node("Constant", {}, {"c"});
  auto* attribute = node->add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(onnx::TensorProto::INT64);
  attribute->mutable_t()->add_dims(2);
  for (const std::int64_t value : {24, -1}) attribute->mutable_t()->add_int64_data(value);
  reshape_to(m, "c");
}

void constant_of_shape(OnnxModel& m, int) {
  m.ints("two", {2});
  m.int_scalar("half", 144);
  auto node = m.node("ConstantOfShape", {"two"}, {"ones"});
  auto* attribute = node->add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(onnx::TensorProto::INT64);
  attribute->mutable_t()->add_dims(1);
  attribute->mutable_t()->add_int64_data(1);
  m.node("Mul", {"ones", "half"}, {"t"});
  m.ints("keep", {2, 144});
  m.node("Min", {"t", "keep"}, {"u"});
  reshape_to(m, "u");
}

void range(OnnxModel& m, int) {
  m.int_scalar("from", 4);
  m.int_scalar("to", 13);
  m.int_scalar("step", 4);
  m.ints("scale", {1, 1, 1});
  m.node("Range", {"from", "to", "step"}, {"r"});  // 4, 8, 12
  m.ints("fix", {-1, 2, 3});
  m.node("Div", {"r", "scale"}, {"d"});
  m.ints("shape", {0, 0, 0});
  m.node("Add", {"d", "shape"}, {"e"});
  m.node("Sub", {"e", "e"}, {"z"});
  m.node("Add", {"z", "fix"}, {"t"});
  reshape_to(m, "t");
}

void scatter_nd(OnnxModel& m, int) {
  m.ints("base", {0, 0});
  auto* indices = m.graph().add_initializer();
  indices->set_name("indices");
  indices->set_data_type(onnx::TensorProto::INT64);
  for (const std::int64_t dim : {2, 1}) indices->add_dims(dim);
  for (const std::int64_t value : {1, 0}) indices->add_int64_data(value);
  m.ints("updates", {-1, 8});
  m.node("ScatterND", {"base", "indices", "updates"}, {"t"});
  reshape_to(m, "t");
}

void non_zero(OnnxModel& m, int) {
  m.ints("mask", {0, 1, 0, 1});
  m.ints("flat", {2});
  m.node("NonZero", {"mask"}, {"n"});  // [[1, 3]]
  m.node("Reshape", {"n", "flat"}, {"f"});
  m.ints("factor", {2, 48});
  m.node("Mul", {"f", "factor"}, {"t"});
  reshape_to(m, "t");
}

void trilu(OnnxModel& m, int) {
  m.weight("w", {6, 6}, std::vector<float>(36, 1.0F));
  m.node("Trilu", {"w"}, {"mask"});
  m.node("Mul", {"x", "mask"}, {"y"});
}

constexpr const char* kMovesNothing = "the same elements under another shape";
constexpr const char* kReadElsewhere = "its reader walks the elements in another order";
constexpr const char* kNothing = "does nothing at inference";

const std::vector<OperatorRow> kRows{
    {"TopK", 1, top_k},
    {"Concat", 4, concat},
    {"Split", 2, split, kReadElsewhere},
    {"Slice", 1, slice, kReadElsewhere},
    {"Pad", 2, pad},
    {"Transpose", 1, transpose, kReadElsewhere},
    {"Gather", 1, gather},
    {"Expand", 8, with_list("Expand", "shape", {3, 2, 4, 6, 6}, 1), kReadElsewhere},
    {"Tile", 6, with_list("Tile", "repeats", {1, 2, 1, 1}, 1), kReadElsewhere},
    {"Resize", 10, resize},
    {"Upsample", 7, upsample},
    {"Reshape", 5, with_list("Reshape", "shape", {8, -1}, 1), kMovesNothing},
    {"Flatten", 1, plain("Flatten"), kMovesNothing},
    {"Squeeze", 1,
     [](OnnxModel& m, int opset) {
       with_list("Unsqueeze", "axes", {1}, 13)(m, opset);
       m.graph().mutable_node(0)->set_output(0, "u");
       m.node("Squeeze", {"u"}, {"y"});
     },
     kMovesNothing},
    {"Unsqueeze", 1, with_list("Unsqueeze", "axes", {1}, 13), kMovesNothing},
    {"DepthToSpace", 1,
     [](OnnxModel& m, int) { m.node("DepthToSpace", {"x"}, {"y"}).with("blocksize", 2); },
     kReadElsewhere},
    {"SpaceToDepth", 1,
     [](OnnxModel& m, int) { m.node("SpaceToDepth", {"x"}, {"y"}).with("blocksize", 2); },
     kReadElsewhere},
    {"Cast", 6, cast},
    {"CastLike", 15, cast_like},
    {"Identity", 1, plain("Identity"), kNothing},
    {"Dropout", 7, dropout, kNothing},
    {"Constant", 1, constant, kMovesNothing},
    {"ConstantOfShape", 9, constant_of_shape, kMovesNothing},
    {"Shape", 1, shape, kMovesNothing},
    {"Size", 1, size, kMovesNothing},
    {"Range", 11, range, kMovesNothing},
    {"ScatterND", 11, scatter_nd, kMovesNothing},
    {"NonZero", 9, non_zero, kMovesNothing},
    {"Trilu", 14, trilu},
};

}  // namespace

std::vector<OperatorRow> moving_operators() { return kRows; }

}  // namespace takt::test
