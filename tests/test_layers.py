"""The rooms of the architecture: who may import whom, and which room alone opens the door to a heavy dependency."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "src"
PACKAGE = "trendnlp"
RANKS = (
    "actions agreement backing client stages standing terms triage",
    "relations",
    "types errors",
    "access events review diff",
    "judgement ties",
    "dates heap rulings syndication selectors",
    "periods",
    "momentum sources timeline",
    "settings corpus evaluate nearest pairs records store",
    "artefacts uses backup delivery logs placing review_records spreadsheet tracing verify",
    "read segment context keywords quantize weights datasets export",
    "encode guards marks review_export",
    "collapse judge tags vectors",
    "classify consolidate unlabelled",
    "adapt card judge_rule pipeline thresholds tune",
    "build lanes merging tune_pairs upkeep",
    "cards pair_lessons",
    "train_judge",
    "train",
    "measure floors component batch workspace",
    "baselines jobs learn",
    "trainings",
    "benchmark web",
    "cli",
    "__main__",
)
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms.split()}
DOORS = {
    "spacy": "segment",
    "sentencex": "segment",
    "sentence_transformers": "encode",
    "torch": "encode quantize tune tune_pairs",
    "huggingface_hub": "weights",
    "sklearn": "baselines classify",
    "usearch": "consolidate",
    "sqlalchemy": "store",
    "alembic": "store",
    "lxml": "read",
    "markdown_it": "read",
    "py3langid": "read",
    "pypdfium2": "read",
    "docx": "read",
    "pptx": "read",
    "fastapi": "web",
    "starlette": "web",
    "pydantic": "web",
    "prometheus_client": "web",
    "structlog": "logs",
    "opentelemetry": "tracing",
    "uvicorn": "cli",
    "typer": "cli",
    "rich": "cli",
    "httpx": "client delivery",
    "standardwebhooks": "delivery",
    "pyarrow": "batch.tables",
    "ray": "batch.ray",
    "dbos": "jobs.dbos",
}


def imports(node: ast.AST, where: str = "") -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every import below ``node``, with "function" or "typing" where it stands in one or is for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, where
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports(child, "function")
        else:
            typing = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
            yield from imports(child, "typing" if typing else where)


def targets(node: ast.Import | ast.ImportFrom, root: Path) -> Iterator[str]:
    """The modules that an import names: ``from package import name`` is a module where there is a file for it."""
    for alias in node.names:
        name = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        path = root.joinpath(*name.split("."))
        is_module = isinstance(node, ast.Import) or path.with_suffix(".py").is_file() or path.is_dir()
        yield name if is_module else name.rpartition(".")[0]


def faults(root: Path) -> list[str]:
    """Every import below ``root`` that the tables do not allow."""
    found = []
    arrows: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        room = f"{module}.".split(".")[1]
        for node, where in imports(ast.parse(path.read_text("utf-8"))):
            line = f"{path.relative_to(root).as_posix()}:{node.lineno}"
            if isinstance(node, ast.ImportFrom) and node.level:
                found.append(f"{line} is relative")
                continue
            for target in targets(node, root):
                library, there = f"{target}.".split(".")[:2]
                if library != PACKAGE:
                    rooms = DOORS.get(library, "").split()
                    inside = room in rooms or module.removeprefix(f"{PACKAGE}.") in rooms
                    if rooms and not inside and where != "typing":
                        found.append(f"{line} imports {library}, which is for {' and '.join(rooms)}")
                elif where == "function":
                    found.append(f"{line} imports {target} inside a function")
                elif room and there:
                    # What a package's own __init__ names is its door, not an arrow between its files.
                    arrows.setdefault(module, set()).update(() if target.startswith(module) else [target])
                    if there != room and RANK[there] >= RANK[room]:
                        found.append(f"{line} imports {target}, which is not above {room}")
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        found.append(f"{sorted(set(error.args[1]))} import each other")
    return found


def test_every_room_has_a_rank() -> None:
    rooms = {p.stem for p in (SOURCES / PACKAGE).iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert rooms - {"__init__"} - set(RANK) == set()


def test_rooms_import_only_from_the_ranks_above_them() -> None:
    assert faults(SOURCES) == []


def test_what_the_tables_forbid_is_found(tmp_path: Path) -> None:
    files = {
        "__init__.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from trendnlp.build import load\n",
        "types.py": "import json\n",
        "segment.py": "import typing\nif typing.TYPE_CHECKING:\n    import sklearn\nimport spacy\n",
        "encode.py": "def f():\n    import spacy\n    from trendnlp.types import X\n",
        "pipeline.py": "from trendnlp import segment\nfrom trendnlp.web.app import create\nfrom .types import X\n",
        "web/__init__.py": "from trendnlp.web.app import create\n",
        "web/app.py": "from trendnlp.web import pages\nimport trendnlp.cli\n",
        "web/pages.py": "from trendnlp.web.app import create\n",
    }
    for name, text in files.items():
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert faults(tmp_path) == [
        "trendnlp/encode.py:2 imports spacy, which is for segment",
        "trendnlp/encode.py:3 imports trendnlp.types inside a function",
        "trendnlp/pipeline.py:2 imports trendnlp.web.app, which is not above pipeline",
        "trendnlp/pipeline.py:3 is relative",
        "trendnlp/web/app.py:2 imports trendnlp.cli, which is not above web",
        "['trendnlp.web.app', 'trendnlp.web.pages'] import each other",
    ]
