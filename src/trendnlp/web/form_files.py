"""The files of a form, each written to the disk as it comes: however many there are, one chunk of them is in memory.

Starlette keeps a file in memory up to a megabyte, and open for as long as the request lasts: of many small ones that is
the whole body, and more open files than a process may have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from trendnlp.errors import StoreError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_HEADERS = 32 * 1024  # bytes of one part: what says which file it is


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form. ``path`` is where it lies; the field, the name and the media type are the client's words."""

    path: Path
    field: str
    name: str
    media_type: str


async def saved_files(request: Request, folder: Path, most: int) -> list[FormFile]:
    """The files of a multipart form, in order, written into ``folder`` under names of its own. Raises HTTPException
    (400) on more than ``most`` files, on a field that is no file, and on a form that is cut off or none, and StoreError
    where they cannot be written.
    """
    receiver = _Receiver(folder, most)
    try:
        with disk(), closing(receiver):
            parser = MultipartParser(_boundary(request), receiver.callbacks())
            async for chunk in request.stream():
                await run_in_threadpool(parser.write, chunk)
    except FormParserError:
        raise _bad("The body is no multipart form.") from None
    if not receiver.ended:
        raise _bad("The form is cut off: its last boundary is missing.")
    return receiver.files


@contextmanager
def disk() -> Iterator[None]:
    """What is written of an upload; raises StoreError where it cannot be."""
    try:
        yield
    except OSError as error:
        remedy = "Look at the disk of temporary files (TMPDIR) of the service, then send it again."
        raise StoreError("the upload", f"cannot be written ({error.strerror or error})", remedy) from error


def _boundary(request: Request) -> bytes:
    _, parameters = parse_options_header(request.headers.get("content-type"))
    if not (boundary := parameters.get(b"boundary")):
        raise _bad("Missing boundary in multipart.")
    return boundary


def _bad(detail: str) -> HTTPException:
    return HTTPException(400, detail)


class _Receiver:
    """What the parser calls; one file is open at a time. The parser tells names and values of headers in pieces."""

    def __init__(self, folder: Path, most: int) -> None:
        self.files: list[FormFile] = []
        self.ended = False
        self._folder = folder
        self._most = most
        self._file: BinaryIO | None = None
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = bytearray(), bytearray()
        self._size = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._write,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begin(self) -> None:
        self._headers.clear()
        self._size = 0

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._value += data[start:end]

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > MAX_HEADERS:
            raise _bad(f"The headers of a part have more than {MAX_HEADERS:,} bytes.")

    def _header_end(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _open(self) -> None:
        _, told = parse_options_header(self._headers.get(b"content-disposition"))
        if b"filename" not in told:
            raise _bad("A part of the form is no file: it has no file name.")
        if len(self.files) == self._most:
            raise _bad(f"Too many files. Maximum number of files is {self._most}.")
        path = self._folder / str(len(self.files))
        media_type = self._headers.get(b"content-type", b"").decode("latin-1")
        self.files.append(FormFile(path, _text(told.get(b"name", b"")), _text(told[b"filename"]), media_type))
        self._file = path.open("wb")

    def _write(self, data: bytes, start: int, end: int) -> None:
        assert self._file is not None
        self._file.write(data[start:end])

    def _end(self) -> None:
        self.ended = True


def _text(given: bytes) -> str:
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        return given.decode("latin-1")
