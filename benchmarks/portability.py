"""How far the scores of the shipped models differ between kinds of arithmetic, on the corpus' held-out markets.

    python benchmarks/portability.py [--texts 40]

The same texts are labelled in processes that differ in the vector instructions which torch's libraries may use, as
machines of several ages have them, and in the number of threads. Each is compared with the first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trendnlp.artefacts import open_artefact
from trendnlp.build import ACCURATE, FAST, bases, build_model
from trendnlp.corpus import read_corpus, statements_of
from trendnlp.settings import Settings
from trendnlp.train import TrainOptions, split_corpus

ROOT = Path(__file__).parents[1]
LEVELS = {
    "as it is": {},
    "AVX2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"},
    "SSE": {"ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "ATEN_CPU_CAPABILITY": "default"},
    "one thread": {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=40)
    parser.add_argument("--save", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.save:
        np.savez(given.save, **scores(given.texts))
        return
    found = {name: run(name, variables, given.texts) for name, variables in LEVELS.items()}
    first = next(iter(found))
    for model, reference in found[first].items():
        for name in LEVELS:
            other = found[name][model]
            changed = int((reference.argmax(1) != other.argmax(1)).sum())
            print(
                f"{model:9} {name:11} {len(other)} statements: largest difference of a probability "
                f"{np.abs(reference - other).max():.1e}, {changed} other kinds"
            )


def run(name: str, variables: dict[str, str], texts: int) -> dict[str, NDArray[np.float64]]:
    """The scores that a process with these environment variables gives."""
    path = ROOT / f".portability-{name.replace(' ', '-')}.npz"
    command = [sys.executable, __file__, "--texts", str(texts), "--save", str(path)]
    try:
        subprocess.run(command, check=True, env=os.environ | variables)
        with np.load(path) as saved:
            return {model: saved[model] for model in saved.files}
    finally:
        path.unlink(missing_ok=True)


def scores(texts: int) -> dict[str, NDArray[np.float64]]:
    """The probability of every kind, a row a statement, of each model whose weights are here."""
    settings = Settings.from_env()
    models = open_artefact(ROOT / "models")
    held_out = split_corpus(read_corpus(ROOT / "corpus"), TrainOptions()).test[:texts]
    here = bases(settings)
    found = {}
    for name in (FAST, ACCURATE):
        if getattr(here, name) is not None:
            model = build_model(models, name, settings, here.fast)
            found[name] = np.vstack([model.predict_proba(statements_of(text)).kinds for text in held_out])
    return found


if __name__ == "__main__":
    main()
