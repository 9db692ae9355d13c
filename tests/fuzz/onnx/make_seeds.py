#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of fuzz_onnx: small models that between them use many operators and attributes.

usage: make_seeds.py [FOLDER]     (default tests/fuzz/seeds/fuzz_onnx; needs Debian's python3-onnx)
"""

import os
import sys

from onnx import TensorProto, helper

HERE = os.path.dirname(os.path.abspath(__file__))


def value(name, shape, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def ints(name, numbers):
    return helper.make_tensor(name, TensorProto.INT64, [len(numbers)], numbers)


def floats(name, shape, numbers):
    return helper.make_tensor(name, TensorProto.FLOAT, shape, numbers)


def convolutions():
    node = helper.make_node
    return [
        node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1], strides=[2, 2], group=1),
        node("BatchNormalization", ["c", "b", "b", "b", "b"], ["n"], epsilon=1e-3),
        node("Relu", ["n"], ["r"]),
        node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], ceil_mode=1, auto_pad="SAME_UPPER"),
        node("ConvTranspose", ["p", "t"], ["u"], strides=[2, 2], output_padding=[1, 1]),
        node("Resize", ["u", "", "scales"], ["z"], mode="nearest"),
        node("GlobalAveragePool", ["z"], ["g"]),
        node("Flatten", ["g"], ["y"]),
    ], [value("x", ["batch", 3, 9, 9]), value("w", [4, 3, 3, 3]), value("b", [4]),
        value("t", [4, 2, 2, 2])], [floats("scales", [4], [1, 1, 2, 2])]


def shapes():
    node = helper.make_node
    return [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "axes"], ["v"]),
        node("Concat", ["v", "rest"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["r"]),
        node("ConstantOfShape", ["rest4"], ["k"]),
        node("Range", ["zero", "four", "one"], ["i"]),
        node("Slice", ["r", "begin", "end", "axes"], ["y"]),
        node("Expand", ["y", "rest4"], ["e"]),
        node("Tile", ["y", "rest4"], ["l"]),
    ], [value("x", ["batch", 3, 4])], [
        helper.make_tensor("zero", TensorProto.INT64, [], [0]),
        helper.make_tensor("four", TensorProto.INT64, [], [4]),
        helper.make_tensor("one", TensorProto.INT64, [], [1]),
        ints("axes", [0]), ints("rest", [-1]), ints("rest4", [2, 2]), ints("begin", [0]),
        ints("end", [1])]


def attention():
    node = helper.make_node
    return [
        node("MatMul", ["x", "w"], ["q"]),
        node("Split", ["q"], ["a", "b"], axis=2),
        node("Transpose", ["b"], ["k"], perm=[0, 2, 1]),
        node("Einsum", ["a", "k"], ["s"], equation="bij,bjk->bik"),
        node("Div", ["s", "scale"], ["d"]),
        node("Softmax", ["d"], ["p"], axis=-1),
        node("Gemm", ["g", "w"], ["m"], alpha=0.5, transA=0, transB=1),
        node("ReduceMean", ["p"], ["mean"], axes=[-1], keepdims=1),
        node("Sub", ["p", "mean"], ["centred"]),
        node("Pow", ["centred", "two"], ["square"]),
        node("ArgMax", ["square"], ["y"], axis=1, keepdims=0),
    ], [value("x", [1, "seq", 8]), value("w", [8, 8]), value("g", [2, 8])], [
        floats("scale", [], [4.0]), floats("two", [], [2.0])]


def recurrent():
    node = helper.make_node
    return [
        node("LSTM", ["x", "w", "r"], ["y", "h", "c"], hidden_size=4, direction="bidirectional"),
        node("Squeeze", ["h"], ["o"]),
        node("Pad", ["c", "pads"], ["p"], mode="constant"),
        node("TopK", ["p", "k"], ["top", "where"], axis=2),
        node("Cast", ["where"], ["f"], to=TensorProto.FLOAT16),
        node("If", ["flag"], ["never"],
             then_branch=helper.make_graph([node("Relu", ["p"], ["q"])], "then", [],
                                           [value("q", None)]),
             else_branch=helper.make_graph([], "else", [], [])),
    ], [value("x", [5, 2, 3]), value("w", [2, 16, 3]), value("r", [2, 16, 4]),
        value("flag", [], TensorProto.BOOL)], [ints("pads", [0, 0, 0, 0, 1, 0]), ints("k", [2])]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(HERE), "seeds", "fuzz_onnx")
    os.makedirs(folder, exist_ok=True)
    for make in (convolutions, shapes, attention, recurrent):
        for opset in (7, 12, 17):
            nodes, inputs, stored = make()
            outputs = [value(name, None) for name in nodes[-1].output]
            graph = helper.make_graph(nodes, make.__name__, inputs, outputs, stored)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                                      producer_name="")
            with open(os.path.join(folder, f"{make.__name__}_{opset}"), "wb") as file:
                file.write(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
