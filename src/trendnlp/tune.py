"""Fine-tuning an encoder on labelled documents, in resumable epochs.

A kind head and an aspect head sit on the statements' vectors and learn together with the layers. Either the upper
layers learn whole, or every matrix of theirs gets a low-rank update (Hu et al. 2021, "LoRA"), which is small to store.
"""

from __future__ import annotations

import math
import os
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from trendnlp.collapse import JUDGED_FROM, LEARNT, Collapsed, constant_loss, patiently
from trendnlp.context import Tokens, Window, WindowOptions, windows
from trendnlp.encode import DOWN, UP, Encoder, half_is_fast, span_means
from trendnlp.types import Statement

Example = TypeVar("Example")
STEP_FILE = "epoch-{}.safetensors"
BUCKET = 20  # batches that are sorted by length together: little padding, and still another order every epoch
FIRST_SIZES = (0.25, 0.5, 0.75, 1.0)  # of the first window, as shares: so no statement always stands at an edge
PRECISION, HALF = "precision", "half"  # the file that says which, and what it says
UPDATE_SCALE = 2.0  # of the low-rank updates, as in Hu et al. with alpha twice the rank


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """``least_steps``: where ``epochs`` over a small corpus make fewer steps, there are more epochs; none stays none.
    ``batch``: windows a step; no neighbours are read along, because all statements of a window teach. ``rate``
    and ``head_rate``: peak learning rates of the layers and the heads. ``frozen``: lower layers that keep their
    weights, as the word embeddings always do. ``rank``: of the updates, 0 to train layers whole. ``aspect_weight``: of
    the aspect loss beside the kind loss. ``vector_weight``: of the mean squared error between a teacher's vectors and a
    linear map of the encoder's own, where the lessons hold such (Romero et al. 2015, "FitNets"). ``half``: in half
    precision (bfloat16), as on a GPU always.
    """

    epochs: int = 3
    least_steps: int = 0
    batch: int = 8
    window: int = 250
    rate: float = 2e-4
    head_rate: float = 1e-3
    warm_up: float = 0.06
    frozen: int = 0
    rank: int = 0
    aspect_weight: float = 0.5
    vector_weight: float = 0.0
    dropout: float = 0.1
    seed: int = 7
    threads: int = 2
    half: bool = False


def measured(options: TuneOptions, work: Path) -> TuneOptions:
    """``options`` in the precision that is the faster one here. What was found the first time holds for all that is
    trained in ``work``: it goes on as it began.
    """
    path = work / PRECISION
    if not path.is_file():
        work.mkdir(parents=True, exist_ok=True)
        path.write_text(HALF if half_is_fast() else "single", "utf-8")
    return replace(options, half=path.read_text("utf-8") == HALF)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled document: its statements in order, each one's share of every kind (rows that sum to one), and of
    every aspect (rows that sum to one, or to nothing where it has no aspect). ``vectors``: a teacher's of the
    statements, standardised, shape (statements, its dimension); in all lessons or in none.
    """

    statements: tuple[Statement, ...]
    kinds: tuple[tuple[float, ...], ...]
    aspects: tuple[tuple[float, ...], ...]
    vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where tuning stands: batches done of all, and the mean loss of the epoch so far."""

    done: int
    total: int
    loss: float


@dataclass(frozen=True, slots=True)
class Tuned:
    """The files of a tuned encoder's tensors, in half precision, and of its heads (``kind``, where there are aspects
    ``aspect``, and where there was a teacher the map ``vector``, each with ``weight`` and ``bias``). ``rate``: the peak
    at which it came to this.
    """

    weights: Path
    heads: Path
    rate: float


def tune(
    encoder: Encoder,
    lessons: Sequence[Lesson],
    options: TuneOptions,
    work: Path,
    report: Callable[[Progress], None],
) -> Tuned:
    """Train a copy of ``encoder``'s layers and two heads, for the kinds and aspects of the lessons. It is done on a GPU
    where there is one, and again at a lower rate where it collapses.

    Without aspects there is no head for them. Each epoch's state is saved in ``work``; called again with the same
    arguments, tuning goes on after the last whole epoch and ends in the same bytes. ``report`` is called after each
    batch.
    """
    return patiently(
        lambda rate: _LessonTuner(encoder, lessons, replace(options, rate=rate)), options.rate, work, report
    )


@dataclass(frozen=True, slots=True)
class _Example:
    """A window and the lesson that its statements are of."""

    lesson: int
    window: Window


class Tuner(ABC, Generic[Example]):
    """Epochs over batches of examples, for the layers of a copy of ``encoder`` and the linear ``heads`` on top (by
    name, their inputs and outputs).
    """

    def __init__(self, encoder: Encoder, heads: Mapping[str, tuple[int, int]], options: TuneOptions) -> None:
        from copy import deepcopy

        import torch
        from torch import nn

        _deterministic(options.threads)
        torch.manual_seed(options.seed)
        self.options = options
        self.marks = encoder.marks
        self.model = deepcopy(encoder.model)
        self.heads = nn.ModuleDict({name: nn.Linear(*size) for name, size in heads.items()})
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.half = options.half or self.device == "cuda"
        self.learning = _updates(self.model, options) if options.rank else _layers(self.model, options.frozen)
        if options.rank and self.half:
            for parameter in self.model.parameters():
                if not parameter.requires_grad:
                    parameter.data = parameter.data.to(torch.bfloat16)
        self.model.to(self.device)
        self.heads.to(self.device)
        groups = [
            {"params": list(self.learning.values()), "lr": options.rate},
            {"params": list(self.heads.parameters()), "lr": options.head_rate},
        ]
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
        self.epochs = options.epochs
        self.steps = 0

    @abstractmethod
    def batches(self, epoch: int) -> list[list[Example]]:
        """The examples of an epoch, each of its batches alike in length; another order every epoch."""

    @abstractmethod
    def loss(self, batch: Sequence[Example]) -> Any:
        """The mean loss of a batch, as a tensor."""

    @abstractmethod
    def constant(self) -> float:
        """The mean loss of the best answer that is the same to all examples."""

    def run(self, work: Path, report: Callable[[Progress], None], last: bool) -> Tuned:
        """Epochs that ``work`` does not hold yet. Raises Collapsed where one learns nothing, but not if ``last``."""
        work.mkdir(parents=True, exist_ok=True)
        if self.epochs:
            self.epochs = max(self.epochs, math.ceil(self.options.least_steps / max(1, len(self.batches(0)))))
        self.steps = sum(len(self.batches(epoch)) for epoch in range(self.epochs))
        for epoch in range(self.resume(work), self.epochs):
            learnt = self.run_epoch(epoch, report) <= LEARNT * self.constant()  # never where it is no number
            if not (learnt or last) and sum(len(self.batches(done)) for done in range(epoch + 1)) >= JUDGED_FROM:
                raise Collapsed
            self.save(work, epoch)
        return self.export(work)

    def _rate(self, step: int) -> float:
        """Linear warm-up, then linear decay to nothing."""
        warm = max(1, int(self.steps * self.options.warm_up))
        return (step + 1) / warm if step < warm else max(0.0, (self.steps - step) / max(1, self.steps - warm))

    def run_epoch(self, epoch: int, report: Callable[[Progress], None]) -> float:
        """The mean loss of its second half."""
        import torch

        torch.manual_seed(self.options.seed * 1000 + epoch)
        first = sum(len(self.batches(earlier)) for earlier in range(epoch))
        losses: list[float] = []
        for done, batch in enumerate(self.batches(epoch), 1):
            loss = self.loss(batch)
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(self.learning.values()), 1.0)
            peaks = (self.options.rate, self.options.head_rate)
            for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * self._rate(first + done - 1)
            self.optimizer.step()
            losses.append(float(loss.detach()))
            report(Progress(first + done, self.steps, fmean(losses)))
        return fmean(losses[len(losses) // 2 :])

    def cross_entropy(self, head: str, vectors: Any, shares: Sequence[tuple[float, ...]]) -> Any:
        """Of what ``head`` says of the vectors against the shares of its outputs, rows that sum to one."""
        import torch

        gold = torch.tensor(shares, device=self.device)
        return -(gold * self.heads[head](vectors).log_softmax(1)).sum(1).mean()

    def precision(self) -> AbstractContextManager[Any]:
        """Half precision where the processor multiplies it faster; the updates' own matrices stay in single."""
        import torch

        return torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.half and not self.options.rank)

    def save(self, work: Path, epoch: int) -> None:
        """Weights and the optimiser's moments; the former epoch's file goes once this one is whole."""
        from safetensors.torch import save_file

        tensors = dict(self._state())
        for i, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"adam.{i}.{name}": value.clone() for name, value in state.items()}
        part = work / (STEP_FILE.format(epoch) + ".part")
        save_file({k: v.cpu().contiguous() for k, v in tensors.items()}, part)
        part.replace(work / STEP_FILE.format(epoch))
        (work / STEP_FILE.format(epoch - 1)).unlink(missing_ok=True)

    def resume(self, work: Path) -> int:
        """Load the last whole epoch's state, if any; returns the epoch to begin with."""
        from safetensors.torch import load_file

        for epoch in reversed(range(self.epochs)):
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
        learning = {f"model.{name}": parameter.data for name, parameter in self.learning.items()}
        return learning | {f"head.{name}": parameter.data for name, parameter in self.heads.named_parameters()}

    def export(self, work: Path) -> Tuned:
        import torch
        from safetensors.torch import save_file

        tuned = Tuned(work / "encoder.safetensors", work / "heads.safetensors", self.options.rate)
        tensors = {n: p.data * UPDATE_SCALE if n.endswith(UP) else p.data for n, p in self.learning.items()}
        # Half precision halves the file, and moves the scores in their fourth decimal.
        save_file({n: t.to("cpu", torch.float16).contiguous() for n, t in tensors.items()}, tuned.weights)
        save_file({n: p.data.cpu().contiguous() for n, p in self.heads.named_parameters()}, tuned.heads)
        return tuned


class _LessonTuner(Tuner[_Example]):
    def __init__(self, encoder: Encoder, lessons: Sequence[Lesson], options: TuneOptions) -> None:
        self.lessons = lessons
        self.tokens: list[tuple[Tokens, ...]] = [encoder.tokens(lesson.statements) for lesson in lessons]
        heads = {"kind": (encoder.dimension, len(lessons[0].kinds[0]))}
        if aspects := len(lessons[0].aspects[0]):
            heads["aspect"] = (encoder.dimension, aspects)
        if options.vector_weight and (taught := lessons[0].vectors) is not None:
            heads["vector"] = (encoder.dimension, taught.shape[1])
        super().__init__(encoder, heads, options)

    def batches(self, epoch: int) -> list[list[_Example]]:
        chance = random.Random(self.options.seed * 1000 + epoch)
        options = WindowOptions(self.options.window, before=0, after=0)
        examples = []
        for i, tokens in enumerate(self.tokens):
            first = int(options.size * chance.choice(FIRST_SIZES))
            examples += [_Example(i, w) for w in windows(tokens, range(len(tokens)), options, self.marks, first)]
        return bucketed(examples, self.options.batch, chance, lambda e: len(e.window.tokens))

    def constant(self) -> float:
        known = [aspects for lesson in self.lessons for aspects in lesson.aspects if any(aspects)]
        of_aspects = self.options.aspect_weight * constant_loss(known) if known else 0.0
        of_vectors = self.options.vector_weight if "vector" in self.heads else 0.0  # they are standardised
        return constant_loss([kinds for lesson in self.lessons for kinds in lesson.kinds]) + of_aspects + of_vectors

    def loss(self, batch: Sequence[_Example]) -> Any:
        import torch
        from torch.nn import functional

        with self.precision():
            read = span_means(self.model, [example.window for example in batch])
        vectors = functional.dropout(read, self.options.dropout)
        places = [(self.lessons[e.lesson], span.statement) for e in batch for span in e.window.spans]
        loss = self.cross_entropy("kind", vectors, [lesson.kinds[i] for lesson, i in places])
        known = [row for row, (lesson, i) in enumerate(places) if any(lesson.aspects[i])]
        if known:
            aspects = [lesson.aspects[i] for lesson, i in (places[row] for row in known)]
            loss = loss + self.options.aspect_weight * self.cross_entropy("aspect", vectors[known], aspects)
        if "vector" in self.heads:
            rows = np.stack([x.vectors[i] for x, i in places if x.vectors is not None])
            taught = torch.from_numpy(rows).to(self.device)
            loss = loss + self.options.vector_weight * functional.mse_loss(self.heads["vector"](read), taught)
        return loss


def bucketed(
    examples: list[Example], size: int, chance: random.Random, length: Callable[[Example], int]
) -> list[list[Example]]:
    """``examples`` in batches of ``size``, each alike in length, in an order that ``chance`` makes."""
    chance.shuffle(examples)
    batches = []
    for start in range(0, len(examples), size * BUCKET):
        bucket = sorted(examples[start : start + size * BUCKET], key=length)
        batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    chance.shuffle(batches)
    return batches


def _deterministic(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it a GPU's products are not deterministic
    torch.use_deterministic_algorithms(True)
    # It finds faults that are not ours, and costs a third of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _layers(model: Any, frozen: int) -> dict[str, Any]:
    """Let the layers above the ``frozen`` lowest learn, and nothing else; returns their parameters by name."""
    learning = {}
    for name, parameter in model.named_parameters():
        parameter.requires_grad = _layer(name) >= frozen
        if parameter.requires_grad:
            learning[name] = parameter
    return learning


def _updates(model: Any, options: TuneOptions) -> dict[str, Any]:
    """Give each matrix of the layers above the frozen ones an update, and freeze all else; returns them by name."""
    from torch import nn

    for parameter in model.parameters():
        parameter.requires_grad = False
    learning = {}
    for name, linear in list(model.named_modules()):
        if isinstance(linear, nn.Linear) and _layer(name + ".") >= options.frozen:
            update = _update(linear, options.rank)
            linear.register_module("update", update)
            linear.register_forward_hook(_with_update)
            learning[f"{name}.weight{DOWN}"] = update.down
            learning[f"{name}.weight{UP}"] = update.up
    return learning


def _update(linear: Any, rank: int) -> Any:
    """A module with the two factors of ``linear``'s update: random ``down``, and ``up``, which starts as zero."""
    import torch
    from torch import nn

    update = nn.Module()
    update.down = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features**0.5)
    update.up = nn.Parameter(torch.zeros(linear.out_features, rank))
    return update


def _with_update(linear: Any, inputs: tuple[Any, ...], output: Any) -> Any:
    """What a linear module gives, with its update's part added: a forward hook."""
    from torch.nn import functional

    low = functional.linear(inputs[0], linear.update.down.to(output.dtype))
    return output + UPDATE_SCALE * functional.linear(low, linear.update.up.to(output.dtype))


def _layer(name: str) -> int:
    """The number of the layer that a parameter or module stands in, -1 for none."""
    _, mark, rest = name.partition(".layer.")
    return int(rest.split(".")[0]) if mark else -1
