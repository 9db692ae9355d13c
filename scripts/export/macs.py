# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates of one forward pass, counted at PyTorch's own operators: independent of any ONNX reader."""
import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


class MacCounter(TorchDispatchMode):
    """Counts convolutions and matrix products; linear, matmul, attention and LSTM gates all arrive as one of these."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        operator = func.overloadpacket
        if operator is aten.convolution:
            weight = args[1]
            self.total += result.numel() * weight[0].numel()
        elif operator in (aten.mm, aten.bmm):
            self.total += result.numel() * args[0].shape[-1]
        elif operator in (aten.addmm, aten.baddbmm):
            self.total += result.numel() * args[1].shape[-1]
        return result


def count_macs(model, example) -> int:
    counter = MacCounter()
    with counter:
        model(*example)
    return counter.total
