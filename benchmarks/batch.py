"""How fast a corpus is read, beside what a user would write in an afternoon; whole processes, in turn, in one run.

    python benchmarks/batch.py [--data ../shared/bench] [--documents 40] [--rounds 3] [--only speed start …]

Two peers (peers.py) on the same texts: P1 encodes each sentence with all-MiniLM-L6-v2, P2 with our accurate model's
weights. The texts are Beige Books of ``--data``, where it is given, and those of the corpus and the samples, without
marks. Of each contender a small run is timed too, and the difference of both is its speed, so that loading counts under
"start" alone. Every time stands beside the CPU seconds of the process and its children, which a machine that others use
changes less; ``--threads`` is how many each computes with.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from pathlib import Path
from statistics import median

from trendnlp.corpus import read_corpus

ROOT = Path(__file__).parents[1]
PEERS = Path(__file__).with_name("peers.py")
FEW = 2  # documents of the small run
ROWS = "| {} | {} | {} | {} | {} | {} | {} | {} |"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process with its children: seconds by the clock, CPU seconds, and the largest one's peak memory in MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Target:
    """A row of a table: ours beside theirs, and the ratio that is wanted."""

    name: str
    ours: Callable[[Sequence[Path]], Cost]
    theirs: Callable[[Sequence[Path]], Cost]
    wanted: float


class Bench:
    """Runs contenders, each in a new folder of ``scratch``."""

    def __init__(self, scratch: Path, threads: int, rounds: int) -> None:
        self.scratch = scratch
        self.rounds = rounds
        self._environment = os.environ | {
            "OMP_NUM_THREADS": str(threads),
            "TRENDNLP_HOME": str(scratch / "home"),
            "PYTHONPATH": str(ROOT / "src"),
        }

    def run(self, *command: str, **more: str) -> Cost:
        """What a command costs; its output goes to a file, and is shown where it fails."""
        log = self.scratch / "log"
        with log.open("wb") as file:
            started = time.perf_counter()
            to_log = [(os.POSIX_SPAWN_DUP2, file.fileno(), stream) for stream in (1, 2)]
            child = os.posix_spawn(command[0], command, self._environment | more, file_actions=to_log)
            _, status, used = os.wait4(child, 0)
            wall = time.perf_counter() - started
        if status:
            raise SystemExit(f"{' '.join(command[:6])} … failed:\n{log.read_text('utf-8', 'replace')[-2000:]}")
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def trendnlp(self, *arguments: str, model: str) -> Cost:
        return self.run(sys.executable, "-m", "trendnlp", *arguments, TRENDNLP_MODEL=model)

    def batch(self, texts: Sequence[Path], model: str, *options: str, workspace: bool = False) -> Cost:
        """``trendnlp batch`` of a folder of ``texts``, into a new folder or a new workspace."""
        folder, out, home = (self.scratch / name for name in ("in", "out", "home"))
        for old in (folder, out, home):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir()
        for text in texts:
            shutil.copy(text, folder)
        into = ("--workspace",) if workspace else ("--out", str(out))
        return self.trendnlp("batch", str(folder), *into, *options, model=model)

    def peer(self, texts: Sequence[Path], size: str) -> Cost:
        return self.run(sys.executable, str(PEERS), size, str(self.scratch / "peers"), *map(str, texts))

    def in_turn(self, *contenders: Callable[[], Cost]) -> list[list[Cost]]:
        """The costs of each contender, round by round: ``rounds`` times all of them."""
        return [list(costs) for costs in zip(*([run() for run in contenders] for _ in range(self.rounds)), strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder that holds beige_book/")
    parser.add_argument("--documents", type=int, default=40, help="texts of each set")
    parser.add_argument("--memory", type=int, nargs=2, default=(100, 1000), help="texts of the two runs")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trendnlp-bench-") as scratch:
        bench = Bench(Path(scratch), given.threads, given.rounds)
        own = bundled(Path(scratch) / "texts")
        sets = {"corpus and samples": own}
        if given.data is not None:
            sets["Beige Books"] = sorted((given.data / "beige_book").glob("*.txt"))
        stamp = datetime.now(UTC).isoformat(timespec="minutes")
        print(f"{stamp}, {given.threads} threads, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for size in ("small", "large") if "speed" in given.only else ("small",):
            bench.peer(own[:1], size)  # makes its head or its weights
        for name in given.only:
            TABLES[name](bench, sets, given)


def bundled(folder: Path) -> list[Path]:
    """The texts of the corpus and the samples as files, in an order in which any part has all sorts of them."""
    folder.mkdir(parents=True)
    found = {f"{text.name.replace('/', '-')}.txt": text.text for text in read_corpus(ROOT / "corpus")}
    found |= {path.name: path.read_text("utf-8") for path in (ROOT / "samples").glob("*.txt")}
    for name, text in found.items():
        (folder / name).write_text(text, "utf-8")
    return sorted(folder.iterdir(), key=lambda path: path.stem[::-1])


def speed(bench: Bench, sets: dict[str, list[Path]], given: argparse.Namespace) -> None:
    targets = (
        Target("fast, P1", lambda t: bench.batch(t, "fast"), lambda t: bench.peer(t, "small"), 2.0),
        Target("default, P2", lambda t: bench.batch(t, "auto"), lambda t: bench.peer(t, "large"), 5.0),
    )
    _head("words a second", "words a CPU second")
    for data, texts in sets.items():
        some = spread(texts, given.documents)
        more = sum(map(words, some[FEW:]))
        for target in targets:
            few, many = some[:FEW], some
            costs = bench.in_turn(
                lambda t=target, p=few: t.ours(p),
                lambda t=target, p=few: t.theirs(p),
                lambda t=target, p=many: t.ours(p),
                lambda t=target, p=many: t.theirs(p),
            )
            small, large = costs[:2], costs[2:]
            wall = [more / _difference(a, b, "wall") for a, b in zip(small, large, strict=True)]
            cpu = [more / _difference(a, b, "cpu") for a, b in zip(small, large, strict=True)]
            _row(
                f"{target.name}: {data}, {len(some)} texts",
                wall,
                cpu,
                (wall[0] / wall[1], cpu[0] / cpu[1]),
                target.wanted,
            )


def start(bench: Bench, sets: dict[str, list[Path]], given: argparse.Namespace) -> None:
    """The first answer of a process that has just been started."""
    report = next(p for p in sets["corpus and samples"] if (ROOT / "samples" / p.name).is_file())
    costs = bench.in_turn(
        lambda: bench.trendnlp("extract", str(report), "--format", "jsonl", model="fast"),
        lambda: bench.peer([report], "small"),
        lambda: bench.trendnlp("--help", model="fast"),
    )
    _head("seconds", "CPU seconds")
    ours, theirs, help_ = ([median(getattr(c, f) for c in cost) for f in ("wall", "cpu")] for cost in costs)
    _row(
        f"extract, P1: {report.stem}",
        *zip(ours, theirs, strict=True),
        [b / a for a, b in zip(ours, theirs, strict=True)],
        2.0,
    )
    _row("--help, 0.5 s", *zip(help_, (0.5, 0.5), strict=True), [0.5 / seconds for seconds in help_], 1.0)


def memory(bench: Bench, sets: dict[str, list[Path]], given: argparse.Namespace) -> None:
    """Peak memory of one batch beside that of a larger one."""
    few, many = (spread(sets["corpus and samples"], count) for count in given.memory)
    small, large = bench.batch(few, "fast"), bench.batch(many, "fast")
    print(f"\npeak memory: {len(few)} texts {small.peak:.0f} MB, {len(many)} texts {large.peak:.0f} MB: "
          f"{large.peak / small.peak - 1:+.1%} (at most +10 % wanted)")  # fmt: skip


def engines(bench: Bench, sets: dict[str, list[Path]], given: argparse.Namespace) -> None:
    """The same texts by each engine; each worker computes with one thread."""
    alone = Bench(bench.scratch, 1, bench.rounds)
    texts = spread(sets["corpus and samples"], given.documents)
    pool = ("--engine", "processes", "--workers", "2")
    ray = ("--engine", "ray", "--workers", "2")
    runs = [(t, o) for t in (texts[:FEW], texts) for o in ((), pool, ray)]
    costs = alone.in_turn(*(lambda t=t, o=o: alone.batch(t, "fast", *o) for t, o in runs))
    wall = [_difference(a, b, "wall") for a, b in zip(costs[:3], costs[3:], strict=True)]
    cpu = [_difference(a, b, "cpu") for a, b in zip(costs[:3], costs[3:], strict=True)]
    _head("seconds", "CPU seconds")
    _row("2 processes, serial with one thread", wall[1::-1], cpu[1::-1], (wall[0] / wall[1], cpu[0] / cpu[1]), 1.7)
    _row("2 Ray actors, 2 processes", wall[2:0:-1], cpu[2:0:-1], (wall[1] / wall[2], cpu[1] / cpu[2]), 0.85)


def stores(bench: Bench, sets: dict[str, list[Path]], given: argparse.Namespace) -> None:
    """The same texts into a workspace (SQLite) and into files."""
    texts = spread(sets["corpus and samples"], given.documents)
    runs = [(t, w) for t in (texts[:FEW], texts) for w in (True, False)]
    costs = bench.in_turn(*(lambda t=t, w=w: bench.batch(t, "fast", workspace=w) for t, w in runs))
    wall = [_difference(a, b, "wall") for a, b in zip(costs[:2], costs[2:], strict=True)]
    cpu = [_difference(a, b, "cpu") for a, b in zip(costs[:2], costs[2:], strict=True)]
    _head("seconds", "CPU seconds")
    _row(f"into a workspace, files: {len(texts)} texts", wall, cpu, (wall[1] / wall[0], cpu[1] / cpu[0]), 1.0)


TABLES = {"speed": speed, "start": start, "memory": memory, "engines": engines, "stores": stores}


def spread(texts: Sequence[Path], count: int) -> list[Path]:
    """``count`` of the texts, from all over."""
    return [texts[i * len(texts) // count] for i in range(count)] if count < len(texts) else list(texts)


def words(path: Path) -> int:
    return len(path.read_text("utf-8").split())


def _difference(small: Sequence[Cost], large: Sequence[Cost], field: str) -> float:
    """What the large run took beyond the small one; not a number where other work on the machine hides it."""
    found = median(getattr(b, field) - getattr(a, field) for a, b in zip(small, large, strict=True))
    return found if found > 0 else nan


def _head(wall: str, cpu: str) -> None:
    print()
    print(ROWS.format("ours, theirs", wall, "theirs", cpu, "theirs", "ratio", "of CPU", "wanted"))
    print(ROWS.format(*["---"] * 8))


def _row(name: str, wall: Sequence[float], cpu: Sequence[float], ratios: Sequence[float], wanted: float) -> None:
    """``ratios`` are how many times faster ours is, by the clock and in CPU seconds."""
    figures = [f"{value:,.0f}" if value >= 100 else f"{value:.2f}" for value in (*wall, *cpu)]
    print(ROWS.format(name, *figures, *(f"{ratio:.2f}" for ratio in ratios), f"{wanted:g}"), flush=True)


if __name__ == "__main__":
    main()
