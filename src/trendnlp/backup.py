"""A workspace on SQLite as one archive, and back.

The archive is a tar file: ``manifest.json``, which holds the digest of each database, and the databases. An archive is
either whole or not there, and so is what is restored from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from trendnlp import __version__
from trendnlp.errors import BackupError, StoreError
from trendnlp.settings import Settings
from trendnlp.store.engine import JOBS, beside
from trendnlp.store.files import SIDES, check_sound, is_idle, schema_of, snapshot, sqlite_file

MANIFEST = "manifest.json"
MAX_MANIFEST = 64 * 1024  # bytes; a few files and their digests
FORM = 1  # of the archive
BLOCK = 1024 * 1024
SUFFIX = ".sqlite"
PG_DUMP = "Use pg_dump and pg_restore for it; all that the workspace holds is in that database."
MODE = 0o600  # of archives and databases: what they hold may be confidential


@dataclass(frozen=True, slots=True)
class Part:
    """One database of an archive: its file's name in the workspace, its size and its digest."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. ``store`` is the name of the part with the documents, ``schema`` the revision of its
    schema, ``made`` when the copy was taken (UTC, ISO 8601), ``version`` that of the package.
    """

    store: str
    schema: str
    made: str
    version: str
    parts: tuple[Part, ...]


def back_up(settings: Settings, archive: Path, *, replace: bool = False) -> Manifest:
    """Write the workspace to ``archive``, as it is at one moment, while others use it.

    Raises BackupError where the workspace is not on SQLite or holds nothing, and where ``archive`` is there and may not
    be replaced; StoreError, OSError.
    """
    store = _store_file(settings)
    if not store.is_file():
        raise BackupError(str(store), "there is no workspace", "Name its folder with --home or TRENDNLP_HOME.")
    if archive.exists() and not replace:
        raise BackupError(str(archive), "it is there already", "Choose another name, or give --replace.")
    with tempfile.TemporaryDirectory(prefix=".trendnlp-backup-", dir=archive.absolute().parent) as scratch:
        folder = Path(scratch)
        # The store last: a job that is begun anew because its database is the older one changes nothing in the store.
        for source in (*_beside(store, settings.workspace), store):
            snapshot(source, folder / source.name)
        parts = tuple(_part(path) for path in sorted(folder.iterdir()))
        made = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(store.name, schema_of(folder / store.name), made, __version__, parts)
        whole = folder / ".whole"
        _write(whole, folder, manifest)
        whole.replace(archive)
    _sync_folder(archive.absolute().parent)
    return manifest


def restore(settings: Settings, archive: Path, *, replace: bool = False) -> tuple[Manifest, tuple[Path, ...]]:
    """Make the workspace what ``archive`` holds; returns that, and where what was there before lies now.

    Everything is checked before anything is changed, and each file is replaced in one step. Raises BackupError where
    the archive is damaged, where the workspace holds something and may not be replaced, and where a process uses it;
    SchemaError for a store of a newer version, StoreError, OSError.
    """
    store = _store_file(settings)
    folder = store.absolute().parent
    taken = _taken(store, settings.workspace)
    if taken and not replace:
        raise BackupError(str(folder), "the workspace is not empty", "Choose another --home, or give --replace.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".trendnlp-restore-", dir=folder) as scratch:
        manifest = _extract(archive, Path(scratch))
        for part in manifest.parts:
            check_sound(Path(scratch) / part.name)
        schema_of(Path(scratch) / manifest.store)
        new = _places(manifest, store, settings.workspace)
        if not replace and any((folder / to).exists() for to in new):
            raise BackupError(
                str(folder), "a database of the archive is there", "Choose another URL, or give --replace."
            )
        old = [path for path in (store, *_beside(store, settings.workspace)) if path.is_file()]
        for path in old:
            if not _is_free(path):
                raise BackupError(str(path), "a process has it open", "Stop the service and its workers first.")
        kept = _put(folder, {folder / to: Path(scratch) / name for to, name in new.items()}, old)
    _sync_folder(folder)
    return manifest, kept


def _store_file(settings: Settings) -> Path:
    store = sqlite_file(settings.store_url)
    if store is None:
        raise BackupError("the database", "it is not a SQLite file", PG_DUMP)
    return store


def _beside(store: Path, home: Path) -> list[Path]:
    """The other databases of the workspace, that of the jobs among them; of a store outside the workspace's folder that
    one alone, for others there are not ours.
    """
    own = {_jobs_of(store), *(store.parent.glob(f"*{SUFFIX}") if _is_home(store, home) else ())}
    return sorted(path for path in own if path.is_file() and path.name != store.name)


def _jobs_of(store: Path) -> Path:
    file = sqlite_file(beside(f"sqlite:///{store}", JOBS))
    assert file is not None
    return file


def _is_home(store: Path, home: Path) -> bool:
    return store.absolute().parent.resolve() == home.absolute().resolve()


def _places(manifest: Manifest, store: Path, home: Path) -> dict[str, str]:
    """The name that each database of an archive gets, to the one it has there; raises BackupError where two would get
    one.
    """
    jobs = _jobs_of(Path(manifest.store)).name
    known = {manifest.store: store.name, jobs: _jobs_of(store).name}
    parts = [part.name for part in manifest.parts if part.name in known or _is_home(store, home)]
    new = {known.get(name, name): name for name in parts}
    if len(new) != len(parts):
        raise BackupError(store.name, "another database of the archive has this name", "Choose another URL.")
    return new


def _is_free(file: Path) -> bool:
    """Whether nobody has a database open, as far as that can be told: one that is damaged is as good as free."""
    try:
        return is_idle(file)
    except StoreError:
        return True


def _taken(store: Path, home: Path) -> bool:
    return store.exists() or (store.parent == home and home.is_dir() and any(home.iterdir()))


def _put(folder: Path, new: Mapping[Path, Path], old: list[Path]) -> tuple[Path, ...]:
    """Put the files ``new`` (place to file) in their places; returns the names under which the ``old`` ones stay."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    kept = []
    for path in old:
        aside = folder / f"{path.name}.before-{stamp}"
        os.link(path, aside)  # in its place as well until the new one takes it: the store is never missing
        kept.append(aside)
    for place, file in new.items():
        for side in SIDES:  # of a process that died: SQLite would play them into the new file
            left = place.with_name(place.name + side)
            if left.exists():
                kept.append(left.replace(folder / f"{left.name}.before-{stamp}"))
        file.replace(place)
    for path in old:
        if path not in new:
            path.unlink()
    return tuple(kept)


def _part(path: Path) -> Part:
    with path.open("rb") as stream:
        return Part(path.name, path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _write(to: Path, folder: Path, manifest: Manifest) -> None:
    described = json.dumps({"form": FORM, **asdict(manifest)}, indent=1).encode()
    with _new(to) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            about = tarfile.TarInfo(MANIFEST)
            about.size, about.mode = len(described), MODE
            tar.addfile(about, BytesIO(described))
            for part in manifest.parts:
                member = tarfile.TarInfo(part.name)
                member.size, member.mode = part.bytes, MODE
                with (folder / part.name).open("rb") as data:
                    tar.addfile(member, data)
        stream.flush()
        os.fsync(stream.fileno())


def _extract(archive: Path, folder: Path) -> Manifest:
    """Write the parts into ``folder``, each with the size and digest that the manifest gives it."""
    with _damaged(archive), archive.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
        manifest = _manifest(tar)
        for part in manifest.parts:
            source = tar.extractfile(part.name)
            if source is None:
                raise ValueError(f"{part.name} is no file")
            _extract_part(source, part, folder / part.name)
    return manifest


def _new(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb")


def _extract_part(source: IO[bytes], part: Part, to: Path) -> None:
    digest, left = hashlib.sha256(), part.bytes
    with _new(to) as target:
        while left and (block := source.read(min(BLOCK, left))):
            digest.update(block)
            target.write(block)
            left -= len(block)
        target.flush()
        os.fsync(target.fileno())
    if left or digest.hexdigest() != part.sha256:
        raise ValueError(f"{part.name} is not what its digest says")


def _manifest(tar: tarfile.TarFile) -> Manifest:
    source = tar.extractfile(MANIFEST)
    given = json.loads(source.read(MAX_MANIFEST)) if source else {}
    if given.pop("form") != FORM:
        raise ValueError("it was made by a newer version of trendnlp")
    parts = tuple(Part(str(p["name"]), int(p["bytes"]), str(p["sha256"])) for p in given.pop("parts"))
    manifest = Manifest(**{name: str(value) for name, value in given.items()}, parts=parts)
    names = [part.name for part in parts]
    others = [name for name in names if name != manifest.store]
    # Whoever made the archive may name no file outside the workspace's folder, nor one that SQLite keeps for itself.
    plain = all(name == Path(name).name and name.isprintable() for name in names)
    jobs = _jobs_of(Path(manifest.store)).name
    ours = all(name.endswith(SUFFIX) or name == jobs for name in others)
    if not plain or len(set(names)) != len(others) + 1 or not ours:
        raise ValueError("its manifest names no proper files")
    return manifest


@contextmanager
def _damaged(archive: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"it is no whole archive of trendnlp ({str(error) or type(error).__name__})"
        raise BackupError(str(archive), reason, "Take another archive; nothing has been changed.") from error


def _sync_folder(folder: Path) -> None:
    """Have the disk hold the folder's new names."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
