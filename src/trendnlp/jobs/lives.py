"""Which workers live: those that were seen lately, and whose process has not ended on this machine."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from trendnlp.store import WorkerRow
from trendnlp.store.limits import BUSY_SECONDS

BEAT = 2.0  # seconds between two signs of life
# Seconds without one after which a worker is taken for dead: over what a busy database may delay one.
LEASE = 2 * BUSY_SECONDS + 15.0


def here() -> str:
    """A name of the place where a process number counts: this boot of this machine, and of it this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # no Linux: then the lease alone counts, for a number may be another machine's
        return f"{platform.node()} {os.getpid()}"


def is_dead(worker: WorkerRow, now: float, place: str) -> bool:
    """Whether the worker has ended, seen at the time ``now`` from ``place``."""
    return now - worker.seen > LEASE or (worker.host == place and not runs(worker.pid))


def runs(pid: int) -> bool:
    """Whether a process of this machine has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A process that ended and was not waited for has no work in hand either.
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] not in ("Z", "X")
    except (OSError, IndexError):
        return True
