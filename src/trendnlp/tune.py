"""Fine-tuning the upper layers of an encoder on labelled excerpts, in resumable epochs.

A kind head and an aspect head sit on the mean of the token vectors and train with the layers; they are scaffolding,
and dropped afterwards: the heads that classify are fitted on the tuned vectors by scikit-learn. A second acceptable
kind shares the target of its unit, so the model is not taught a certainty that readers do not have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trendnlp.classify import LabelledExcerpts
from trendnlp.encode import Encoder

STEP_FILE = "epoch-{}.safetensors"
BUCKET = 40  # batches that are sorted by length together: little padding, and still another order every epoch


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """``frozen``: lower layers that keep their weights, as the word embeddings always do. ``rate`` and ``head_rate``:
    peak learning rates of the layers and the scaffolding. ``aspect_weight``: of the aspect loss beside the kind loss.
    """

    epochs: int = 3
    batch: int = 16
    rate: float = 1e-4
    head_rate: float = 1e-3
    warm_up: float = 0.1
    frozen: int = 3
    alternative_weight: float = 0.25
    aspect_weight: float = 0.3
    dropout: float = 0.1
    seed: int = 7
    threads: int = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """Where tuning stands: batches done of all, and the mean loss of the epoch so far."""

    done: int
    total: int
    loss: float


def tune(
    encoder: Encoder, data: LabelledExcerpts, options: TuneOptions, work: Path, report: Callable[[Progress], None]
) -> Path:
    """Train a copy of ``encoder``'s layers; returns a safetensors file of the tuned tensors in half precision.

    Each epoch's state is saved in ``work``; called again with the same arguments, tuning goes on after the last whole
    epoch and ends in the same bytes. ``report`` is called after each batch.
    """
    import torch

    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    tuner = _Tuner(encoder, data, options)
    work.mkdir(parents=True, exist_ok=True)
    first = tuner.resume(work)
    for epoch in range(first, options.epochs):
        tuner.run_epoch(epoch, report)
        tuner.save(work, epoch)
    return tuner.export(work / "encoder.safetensors")


class _Tuner:
    def __init__(self, encoder: Encoder, data: LabelledExcerpts, options: TuneOptions) -> None:
        from copy import deepcopy

        import torch
        from torch import nn

        torch.manual_seed(options.seed)
        self.options = options
        self.model = deepcopy(encoder.model)
        self.kinds = sorted(set(data.kinds) | {a for a in data.alternatives if a})
        self.aspects = sorted({a for a in data.aspects if a})
        self.heads = nn.ModuleList(nn.Linear(encoder.dimension, max(1, len(c))) for c in (self.kinds, self.aspects))
        self.tuned = _unfreeze(self.model, options.frozen)
        layers = list(self.tuned.values())
        self.pairs = [e.pair for e in data.excerpts]
        self.targets = torch.stack([self._target(k, a) for k, a in zip(data.kinds, data.alternatives, strict=True)])
        self.aspect_targets = torch.tensor([self.aspects.index(a) if a else -100 for a in data.aspects])
        self.steps = options.epochs * -(-len(self.pairs) // options.batch)
        groups = [
            {"params": layers, "lr": options.rate},
            {"params": list(self.heads.parameters()), "lr": options.head_rate},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        self.peaks = (options.rate, options.head_rate)

    def _target(self, kind: str, alternative: str | None) -> Any:
        import torch

        target = torch.zeros(len(self.kinds))
        target[self.kinds.index(kind)] = 1.0
        if alternative is not None:
            target[self.kinds.index(kind)] = 1.0 - self.options.alternative_weight
            target[self.kinds.index(alternative)] = self.options.alternative_weight
        return target

    def _rate(self, step: int) -> float:
        """Linear warm-up, then linear decay to nothing."""
        warm = max(1, int(self.steps * self.options.warm_up))
        return (step + 1) / warm if step < warm else max(0.0, (self.steps - step) / max(1, self.steps - warm))

    def _batches(self, epoch: int) -> list[list[int]]:
        chance = random.Random(self.options.seed * 1000 + epoch)
        order = list(range(len(self.pairs)))
        chance.shuffle(order)
        size = self.options.batch
        batches = []
        for start in range(0, len(order), size * BUCKET):
            bucket = sorted(order[start : start + size * BUCKET], key=self._length)
            batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
        chance.shuffle(batches)
        return batches

    def _length(self, i: int) -> int:
        context, text = self.pairs[i]
        return len(context) + len(text)

    def run_epoch(self, epoch: int, report: Callable[[Progress], None]) -> None:
        import torch

        torch.manual_seed(self.options.seed * 1000 + epoch)
        self.model.train()
        batches = self._batches(epoch)
        total = 0.0
        for done, batch in enumerate(batches, 1):
            loss = self._loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(self.tuned.values()), 1.0)
            for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
                group["lr"] = peak * self._rate(epoch * len(batches) + done - 1)
            self.optimizer.step()
            total += float(loss.detach())
            report(Progress(epoch * len(batches) + done, self.steps, total / done))
        self.model.eval()

    def _loss(self, batch: Sequence[int]) -> Any:
        from torch.nn import functional

        tokens = self.model.preprocess([self.pairs[i] for i in batch])
        states = self.model[0](tokens)["token_embeddings"]
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        pooled = functional.dropout((states * mask).sum(1) / mask.sum(1), self.options.dropout)
        kind_head, aspect_head = self.heads
        loss = -(self.targets[list(batch)] * kind_head(pooled).log_softmax(1)).sum(1).mean()
        aspects = self.aspect_targets[list(batch)]
        if bool((aspects >= 0).any()):
            loss = loss + self.options.aspect_weight * functional.cross_entropy(
                aspect_head(pooled), aspects, ignore_index=-100
            )
        return loss

    def save(self, work: Path, epoch: int) -> None:
        """Weights and the optimiser's moments; the former epoch's file goes once this one is whole."""
        from safetensors.torch import save_file

        tensors = dict(self._state())
        for i, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{i}.{name}": value.clone() for name, value in state.items()}
        part = work / (STEP_FILE.format(epoch) + ".part")
        save_file({k: v.contiguous() for k, v in tensors.items()}, part)
        part.replace(work / STEP_FILE.format(epoch))
        (work / STEP_FILE.format(epoch - 1)).unlink(missing_ok=True)

    def resume(self, work: Path) -> int:
        """Load the last whole epoch's state, if any; returns the epoch to begin with."""
        from safetensors.torch import load_file

        for epoch in reversed(range(self.options.epochs)):
            path = work / STEP_FILE.format(epoch)
            if not path.is_file():
                continue
            tensors = load_file(path)
            for name, tensor in self._state().items():
                tensor.copy_(tensors[name])
            state: dict[int, dict[str, Any]] = {}
            for name, tensor in tensors.items():
                if name.startswith("adam."):
                    _, i, field = name.split(".")
                    state.setdefault(int(i), {})[field] = tensor
            self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})
            return epoch + 1
        return 0

    def _state(self) -> dict[str, Any]:
        tuned = {f"model.{name}": parameter.data for name, parameter in self.tuned.items()}
        return tuned | {f"head.{name}": parameter.data for name, parameter in self.heads.named_parameters()}

    def export(self, path: Path) -> Path:
        import torch
        from safetensors.torch import save_file

        # Half precision halves the file; the heads are fitted on the rounded weights, so nothing is lost twice.
        save_file({name: p.data.to(torch.float16).contiguous() for name, p in self.tuned.items()}, path)
        return path


def _unfreeze(model: Any, frozen: int) -> dict[str, Any]:
    """Let the layers above the ``frozen`` lowest learn, and nothing else; returns their parameters by name."""
    marks = [f".layer.{i}." for i in range(frozen)]
    tuned = {}
    for name, parameter in model.named_parameters():
        parameter.requires_grad = ".layer." in name and not any(mark in name for mark in marks)
        if parameter.requires_grad:
            tuned[name] = parameter
    return tuned
