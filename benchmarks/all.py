"""The tables of the README one after the other, each under a line that says when and where.

    python benchmarks/all.py [--data ../shared/bench] [--only reading batch …]

Each benchmark is a program of its own, which says how it is made; one that fails, or that lacks something, is named at
the end, and the others go on. The exit code is 1 where one failed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent
TABLES = {
    "reading": ("reading.py", "--rounds", "1"),
    "quality": ("-m", "trendnlp", "evaluate", "--only", "held-out"),
    "curve": ("-m", "trendnlp", "evaluate", "--only", "curve"),
    "readers": ("corpus.py",),
    "facts": ("facts.py",),
    "learning": ("learning.py", "--seeds", "3"),
    "retraining": ("retraining.py",),
    "pages": ("pages.py",),
    "review": ("review.py",),
    "service": ("service.py",),
    "service of many clients": ("service.py", "--texts", "16"),
    "service of the cascade": ("service.py", "--model", "auto", "--rounds", "2", "--texts", "4"),
    "load": ("load.py",),
    "batch": ("batch.py", "--documents", "12", "--rounds", "2", "--only", "start", "speed"),
    "engines of the batch": ("batch.py", "--documents", "24", "--rounds", "1", "--only", "stores", "engines"),
    "memory of the batch": ("batch.py", "--only", "memory"),
    "scale": ("scale.py", "--statements", "100000", "--sizes"),
    "scale of a workspace": ("scale.py", "--statements", "0", "--sizes", "10000", "100000", "1000000"),
    "portability": ("portability.py", "--texts", "6"),
    "consolidation": ("consolidation.py",),
    "consolidation of the fast model": ("consolidation.py",),
}
ENVIRONMENT = {"consolidation of the fast model": {"TRENDNLP_MODEL": "fast"}}
WITH_DATA = {
    "quality": ("--only", "real", "--only", "csabstruct", "--only", "fincausal"),
    "curve": (),
    "learning": (),
    "batch": (),
}  # what reads --data, and what it is asked for besides


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of data that is not ours")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES))
    given = parser.parse_args()
    failed = []
    for name in given.only:
        first, *rest = TABLES[name]
        program = [first] if first == "-m" else [str(HERE / first)]
        if given.data is not None and name in WITH_DATA:
            rest += ["--data", str(given.data), *WITH_DATA[name]]
        print(f"\n## {name}\n\n{stamp()}\n", flush=True)
        environment = os.environ | ENVIRONMENT.get(name, {})
        if subprocess.run([sys.executable, *program, *rest], env=environment).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def stamp() -> str:
    """The date, the machine, and how busy it is."""
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {processor()}, {load}, Python {platform.python_version()}"


def processor() -> str:
    """The processor's name, as the system calls it."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text("utf-8").splitlines() if about.is_file() else []
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
