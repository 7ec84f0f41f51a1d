"""The stages that a document goes through, and the place where whoever times them is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum


class Stage(StrEnum):
    """A part of the work on documents. ``label`` is encoding and classifying, which the models do in one."""

    READ = "read"
    SEGMENT = "segment"
    LABEL = "label"
    SAVE = "save"
    CONSOLIDATE = "consolidate"


# Called at the beginning of a stage, in the thread that does it; left at its end, whatever that is.
Watch = Callable[[Stage], AbstractContextManager[None]]


def unwatched(stage: Stage) -> AbstractContextManager[None]:
    """Nobody times the stages."""
    return nullcontext()
