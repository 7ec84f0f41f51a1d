"""The log of a process: one line an event on standard error, as JSON or to be read, with the id of its request.

Nothing that a document, a query or a key says gets into it. Messages of errors that Python or a library raises may
quote what they failed at, so of such errors the log holds the type and the places in the code alone.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

from trendnlp.errors import TrendnlpError, printable
from trendnlp.settings import Settings

JSON = "json"
# Errors whose message is of our own words, or of code and files, never of the data that is worked on.
TELLING = (TrendnlpError, OSError, AttributeError, ImportError, NameError, NotImplementedError)
OURS = ("trendnlp", "uvicorn")
SERVER = ("uvicorn", "uvicorn.error", "uvicorn.access")
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
_SHOWN_AS_THEY_ARE = ("exception", "timestamp", "level")


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send the log records of this process to ``stream`` (standard error), in the form and from the level on that
    ``settings`` say; of other libraries than the server, warnings and errors alone. What was configured before is
    replaced.
    """
    renderer: tuple[Processor, ...] = (structlog.processors.JSONRenderer(ensure_ascii=True),)
    if settings.log_format != JSON:
        renderer = (_on_one_line, structlog.dev.ConsoleRenderer(colors=False, sort_keys=False, pad_event_to=0))
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=(
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
            ),
            processors=(
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.ExceptionRenderer(_trace),
                *renderer,
            ),
        )
    )
    # What libraries tell at lower levels may quote addresses with their queries.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    # A server that was begun by its own command has handlers that tell messages of errors whole, and addresses with
    # their queries.
    for name in SERVER:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)


def bound(**values: str) -> AbstractContextManager[None]:
    """Within it, every record of this thread or task, and of the threads that it hands work to, carries ``values``."""
    return structlog.contextvars.bound_contextvars(**values)


def _trace(exc_info: ExcInfo) -> str:
    """The trace of an error and of those behind it, without words that may come from a document."""
    seen: list[str] = []
    _tell(exc_info[1], traceback.TracebackException(*exc_info, capture_locals=False), seen)
    return "\n".join(seen)


def _tell(error: BaseException, told: traceback.TracebackException, seen: list[str]) -> None:
    behind, told_behind = error.__cause__, told.__cause__
    if behind is None and not error.__suppress_context__:
        behind, told_behind = error.__context__, told.__context__
    if behind is not None and told_behind is not None:
        _tell(behind, told_behind, seen)
        seen.append("which led to")
    seen.extend(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in told.stack)
    words = printable(str(error)) if isinstance(error, TELLING) else ""
    seen.append(f"{type(error).__module__}.{type(error).__qualname__}" + (f": {words}" if words else ""))


def _on_one_line(logger: object, method: str, event: EventDict) -> EventDict:
    """Values with control characters escaped, so that none can break its line or drive a terminal."""
    return {
        key: printable(value) if isinstance(value, str) and key not in _SHOWN_AS_THEY_ARE else value
        for key, value in event.items()
    }
