"""What the C library is told of this process's memory, where it is glibc: others have no ``mallopt``."""

from __future__ import annotations

import ctypes
import os

# parameters of mallopt, as malloc.h numbers them, and the variables by which whoever runs a process sets them
TRIM_THRESHOLD = (-1, "MALLOC_TRIM_THRESHOLD_")
MMAP_THRESHOLD = (-3, "MALLOC_MMAP_THRESHOLD_")
ARENA_MAX = (-8, "MALLOC_ARENA_MAX")


def tell_heap(parameter: tuple[int, str], value: int) -> None:
    """Set a parameter that the environment does not set."""
    number, variable = parameter
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is not None and variable not in os.environ:
        mallopt(number, value)
