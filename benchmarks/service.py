"""What the service costs beside the library, on the same texts in one run.

    python benchmarks/service.py [--model fast] [--rounds 5] [--clients 16] [--texts 32] [--words 2500]

One client: ``POST /v1/analyze`` of a report against the library's calls that give the same (read, analyse,
consolidate), in turns, so that what else the machine does meets both; medians, and the median of the ratios. Many
clients: texts a second through the service against the library that does one text after the other with all cores. The
service's answers are compared with those of the library.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from served import heading, reports, served

import trendnlp
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_text
from trendnlp.settings import Settings
from trendnlp.types import Format

TIMEOUT = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="fast", choices=("fast", "accurate", "cascade", "auto"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--texts", type=int, default=32)
    parser.add_argument("--words", type=int, default=2500)
    given = parser.parse_args()
    print(heading(), flush=True)
    texts = reports(given.texts, given.words)
    pipeline = trendnlp.load(Settings(model=given.model))
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), given.model) as (_, address),
        httpx.Client(base_url=address, timeout=TIMEOUT) as client,
    ):
        _check(pipeline, client, texts[0])
        _one(pipeline, client, texts[: given.rounds], given)
        _many(pipeline, client, texts, given)


def _library(pipeline: Pipeline, text: str) -> list[tuple[str, str, float]]:
    analysis = pipeline.analyse(read_text(text, format=Format.MARKDOWN))
    pipeline.consolidate(claims_of(analysis))
    return [(s.statement.text, s.label.kind, s.label.score) for s in analysis.statements]


def _service(client: httpx.Client, text: str) -> list[tuple[str, str, float]]:
    answer = client.post("/v1/analyze", json={"text": text, "format": "markdown"})
    answer.raise_for_status()
    return [(s["text"], s["kind"], s["score"]) for s in answer.json()["statements"]]


def _check(pipeline: Pipeline, client: httpx.Client, text: str) -> None:
    """Both give the same; and both have done one text before the clock starts."""
    if _library(pipeline, text) != _service(client, text):
        raise SystemExit("the service and the library do not agree")


def _one(pipeline: Pipeline, client: httpx.Client, texts: Sequence[str], given: argparse.Namespace) -> None:
    pairs = []
    for text in texts:
        library = _seconds(lambda text=text: _library(pipeline, text))
        service = _seconds(lambda text=text: _service(client, text))
        pairs.append((library, service))
    library, service = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(service / library for library, service in pairs)
    print(f"\n| one client, {given.words} words, {given.model} | seconds (median of {len(pairs)}) |\n| --- | --- |")
    print(f"| library | {library:.3f} |\n| service | {service:.3f} |\n| median ratio | {ratio:.2f} |")


def _many(pipeline: Pipeline, client: httpx.Client, texts: Sequence[str], given: argparse.Namespace) -> None:
    half = len(texts) // 2
    library = service = 0.0
    with ThreadPoolExecutor(given.clients) as pool:
        for part in (texts[:half], texts[half:]):  # in turns
            library += _seconds(lambda part=part: [_library(pipeline, text) for text in part])
            service += _seconds(lambda part=part: list(pool.map(lambda text: _service(client, text), part)))
    print(f"\n| {given.clients} clients, {len(texts)} texts, {given.model} | texts a second |\n| --- | --- |")
    print(f"| library, one after the other | {len(texts) / library:.2f} |")
    print(f"| service | {len(texts) / service:.2f} |\n| ratio | {library / service:.2f} |")


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
