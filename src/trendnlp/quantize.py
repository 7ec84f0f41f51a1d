"""Layers that multiply 8-bit integers, which is several times as fast as single precision where a processor has the
instructions for it (AVX-512 VNNI, AVX-VNNI, AMX).

Each token's vector and each row of a weight has a scale of its own ("vector-wise quantization", Dettmers et al. 2022,
"LLM.int8()"). Sums of integers are exact, so a row's product does not hang on the rows beside it, and a processor
without these instructions takes the same sums in single precision, about as fast as it multiplies the weights
themselves. What lies between such layers is rounded in its last digits as each processor does it, and where that makes
another integer of a number, scores of two processors differ by as much as by the rounding itself.
"""

from __future__ import annotations

from functools import cache
from types import MethodType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

ARITHMETIC = "int8"  # part of the digest of what computes so
MOST = 127  # the largest of the integers
EXACT = 2**24 // MOST**2  # so many products of them single precision sums without loss
LEAST = 1e-12  # what a row of zeros takes for its largest number
ROWS = 256  # rows at a time, what is made of which fits the cache of a core


def quantize(module: nn.Module) -> None:
    """Round the weights of all linear layers inside ``module`` and have them multiply integers: it no longer learns."""
    from torch import nn

    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            _quantize(layer)


@cache
def integers_are_exact() -> bool:
    """Whether this processor multiplies 8-bit integers fast and right: instructions before VNNI add two products in 16
    bits, where they overflow.
    """
    import torch

    able = torch.cpu.get_capabilities()
    if not any(able.get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8")):
        return False
    largest = torch.full((32, 64), MOST, dtype=torch.int8)
    return all(
        bool((torch._int_mm(sign * largest, largest.t()) == sign * largest.shape[1] * MOST**2).all())
        for sign in (1, -1)
    )


def _quantize(layer: nn.Linear) -> None:
    import torch

    weight = layer.weight.detach()
    scale = _scale(weight)
    whole = (weight / scale).round_()
    del layer.weight  # under its name the integers could be taken for weights
    layer.register_buffer("whole", whole.to(torch.int8) if integers_are_exact() else whole)
    layer.register_buffer("scale", scale.squeeze(1))
    layer.forward = MethodType(_forward, layer)  # type: ignore[method-assign]  # a copy of the layer binds its own


def _forward(layer: nn.Linear, given: Tensor) -> Tensor:
    import torch

    rows = given.reshape(-1, layer.in_features)
    pieces = [_product(layer, some) for some in torch.split(rows, ROWS)]
    made = torch.cat(pieces) if len(pieces) > 1 else pieces[0]
    return made.view(*given.shape[:-1], layer.out_features)


def _product(layer: nn.Linear, rows: Tensor) -> Tensor:
    import torch

    scale, weight = _scale(rows), layer.get_buffer("whole")
    whole = (rows / scale).round_()
    if weight.dtype is torch.int8:
        sums = torch._int_mm(whole.to(torch.int8), weight.t()).float()
    else:
        sums = _summed(whole, weight)
    made = sums.mul_(scale).mul_(layer.get_buffer("scale"))
    return made if layer.bias is None else made.add_(layer.bias)


def _summed(rows: Tensor, weight: Tensor) -> Tensor:
    """The products of whole numbers, in pieces whose sums single precision holds."""
    import torch
    from torch.nn.functional import linear

    pieces = zip(torch.split(rows, EXACT, 1), torch.split(weight, EXACT, 1), strict=True)
    first, *others = (linear(some, its) for some, its in pieces)
    return sum((other.int() for other in others), first.int()).float() if others else first


def _scale(rows: Tensor) -> Tensor:
    """Of each row, what one of its integers stands for; shape (rows, 1)."""
    return rows.abs().amax(1, keepdim=True).clamp_(min=LEAST).div_(MOST)
