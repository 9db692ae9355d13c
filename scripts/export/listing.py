# SPDX-License-Identifier: Apache-2.0
"""Plain-text views of an ONNX file: which operators it uses, and every node with its attributes."""
import collections

import onnx
import onnx.numpy_helper


def operators(model) -> collections.Counter:
    return collections.Counter(node.op_type for node in model.graph.node)


def operator_line(name, model) -> str:
    counts = operators(model)
    listed = " ".join(f"{operator}:{counts[operator]}" for operator in sorted(counts))
    return f"{name} (opset {model.opset_import[0].version}, {sum(counts.values())} nodes)\n    {listed}\n"


def number_text(value) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)  # nine digits tell any two floats apart


def tensor_text(tensor) -> str:
    kind = onnx.TensorProto.DataType.Name(tensor.data_type).lower()
    values = onnx.numpy_helper.to_array(tensor).flatten().tolist()
    shown = ", ".join(number_text(value) for value in values[:8]) + (", …" if len(values) > 8 else "")
    return f"{kind}{list(tensor.dims)}{{{shown}}}"


def attribute_text(attribute) -> str:
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.type == onnx.AttributeProto.TENSOR:
        value = tensor_text(value)
    elif attribute.type == onnx.AttributeProto.FLOAT:
        value = number_text(value)
    elif attribute.type == onnx.AttributeProto.STRING:
        value = repr(value.decode())
    elif attribute.type == onnx.AttributeProto.STRINGS:
        value = [item.decode() for item in value]
    elif attribute.type == onnx.AttributeProto.GRAPH:
        value = f"graph of {len(value.node)} nodes"
    return f"{attribute.name}={value}"


def value_text(value) -> str:
    tensor = value.type.tensor_type
    kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
    dims = ", ".join(dim.dim_param or str(dim.dim_value) for dim in tensor.shape.dim)
    return f"{value.name}: {kind}[{dims}]"


def node_listing(model) -> str:
    graph = model.graph
    lines = [f"# {graph.name}, opset {model.opset_import[0].version}, {len(graph.node)} nodes"]
    lines += [f"input  {value_text(value)}" for value in graph.input]
    lines += [f"output {value_text(value)}" for value in graph.output]
    for index, node in enumerate(graph.node):
        attributes = " ".join(attribute_text(attribute) for attribute in node.attribute)
        tensors = f"({', '.join(node.input)}) -> {', '.join(node.output)}"
        lines.append(f"{index:4} {node.op_type}{tensors}  {attributes}".rstrip())
    return "\n".join(lines) + "\n"
