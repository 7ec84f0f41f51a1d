"""The process that reads hostile formats and long texts: one message in, one out, until its input ends.

``python -m trendnlp.read.worker`` limits its own memory and processor time for each document; what starts it
(``trendnlp.read.sandbox``) holds the clock.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from trendnlp.errors import DamagedInput, InputError, MissingInput
from trendnlp.read.archive import list_members, read_member
from trendnlp.read.limits import Limits
from trendnlp.read.package import kind_of, open_package
from trendnlp.read.parsed import Parsed, Unreadable
from trendnlp.read.reading import Reading
from trendnlp.read.wire import Header, Message, reading_fields, receive, send
from trendnlp.types import Format

if sys.platform != "win32":
    import resource

LONGEST = 1 << 31  # bytes of a message; the parent checks its input against the settings
# The readers that a task may need, imported when it first comes: a page of HTML need not wait for three formats more.
READERS: Mapping[str, tuple[str, ...]] = {
    "text": ("plain",),
    "markdown": ("markdown",),
    "html": ("html",),
    "pdf": ("pdf",),
    "package": ("docx", "pptx"),
}


def main() -> int:
    # What a library prints must not end up between the messages.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.setrecursionlimit(2000)
    while (request := receive(sys.stdin.buffer, LONGEST)) is not None:
        send(answers, _answer(request))
    return 0


def _answer(request: Message) -> Message:
    limits = Limits(**request.header["limits"])
    for name in READERS.get(request.header["task"], ()):
        _reader(name)
    _limit(limits)
    try:
        return _done(request, limits)
    except InputError as error:
        return _refusal(type(error).__name__, error.reason, error.remedy)
    except Unreadable as error:
        return _refusal(InputError.__name__, str(error), "Export it as plain text.")
    except MemoryError:
        return Message({"memory": True})
    except RecursionError:
        return _refusal(DamagedInput.__name__, "its parts are nested too deeply", "Export it as plain text.")
    except Exception as error:  # what the libraries raise on damaged files is not listed anywhere
        return _refusal(DamagedInput.__name__, f"it is damaged ({type(error).__name__})", "Fetch or save it again.")


def _done(request: Message, limits: Limits) -> Message:
    header = request.header
    match header["task"]:
        case "text" | "markdown" | "html" as task:
            (name,) = READERS[task]
            return _read(Format(task), _reader(name)(request.body.decode("utf-8")), header)
        case "pdf":
            return _read(Format.PDF, _reader("pdf")(request.body, limits, header["password"]), header)
        case "package":
            format = kind_of(open_package(io.BytesIO(request.body), limits))
            return _read(format, _reader(format.value)(request.body, limits), header)
        case "members":
            with _archive(header) as file:
                return Message({"members": list_members(file, limits)})
        case _:
            with _archive(header) as file:
                return Message({}, read_member(file, header["index"], limits))


def _reader(name: str) -> Callable[..., Parsed]:
    reader: Callable[..., Parsed] = getattr(import_module(f"trendnlp.read.{name}"), f"read_{name}")
    return reader


def _archive(header: Header) -> BinaryIO:
    try:
        return Path(header["path"]).open("rb")
    except OSError as error:
        raise MissingInput("", f"it cannot be read ({error.strerror})", "Check the name.") from None


def _read(format: Format, parsed: Parsed, header: Header) -> Message:
    return Message(reading_fields(Reading.of(format, parsed, header["geography"])))


def _refusal(kind: str, reason: str, remedy: str) -> Message:
    return Message({"error": kind, "reason": reason, "remedy": remedy})


def _limit(limits: Limits) -> None:
    """Memory, and the processor time from here on. A limit that the system does not know is left to the clock."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.seconds + 1
    for kind, limit in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, resource.getrlimit(kind)[1]))


if __name__ == "__main__":
    sys.exit(main())
