"""Sentence embeddings: the one module that imports sentence-transformers, and only when an encoder is loaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import ENCODER_WEIGHTS, sha256
from trendnlp.errors import ArtefactError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]
BATCH = 32
MAX_TOKENS = 160  # a statement with its context; the longest thousandth is cut at its end


class Encoder:
    """A sentence-transformers model on the CPU: texts in, unit vectors out, one row a text, in order.

    A row depends on the texts of its own call alone, so that one document's vectors are the same in every run.
    """

    def __init__(self, model: SentenceTransformer, digest: str) -> None:
        self.model = model
        self.digest = digest

    @classmethod
    def load(cls, folder: Path, expected: str | None = None) -> Encoder:
        """Load a local sentence-transformers folder; raises ArtefactError where its weights are not ``expected``."""
        weights = folder / ENCODER_WEIGHTS
        if not weights.is_file():
            remedy = "Set TRENDNLP_ENCODER to a sentence-transformers folder with safetensors weights."
            raise ArtefactError(str(folder), f"holds no {ENCODER_WEIGHTS}", remedy)
        digest = sha256(weights)
        if expected is not None and digest != expected:
            remedy = "Use the encoder that the models were trained with, or train again with `trendnlp train`."
            raise ArtefactError(str(weights), f"has SHA-256 {digest[:12]}…, expected {expected[:12]}…", remedy)
        # Set before the import, which reads them: weights are local, and nothing may be looked up on a network.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)
        model.max_seq_length = MAX_TOKENS
        model.eval()
        return cls(model, digest)

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

    def with_weights(self, path: Path, digest: str) -> Encoder:
        """This encoder with the tensors of a safetensors file in place of its own of the same names."""
        from copy import deepcopy

        from safetensors.torch import load_file

        tuned = deepcopy(self.model)
        own = tuned.state_dict()
        tensors = load_file(path)
        unknown = sorted(set(tensors) - set(own))
        if unknown:
            remedy = "Use the encoder that the models were trained with, or train again with `trendnlp train`."
            raise ArtefactError(str(path), f"holds a tensor that the encoder lacks: {unknown[0]}", remedy)
        for name, tensor in tensors.items():
            own[name].copy_(tensor)
        return Encoder(tuned, digest)
