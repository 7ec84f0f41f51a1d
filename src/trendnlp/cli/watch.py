"""How far a batch is, on standard error: a bar on a terminal, else a line now and then; and Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from trendnlp.batch import Head, State
from trendnlp.cli.output import say
from trendnlp.errors import printable

LINE_SECONDS = 10.0  # between lines, where there is no terminal
MINUTE, HOUR = 60, 3600
STOPPING = b"\nstopping after what is in hand; Ctrl-C again stops at once\n"


class BatchWatch:
    """Counts what is done, and says so; ``now`` is a clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._said = self._started
        self._total = 0
        self._done = 0
        self._fresh = 0
        self._failed = 0
        self._pairs = 0  # to be compared
        self._compared = 0
        self._comparing_since = 0.0
        self._stopping = False
        self._bar: Progress | None = None
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (BarColumn(bar_width=None), TextColumn("{task.fields[line]}", markup=False))
            self._bar = Progress(*columns, console=self._console, expand=True, transient=True)
            self._bar.start()
            self._bar.add_task("", total=None, line="looking for inputs")
        return self

    def __exit__(self, *failure: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def planned(self, inputs: int) -> None:
        self._total = inputs
        self._started = self._said = self._now()
        self._show()

    def done(self, heads: Sequence[Head], fresh: bool) -> None:
        self._done += len(heads)
        self._fresh += len(heads) if fresh else 0
        for head in heads:
            name = printable(head.source)
            if head.state is State.FAILED:
                self._failed += 1
                self._say(f"{name}: failed: {printable(head.reason)}. {printable(head.remedy)}")
            for warning in head.warnings if fresh else ():
                self._say(f"{name}: warning: {printable(warning)}")
        self._show()

    def comparing(self, pairs: int) -> None:
        if not self._pairs:
            self._comparing_since = self._now()
        self._pairs += pairs
        self._show()

    def compared(self, pairs: int) -> None:
        self._compared += pairs
        self._show()

    def stopping(self) -> bool:
        return self._stopping

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Here the first Ctrl-C asks for an end after what is in hand, and the second is a KeyboardInterrupt."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def line(self) -> str:
        """How far it is, in words."""
        seconds = self._now() - self._started
        words = [f"{self._done:,} of {self._total:,} documents"]
        if self._fresh and seconds > 0 and not self._pairs:  # then, its time is up
            rate = self._fresh / seconds
            words.append(f"{rate:.1f}/s")
            if self._done < self._total:
                words.append(f"about {_duration((self._total - self._done) / rate)} left")
        if self._failed:
            words.append(f"{self._failed:,} failed")
        if self._pairs:
            words.append(self._pairs_line())
        return ", ".join(words)

    def _pairs_line(self) -> str:
        """How far the findings are: the pairs of statements that were known before are not counted."""
        words = f"{self._compared:,} of {self._pairs:,} pairs of statements compared"
        seconds = self._now() - self._comparing_since
        if not self._compared or self._compared >= self._pairs or seconds <= 0:
            return words
        rate = self._compared / seconds
        return f"{words} at {rate:.1f}/s, about {_duration((self._pairs - self._compared) / rate)} left"

    def _show(self) -> None:
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, total=self._total, completed=self._done, line=self.line())
        elif self._now() - self._said >= LINE_SECONDS:
            self._said = self._now()
            say(self.line())

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._console.print(text, soft_wrap=True)
        else:
            say(text)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self._stopping:
            raise KeyboardInterrupt
        self._stopping = True
        os.write(sys.stderr.fileno(), STOPPING)  # print may be what was interrupted


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.1f} h"
