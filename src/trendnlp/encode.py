"""Encoders: the one module that imports sentence-transformers, and only when an encoder is loaded.

An encoder gives two kinds of vectors: of a text alone, to compare it with others, and of a statement among its
neighbours, to classify it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import ENCODER_WEIGHTS, sha256
from trendnlp.context import Marks, Tokens, Window, WindowOptions, pair_window, windows
from trendnlp.errors import ArtefactError
from trendnlp.heap import MMAP_THRESHOLD, TRIM_THRESHOLD, tell_heap
from trendnlp.quantize import ARITHMETIC, quantize
from trendnlp.types import Statement

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer
    from torch import Tensor

Vectors = NDArray[np.float32]
BATCH = 32
WINDOW_BATCH = 1024  # tokens, padding included: what larger batches work on does not fit the cache of a core
PAIR_BATCH = 4  # pairs, as fewer are filled up: twice as many are a fifth faster, but few pairs cost more
PAIR_LENGTH = 16  # tokens: lengths of pairs are rounded up to its multiples, so that many are alike
MAX_TOKENS = 160  # of a statement; the longest thousandth is cut at its end
HEADING_TOKENS = 48  # of its headings together
HEADINGS = 3  # the innermost headings that are read
# Bytes: blocks of up to this size (a larger one is not allowed), and so many of them together, stay with the process
# when they are freed. Else a third of the time goes into getting a layer's from the system again, page by page.
KEPT_BLOCK, KEPT = 2**25, 2**28
_HALF_SAVES = 0.8  # half precision is used where it takes less than this share of the time of single
_on_gpu = False  # whether encoders are to compute there, if they can
DOWN, UP = ".lora_down", ".lora_up"  # the factors of a weight's low-rank update, in its place in a file of weights


class Encoder:
    """A sentence-transformers model: texts in, unit vectors out, one row a text, in order.

    A row depends on the texts of its own call alone, so that one document's vectors are the same in every run.
    """

    def __init__(
        self, model: SentenceTransformer, name: str, digest: str, reads: WindowOptions = WindowOptions()
    ) -> None:
        self.model = model
        self.name = name
        self.digest = digest
        self.reads = reads

    def __deepcopy__(self, memo: dict[int, object]) -> Encoder:
        """For another thread: the same weights, which nothing changes, and a tokenizer of its own, which is not safe
        for use from several.
        """
        weights = {id(tensor): tensor for tensor in (*self.model.parameters(), *self.model.buffers())}
        return Encoder(deepcopy(self.model, weights), self.name, self.digest, self.reads)

    @classmethod
    def load(
        cls, folder: Path, name: str, expected: str | None = None, reads: WindowOptions = WindowOptions()
    ) -> Encoder:
        """Load a local sentence-transformers folder that ``reads`` so much at once; raises ArtefactError where its
        weights are not ``expected``.
        """
        weights = folder / ENCODER_WEIGHTS
        if not weights.is_file():
            remedy = "Set TRENDNLP_ENCODER to a sentence-transformers folder with safetensors weights."
            raise ArtefactError(str(folder), f"holds no {ENCODER_WEIGHTS}", remedy)
        digest = sha256(weights)
        if expected is not None and digest != expected:
            remedy = "Use the encoder that the models were trained with, or train again with `trendnlp train`."
            raise ArtefactError(str(weights), f"has SHA-256 {digest[:12]}…, expected {expected[:12]}…", remedy)
        # Set before the imports, which read them: weights are local, and nothing may be looked up on a network.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        # Code is made for each shape and kept, and windows have hundreds: memory grew with the corpus, to no avail.
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
        import torch
        from sentence_transformers import SentenceTransformer

        _choose_products()
        device = "cuda" if _on_gpu and torch.cuda.is_available() else "cpu"
        tell_heap(MMAP_THRESHOLD, KEPT_BLOCK)
        tell_heap(TRIM_THRESHOLD, KEPT)
        # The attention that torch chooses by itself takes several times as long on short texts.
        plain = {"attn_implementation": "eager"} if device == "cpu" else {}
        model = SentenceTransformer(
            str(folder), device=device, local_files_only=True, trust_remote_code=False, model_kwargs=plain
        )
        model.max_seq_length = MAX_TOKENS
        model.eval()
        return cls(model, name, digest, reads)

    @property
    def dimension(self) -> int:
        return int(self.model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str] | Sequence[tuple[str, str]]) -> Vectors:
        """One L2-normalised row a text, shape (len(texts), dimension), float32. A pair is joined by the separator."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        rows = self.model.encode(
            list(texts), batch_size=BATCH, convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(rows, np.float32)

    def tokens(self, statements: Sequence[Statement]) -> tuple[Tokens, ...]:
        """The statements of one document as token ids, white space folded, so hard wraps do not matter."""
        paths = sorted({s.headings[-HEADINGS:] for s in statements if s.headings})
        above = {
            path: ids[-HEADING_TOKENS:] for path, ids in zip(paths, self._ids(map(" > ".join, paths)), strict=True)
        }
        words = [ids[:MAX_TOKENS] for ids in self._ids(" ".join(s.text.split()) for s in statements)]
        return tuple(Tokens(w, above.get(s.headings[-HEADINGS:], ())) for w, s in zip(words, statements, strict=True))

    def _ids(self, texts: Iterable[str]) -> list[tuple[int, ...]]:
        tokenizer = self.model.tokenizer
        texts = list(texts)
        if not texts:
            return []
        rows = tokenizer(texts, add_special_tokens=False, truncation=True, max_length=tokenizer.model_max_length)
        # A text of nothing that the tokenizer knows still needs a place in its window.
        return [tuple(row) or (tokenizer.unk_token_id,) for row in rows["input_ids"]]

    def pair_windows(self, pairs: Sequence[tuple[str, str]]) -> tuple[Window, ...]:
        """Both texts of a pair in one window, the first before the second."""
        words = [ids[:MAX_TOKENS] for ids in self._ids(" ".join(text.split()) for pair in pairs for text in pair)]
        return tuple(pair_window(a, b, self.marks) for a, b in zip(words[::2], words[1::2], strict=True))

    def encode_pairs(self, pairs: Sequence[tuple[str, str]]) -> Vectors:
        """One row a pair, as ``pair_vectors`` makes it. A row depends on its own pair alone: sums in products of other
        shapes are taken in another order, so all batches have the same number of pairs, of one length.
        """
        import torch

        found = self.pair_windows(pairs)
        alike: dict[int, list[int]] = {}
        for row, window in enumerate(found):
            alike.setdefault(-(-len(window.tokens) // PAIR_LENGTH) * PAIR_LENGTH, []).append(row)
        rows = np.zeros((len(pairs), 3 * self.dimension), np.float32)
        with torch.inference_mode():
            for length, of_length in sorted(alike.items()):
                for start in range(0, len(of_length), PAIR_BATCH):
                    some = of_length[start : start + PAIR_BATCH]
                    batch = [found[row] for row in some] + [found[some[0]]] * (PAIR_BATCH - len(some))
                    rows[some] = pair_vectors(self.model, batch, length)[: len(some)].cpu().numpy()
        return rows

    @property
    def marks(self) -> Marks:
        return Marks(self.model.tokenizer.cls_token_id, self.model.tokenizer.sep_token_id)

    def encode_in_context(self, statements: Sequence[Statement], wanted: Sequence[int] | None = None) -> Vectors:
        """The mean token vector of each ``wanted`` statement of one document (ascending indices; all by default),
        read among its neighbours; shape (len(wanted), dimension), float32, not normalised.
        """
        import torch

        wanted = range(len(statements)) if wanted is None else wanted
        rows = np.zeros((len(wanted), self.dimension), np.float32)
        place = {statement: row for row, statement in enumerate(wanted)}
        with torch.inference_mode():
            for batch in _batches(windows(self.tokens(statements), wanted, self.reads, self.marks)):
                spans = [span.statement for window in batch for span in window.spans]
                rows[[place[i] for i in spans]] = span_means(self.model, batch).cpu().numpy()
        return rows

    def quantized(self) -> Encoder:
        """A copy whose layers multiply 8-bit integers, which moves scores by about a hundredth; itself on a GPU."""
        if self.model.device.type != "cpu":
            return self
        copied = deepcopy(self)
        quantize(copied.model[0])
        copied.digest = f"{self.digest} {ARITHMETIC}"
        return copied

    def in_half_precision(self) -> Encoder:
        """A copy with weights and arithmetic in half precision (bfloat16), which moves scores by about a hundredth."""
        import torch

        return Encoder(deepcopy(self.model).to(torch.bfloat16), self.name, self.digest, self.reads)

    def with_weights(self, path: Path, digest: str) -> Encoder:
        """This encoder with the tensors of a safetensors file in place of its own of the same names; the others are the
        same in memory.

        A pair of tensors ``NAME.lora_up`` and ``NAME.lora_down`` is added, as their product, to ``NAME`` (Hu et al.
        2021, "LoRA").
        """
        from safetensors.torch import load_file

        own = self.model.state_dict()
        tensors = load_file(path)
        for name in [n.removesuffix(DOWN) for n in tensors if n.endswith(DOWN)]:
            if name in own and name + UP in tensors:
                update = tensors.pop(name + UP).float() @ tensors.pop(name + DOWN).float()
                tensors[name] = own[name] + update.to(own[name].device)
        unknown = sorted(set(tensors) - set(own))
        if unknown:
            remedy = "Use the encoder that the models were trained with, or train again with `trendnlp train`."
            raise ArtefactError(str(path), f"holds a tensor that the encoder lacks: {unknown[0]}", remedy)
        kept = chain(self.model.named_parameters(), self.model.named_buffers())
        tuned = deepcopy(self.model, {id(tensor): tensor for name, tensor in kept if name not in tensors})
        copied = tuned.state_dict()
        for name, tensor in tensors.items():
            copied[name].copy_(tensor)
        return Encoder(tuned, self.name, digest, self.reads)


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def use_threads(count: int) -> None:
    """Compute with so many threads from this thread, and from those that begin later."""
    import torch

    torch.set_num_threads(count)


def use_gpu() -> None:
    """Have encoders that are loaded from now on compute on the GPU, where this process can use one: what they give
    differs by hundredths from what they give on the CPU, where those that serve multiply integers.
    """
    global _on_gpu
    _on_gpu = True


def half_is_fast() -> bool:
    """Whether this processor multiplies matrices faster in half precision (bfloat16): one that says it can and proves
    it, as some that have the instructions (AVX-512 BF16) are slower with them. A process asks once, for under other
    load the answer could be another.
    """
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16")) and (
        _seconds_of_a_layer(torch.bfloat16) < _HALF_SAVES * _seconds_of_a_layer(torch.float32)
    )


def _choose_products() -> None:
    """Have oneDNN multiply matrices on processors of AMD, where it is twice as fast as MKL. Torch asks it where half
    precision is allowed; without AMX it multiplies in single precision all the same.
    """
    import torch

    able = torch.cpu.get_capabilities()
    if "AMD" in str(able.get("cpu_name")) and not able.get("amx_tile"):
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"  # type: ignore[attr-defined]


@cache
def _seconds_of_a_layer(precision: torch.dtype) -> float:
    """The shortest of some products of the shape that a layer of a transformer multiplies."""
    import torch

    tokens, weights = torch.zeros(1024, 768, dtype=precision), torch.zeros(768, 768, dtype=precision)
    taken = []
    for _ in range(6):
        begun = perf_counter()
        torch.nn.functional.linear(tokens, weights)
        taken.append(perf_counter() - begun)
    return min(taken)


def span_means(model: SentenceTransformer, batch: Sequence[Window]) -> Tensor:
    """The mean token vector of each span of the windows, in order; shape (spans, dimension), float32, where the model
    is.
    """
    import torch

    given = _given(model, batch, max(len(window.tokens) for window in batch))
    states = model[0](given)["token_embeddings"].float()
    return torch.stack([states[row, s.start : s.end].mean(0) for row, window in enumerate(batch) for s in window.spans])


def pair_vectors(model: SentenceTransformer, batch: Sequence[Window], length: int | None = None) -> Tensor:
    """What a model says of pairs: of each window, which holds two spans, the mean vector of both, and how the spans'
    own means differ and agree; shape (windows, 3 x dimension), float32. Windows are filled up to ``length`` tokens, by
    default that of the longest. Where the model was taught to tell the first text of a pair from the second, it is told
    which is which.
    """
    import torch

    given = _given(model, batch, length or max(len(window.tokens) for window in batch))
    if "token_type_ids" in model.tokenizer.model_input_names:
        second = torch.zeros_like(given["input_ids"])
        for row, window in enumerate(batch):
            second[row, window.spans[1].start : len(window.tokens)] = 1
        given["token_type_ids"] = second
    states = model[0](given)["token_embeddings"].float()
    rows = []
    for row, window in enumerate(batch):
        a, b = (states[row, s.start : s.end].mean(0) for s in window.spans)
        rows.append(torch.cat([states[row, : len(window.tokens)].mean(0), (a - b).abs(), a * b]))
    return torch.stack(rows)


def _given(model: SentenceTransformer, batch: Sequence[Window], length: int) -> dict[str, Tensor]:
    """The windows as a model takes them, filled up to ``length`` tokens, where it is."""
    import torch

    tokens = torch.full((len(batch), length), int(model.tokenizer.pad_token_id))
    mask = torch.zeros((len(batch), length), dtype=torch.long)
    for row, window in enumerate(batch):
        tokens[row, : len(window.tokens)] = torch.tensor(window.tokens)
        mask[row, : len(window.tokens)] = 1
    device = next(model.parameters()).device
    return {"input_ids": tokens.to(device), "attention_mask": mask.to(device)}


def _batches(found: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows of about the same length together: little padding."""
    batch: list[Window] = []
    for window in sorted(found, key=lambda w: len(w.tokens)):
        if batch and (len(batch) + 1) * len(window.tokens) > WINDOW_BATCH:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
