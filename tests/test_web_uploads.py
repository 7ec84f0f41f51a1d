"""Many files in one request: what they take of memory and of open files, and what is left of them."""

from __future__ import annotations

import asyncio
import tempfile
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp
from unloaded import unloaded

from trendnlp.errors import StoreError
from trendnlp.web.form_files import saved_files
from trendnlp.web.job_intake import _saved, job_intake
from trendnlp.web.uploads import MAX_FILES, upload_files

PIECE = b"x" * 64 * 1024
MEGABYTE = 1024 * 1024
TYPE = "multipart/form-data; boundary=b"
END = b"--b--\r\n"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ASGIApp]:
    with unloaded(tmp_path / "home") as client:
        yield client.app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def part(name: str, *pieces: bytes) -> Iterator[bytes]:
    yield f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    yield from pieces
    yield b"\r\n"


def request_of(app: ASGIApp, body: Iterable[bytes], *, broken_off: bool = False) -> Request:
    """A form that comes in the pieces of ``body``."""
    pieces = iter(body)

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        if piece is None and broken_off:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    headers = [(b"content-type", TYPE.encode())]
    scope = {"type": "http", "method": "POST", "path": "/v1/jobs", "query_string": b"", "headers": headers, "app": app}
    return Request(scope, receive)


async def received(request: Request) -> list[tuple[str, int]]:
    """The names and sizes of the files of a job."""
    async with asynccontextmanager(job_intake)(request) as upload:
        return [(part.name, part.path.stat().st_size) for part in upload.parts]


@pytest.mark.parametrize("way", ["job", "form"])
def test_many_small_files_take_little_memory_and_few_open_files(app: ASGIApp, folder: Path, way: str) -> None:
    open_files = 0

    def body() -> Iterator[bytes]:
        nonlocal open_files
        for number in range(MAX_FILES):
            yield from part(f"{number}.txt", *[PIECE] * 4)
        yield END
        open_files = len(list(Path("/proc/self/fd").iterdir()))

    async def count_of(way: str) -> int:
        if way == "job":
            return len(await received(request))
        async with asynccontextmanager(upload_files)(request) as files:
            return len(files)

    request = request_of(app, body())
    before = len(list(Path("/proc/self/fd").iterdir()))
    tracemalloc.start()
    try:
        count = asyncio.run(count_of(way))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (count, list(folder.iterdir())) == (MAX_FILES, [])
    assert peak < 4 * MEGABYTE  # of 25
    assert open_files - before < 20


def test_files_are_kept_whole_and_apart_whatever_they_are_called(app: ASGIApp, folder: Path) -> None:
    names = ("../../up.txt", "same.txt", "same.txt", "größe.md", "/etc/passwd", "")
    body = b"".join(b"".join(part(name, b"a" * number)) for number, name in enumerate(names)) + END
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    told = asyncio.run(received(request_of(app, pieces)))
    assert told == [(name or "request", size) for size, name in enumerate(names)]
    assert list(folder.iterdir()) == []


FIELD = b'--b\r\nContent-Disposition: form-data; name="market"\r\n\r\nLifts\r\n'


@pytest.mark.parametrize(
    ("tail", "why"),
    [
        ([], "cut off"),
        ([FIELD, END], "no file name"),
        ([b"--c\r\n\r\n"], "cut off"),
        ([b"--b\r\nno header\r\n\r\n"], "no multipart form"),
        ([b"--b\r\n", *[f"X-{n}: {'y' * 4000}\r\n".encode() for n in range(9)]], ""),
        ([b"".join(part("x.txt"))] * 10_000, "Too many files"),
    ],
)
def test_a_form_that_is_none_is_refused_and_nothing_stays(
    app: ASGIApp, folder: Path, tail: list[bytes], why: str
) -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(received(request_of(app, [*part("a.txt", PIECE), *tail])))
    assert (refused.value.status_code, why in refused.value.detail) == (400, True), refused.value
    assert list(folder.iterdir()) == []


def test_a_client_that_goes_away_leaves_nothing(app: ASGIApp, folder: Path) -> None:
    with pytest.raises(ClientDisconnect):
        asyncio.run(received(request_of(app, part("a.txt", PIECE), broken_off=True)))
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_said_and_nothing_stays(app: ASGIApp, folder: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "0").symlink_to("/dev/full")
    with pytest.raises(StoreError) as refused:
        asyncio.run(saved_files(request_of(app, [*part("a.txt", PIECE), END]), full, MAX_FILES))
    assert refused.value.reason == "cannot be written (No space left on device)"
    with pytest.raises(StoreError) as refused:
        asyncio.run(_saved(request_of(app, [PIECE]), full / "0"))
    assert refused.value.reason == "cannot be written (No space left on device)"
