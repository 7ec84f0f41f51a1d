"""Many clients at once against the real service, for a while: nothing fails, nothing is lost, memory stays flat.

    python benchmarks/load.py [--seconds 60] [--clients 16] [--model fast] [--warm 0.3]

Each client submits documents and jobs, lists, reads and reviews, in a mix drawn from a seed. An answer of 400 or more
is an error, but for 429, which is waited out and counted. At the end all documents that were accepted, by themselves or
in jobs, must be there, and all decisions. Memory is that of the service's process, from the share
``--warm`` of the time on. Exit code 1 where something failed or was lost, or memory grew by more than a tenth.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import httpx
from sentences import CORPUS
from served import heading, served

from trendnlp.corpus import read_corpus

TIMEOUT = 600.0
WORDS = 120
SAMPLE_SECONDS = 1.0
GROWTH = 1.1  # of memory after the warm-up


@dataclass
class Seen:
    """What all clients saw. ``accepted``: ids of documents; ``jobs`` and ``reviews`` likewise."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    accepted: set[str] = field(default_factory=set)
    jobs: dict[str, int] = field(default_factory=dict)
    reviews: set[str] = field(default_factory=set)


class Analyst:
    """One client, which works until the time is over."""

    def __init__(self, address: str, number: int, seen: Seen, until: float) -> None:
        self._client = httpx.Client(base_url=address, timeout=TIMEOUT)
        self._random = random.Random(number)
        self._number = number
        self._made = 0
        self._seen = seen
        self._until = until

    def work(self) -> None:
        acts = (self._submit, self._job, self._list, self._read, self._review)
        with self._client:
            while time.monotonic() < self._until:
                self._random.choices(acts, (4, 1, 4, 4, 3))[0]()

    def _call(self, name: str, method: str, path: str, **body: object) -> httpx.Response | None:
        """The answer; None where it is an error, or the service too busy until the time is over."""
        while True:
            begun = time.perf_counter()
            try:
                answer = self._client.request(method, path, **body)  # type: ignore[arg-type]
            except httpx.TransportError as error:
                with self._seen.lock:
                    self._seen.errors[f"{name}: {type(error).__name__}"] += 1
                return None
            with self._seen.lock:
                if answer.status_code < 400:
                    self._seen.seconds[name].append(time.perf_counter() - begun)
                    return answer
                if answer.status_code != 429:
                    self._seen.errors[f"{name}: {answer.status_code} {answer.text[:200]}"] += 1
                    return None
                self._seen.busy += 1
            if time.monotonic() >= self._until:
                return None
            time.sleep(float(answer.headers["retry-after"]) * self._random.uniform(0.1, 0.5))

    def _text(self) -> str:
        self._made += 1
        lines = self._random.choice(excerpts())
        return f"# Report {self._number}-{self._made}\n\n{lines}\n"

    def _submit(self) -> None:
        answer = self._call("submit", "POST", "/v1/documents", json={"text": self._text(), "format": "markdown"})
        if answer is not None:
            with self._seen.lock:
                self._seen.accepted.add(answer.json()["document"]["id"])

    def _job(self) -> None:
        documents = [{"text": self._text(), "format": "markdown"} for _ in range(3)]
        answer = self._call("submit a job", "POST", "/v1/jobs", json={"documents": documents})
        if answer is not None:
            with self._seen.lock:
                self._seen.jobs[answer.json()["id"]] = len(documents)

    def _list(self) -> None:
        path = self._random.choice(("/v1/findings", "/v1/documents", "/v1/statements?kind=driver", "/v1/queue"))
        self._call("list", "GET", path)

    def _read(self) -> None:
        found = self._call("list", "GET", "/v1/documents?limit=5")
        for item in found.json()["items"][:1] if found is not None else ():
            self._call("read", "GET", f"/v1/documents/{item['id']}/statements")

    def _review(self) -> None:
        seed = self._random.randrange(1000)
        found = self._call("list", "GET", f"/v1/queue?limit=5&order=random&seed={seed}")
        items = found.json()["items"] if found is not None else ()
        if not items:
            return
        chosen = self._random.choice(items)["statement"]["id"]
        body = {"action": "accept", "statements": [chosen], "by": f"Reader {self._number}"}
        answer = self._call("review", "POST", "/v1/reviews", json=body)
        if answer is not None:
            with self._seen.lock:
                self._seen.reviews.add(answer.json()["id"])


@cache
def excerpts() -> Sequence[str]:
    """The texts of the corpus in pieces of about so many words: of many markets, so that most findings stay small."""
    found = []
    for text in read_corpus(CORPUS):
        piece: list[str] = []
        for line in text.text.splitlines():
            piece.append(line)
            if sum(len(each.split()) for each in piece) >= WORDS:
                found.append("\n".join(piece))
                piece = []
    return found


def memory(pid: int) -> int:
    """Bytes that the process holds."""
    fields = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    return next(int(line.split()[1]) * 1024 for line in fields if line.startswith("VmRSS"))


def lost(client: httpx.Client, seen: Seen) -> list[str]:
    """What was accepted and is not there, once all jobs have ended."""
    missing: list[str] = []
    for id, count in seen.jobs.items():
        while (job := client.get(f"/v1/jobs/{id}?wait=60").json())["finished_at"] is None:
            pass
        if job["counts"]["done"] != count:
            missing.append(f"{id}: {job['counts']}")
        results = client.get(f"/v1/jobs/{id}/results").json()["items"]
        seen.accepted.update(result["document"] for result in results if result["document"])
    missing += sorted(seen.accepted - _ids(client, "/v1/documents"))
    return missing + sorted(seen.reviews - _ids(client, "/v1/reviews"))


def _ids(client: httpx.Client, path: str) -> set[str]:
    found: set[str] = set()
    cursor: str | None = None
    while True:
        page = client.get(path, params={"limit": 500} | ({"cursor": cursor} if cursor else {})).json()
        found.update(item["id"] for item in page["items"])
        if (cursor := page["next_cursor"]) is None:
            return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--model", default="fast", choices=("fast", "accurate", "cascade", "auto"))
    parser.add_argument("--warm", type=float, default=0.3)
    given = parser.parse_args()
    print(heading(), flush=True)
    excerpts()
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), given.model) as (pid, address):
        begun = time.monotonic()
        analysts = [Analyst(address, n, seen, begun + given.seconds) for n in range(given.clients)]
        threads = [threading.Thread(target=analyst.work) for analyst in analysts]
        for thread in threads:
            thread.start()
        samples = []
        while any(thread.is_alive() for thread in threads):
            samples.append((time.monotonic() - begun, memory(pid)))
            time.sleep(SAMPLE_SECONDS)
        with httpx.Client(base_url=address, timeout=TIMEOUT) as client:
            missing = lost(client, seen)
    warm = [held for at, held in samples if at >= given.warm * given.seconds]
    sys.exit(0 if _told(seen, missing, warm, given) else 1)


def _told(seen: Seen, missing: list[str], warm: list[int], given: argparse.Namespace) -> bool:
    """Print what came of it; whether all went well."""
    print(f"\n{given.clients} clients, {given.seconds:.0f} s, {given.model}\n")
    print("| call | answers | median s | p95 s |\n| --- | --- | --- | --- |")
    for name, seconds in sorted(seen.seconds.items()):
        p95 = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        print(f"| {name} | {len(seconds)} | {statistics.median(seconds):.3f} | {p95:.3f} |")
    third = max(1, len(warm) // 3)
    first, last = statistics.median(warm[:third]), statistics.median(warm[-third:])
    print(f"\nasked to come again (429): {seen.busy}; errors: {sum(seen.errors.values())}; lost: {len(missing)} of")
    print(f"{len(seen.accepted)} documents, {len(seen.jobs)} jobs and {len(seen.reviews)} decisions")
    print(f"memory after the warm-up: {first / 2**20:.0f} MiB in its first third, {last / 2**20:.0f} MiB in its last")
    for text, count in seen.errors.most_common(10):
        print(f"error, {count} times: {text}")
    for text in missing[:10]:
        print(f"lost: {text}")
    return not seen.errors and not missing and last <= GROWTH * first


if __name__ == "__main__":
    main()
