"""Base weights from a hub where the index has none, and the commands about them."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote

import pytest
from toy_base import (
    ASIDE,
    FILES,
    IN_PLACE,
    OTHER_WEIGHTS,
    PART_1,
    RETRY,
    TOY,
    Pulled,
    digest,
    empty_index,
    files_of,
    pulled,
    tree,
)
from typer.testing import CliRunner

from trendnlp.artefacts import default_folder, encoder_folder, open_artefact
from trendnlp.cli import app
from trendnlp.errors import ArtefactError
from trendnlp.weights import MPNET, Base


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_index(tmp_path, monkeypatch)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "trendnlp"


class Hub(BaseHTTPRequestHandler):
    """The part of a hub that answers for one public repository."""

    files = FILES | ASIDE
    commit = "0" * 40

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(self.path.partition("?")[0])
        resolved = f"/toys/toy/resolve/{self.commit}/"
        if path.startswith("/api/models/toys/toy/tree/"):
            body = json.dumps([{"type": "file", "path": n, "size": len(d), "oid": n} for n, d in self.files.items()])
            self.answer(body.encode())
        elif path.startswith("/api/models/toys/toy"):
            siblings = [{"rfilename": name} for name in self.files]
            self.answer(json.dumps({"id": "toys/toy", "sha": self.commit, "siblings": siblings}).encode())
        elif path.startswith(resolved) and (data := self.files.get(path.removeprefix(resolved))) is not None:
            self.answer(data)
        else:
            self.send_error(404)

    def answer(self, data: bytes) -> None:
        self.send_response(200)
        for name, value in (("Content-Length", str(len(data))), ("ETag", digest(data)), ("X-Repo-Commit", self.commit)):
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Base]:
    """The toy base as a hub has it, at an address that processes started from now on will ask."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever).start()
        for name in [n for n in os.environ if n.startswith("HF_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
        yield replace(TOY, hub="toys/toy")
        server.shutdown()


def pulled_elsewhere(cache: Path, base: Base) -> Pulled:
    """Pulled by a process of its own, whose libraries read the environment as it is now."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(pulled, cache, base).result()


NO_PACKAGE = (
    "pip cannot download trendnlp-toy-part-001==0.0.1 (No matching distribution found for trendnlp-toy-part-001==0.0.1)"
)
ASKING = "toy: downloading toys/toy, 1 MB"


def test_the_hub_is_asked_where_the_index_has_nothing(index: Path, cache: Path, hub: Base) -> None:
    assert pulled_elsewhere(cache, hub).lines == (PART_1, f"toy: {NO_PACKAGE}", ASKING, IN_PLACE)
    assert files_of(cache / "toy") == FILES
    assert sorted(path.name for path in cache.iterdir()) == [".toy.lock", "toy"]


def test_what_the_hub_has_is_checked_too(index: Path, cache: Path, hub: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "files", FILES | {"model.safetensors": OTHER_WEIGHTS})
    with pytest.raises(ArtefactError) as error:
        pulled_elsewhere(cache, hub)
    reason = f"model.safetensors has SHA-256 {digest(OTHER_WEIGHTS)[:12]}…, expected {TOY.sha256[:12]}…"
    assert str(error.value) == f"toy: the weights cannot be had: {NO_PACKAGE}; {reason}. {RETRY}"
    assert tree(cache) == [".toy.lock"]
    with pytest.raises(ArtefactError) as error:
        pulled_elsewhere(cache, replace(hub, hub="toys/none"))
    address = f"{os.environ['HF_ENDPOINT']}/api/models/toys/none/revision/main"
    reason = f"HfHubHTTPError: Client error '404 Not Found' for url '{address}'"
    assert str(error.value) == (
        f"toy: the weights cannot be had: {NO_PACKAGE}; toys/none cannot be downloaded ({reason}). {RETRY}"
    )


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def listed(out: str) -> list[list[str]]:
    """The rows of a printed table, without the spaces in its cells, which may be where it folded them."""
    rows: list[list[str]] = []
    for line in out.splitlines()[2:]:
        cells = ["".join(cell.split()) for cell in line.split("│")]
        if cells[0]:
            rows.append(cells)
        else:
            rows[-1] = [above + cell for above, cell in zip(rows[-1], cells, strict=True)]
    return rows


def test_the_commands(index: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRENDNLP_CACHE", str(cache))
    name = ",".join(open_artefact(default_folder()).manifest.parts)
    here = [
        [name, "labelsstatements,inuse", str(default_folder()), "ok"],
        ["judge", "judgespairsofstatements", str(default_folder()), "ok"],
        ["all-MiniLM-L6-v2", "baseoftheshippedmodels", str(encoder_folder(None)), "ok"],
    ]
    mpnet = ["all-mpnet-base-v2", "baseoftheaccuratemodel"]
    code, out, err = run("models", "list")
    assert (code, listed(out), err) == (0, [*here, [*mpnet, "nothere:run`trendnlpmodelspull`", ""]], "")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "model.safetensors").write_bytes(b"?")
    monkeypatch.setenv("TRENDNLP_ACCURATE_ENCODER", str(mine))
    reason = f"has SHA-256 {digest(b'?')[:12]}…, expected {MPNET.sha256[:12]}…"
    code, out, err = run("models", "list")
    assert (code, listed(out), err) == (1, [*here, [*mpnet, str(mine), "".join(reason.split())]], "")
    remedy = "or unset it and run `trendnlp models pull`."
    assert run("models", "pull") == (
        3,
        "",
        f"trendnlp: {mine}/model.safetensors: {reason}. "
        f"Set TRENDNLP_ACCURATE_ENCODER to a folder of all-mpnet-base-v2, {remedy}\n",
    )
