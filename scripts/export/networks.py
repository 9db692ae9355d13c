# SPDX-License-Identifier: Apache-2.0
"""The networks that can be exported: every classifier of the installed torchvision, and our own transformers."""
import dataclasses
import difflib
from typing import Callable, Dict, List, Tuple

import torch
import torchvision

import transformers

DEFAULT_NAMES = ("resnet18", "resnet50", "bert_base")

# Pixels a side where it is not 224: what each network was published for.
IMAGE_SIZES = {
    "inception_v3": 299,
    "efficientnet_b1": 240, "efficientnet_b2": 288, "efficientnet_b3": 300, "efficientnet_b4": 380,
    "efficientnet_b5": 456, "efficientnet_b6": 528, "efficientnet_b7": 600,
    "efficientnet_v2_s": 384, "efficientnet_v2_m": 480, "efficientnet_v2_l": 480,
    "swin_v2_t": 256, "swin_v2_s": 256, "swin_v2_b": 256,
}  # fmt: skip

# Their attention clears a slice of a bias in place (aten::zero), which the exporter of PyTorch 1.13 does not know.
NOT_EXPORTED = ("swin_v2_t", "swin_v2_s", "swin_v2_b")

Axes = Dict[int, str]


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    build: Callable[[], torch.nn.Module]
    example: Callable[[], Tuple[torch.Tensor, ...]]
    inputs: Dict[str, Axes]  # name of an input → its symbolic dimensions
    outputs: Dict[str, Axes]
    summary: str
    exports: bool = True


def classifier(name: str) -> Network:
    size = IMAGE_SIZES.get(name, 224)
    arguments = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    return Network(
        name=name,
        build=lambda: torchvision.models.get_model(name, weights=None, **arguments),
        example=lambda: (torch.randn(1, 3, size, size),),
        inputs={"input": {0: "batch"}},
        outputs={"output": {0: "batch"}},
        summary=f"torchvision, input [batch, 3, {size}, {size}]",
        exports=name not in NOT_EXPORTED,
    )


def bert(name: str, **shape: int) -> Network:
    tokens = {0: "batch", 1: "seq"}
    return Network(
        name=name,
        build=lambda: transformers.Bert(**shape),
        example=lambda: (torch.randint(30522, (1, 128)), torch.ones(1, 128).long(), torch.zeros(1, 128).long()),
        inputs={"input_ids": tokens, "attention_mask": tokens, "token_type_ids": tokens},
        outputs={"last_hidden_state": tokens, "pooler_output": {0: "batch"}},
        summary="{layers} layers, hidden {hidden}, {heads} heads; three inputs [batch, seq]".format(**shape),
    )


def own_networks() -> List[Network]:
    return [
        bert("bert_base", layers=12, hidden=768, heads=12, feed_forward=3072),
        bert("bert_large", layers=24, hidden=1024, heads=16, feed_forward=4096),
        Network(
            name="gpt2_prefill",
            build=lambda: transformers.Gpt2(layers=12, hidden=768, heads=12),
            example=lambda: (torch.randint(50257, (1, 128)),),
            inputs={"input_ids": {0: "batch", 1: "seq"}},
            outputs={"logits": {0: "batch", 1: "seq"}},
            summary="GPT-2 small over a prompt; input [batch, seq], no past",
        ),
        Network(
            name="lstm",
            build=transformers.LstmLanguageModel,
            example=lambda: (torch.randint(10000, (35, 1)),),
            inputs={"input_ids": {0: "seq", 1: "batch"}},
            outputs={"logits": {0: "seq", 1: "batch"}},
            summary="word model, two LSTM layers of 650; input [seq, batch]",
        ),
    ]


def catalogue() -> Dict[str, Network]:
    networks = [classifier(name) for name in torchvision.models.list_models(torchvision.models)]
    networks += own_networks()
    return {network.name: network for network in sorted(networks, key=lambda network: network.name)}


def near(name: str, known: Dict[str, Network]) -> List[str]:
    return difflib.get_close_matches(name.lower(), list(known) + ["all"], n=3, cutoff=0.6)
