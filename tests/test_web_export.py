"""Statements and findings as files: over HTTP and on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import make_analysis, make_consolidation
from commands import run
from fastapi.testclient import TestClient
from test_web_statements import Unloaded
from web_client import connected

from trendnlp.export import FINDING_COLUMNS, PAGE, STATEMENT_COLUMNS, ExportFormat, export_statements
from trendnlp.read import read_text
from trendnlp.settings import Settings
from trendnlp.spreadsheet import csv_pieces
from trendnlp.store import StatementFilter, Store
from trendnlp.types import Format, Metadata
from trendnlp.web.app import create_app

HOSTILE = '=HYPERLINK("//x";"Lifts") sells lifts. +1 is more than 0. Lifts 🏥 rise, "so" they say; and\nfall.'
MANY = 2 * PAGE + 3


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of two documents, one of them hostile."""
    folder = tmp_path_factory.mktemp("home")
    with Store.open(Settings(home=folder).store_url) as store:
        for name, text in (("@risk.md", HOSTILE), ("plain.md", "Rents rise. Costs fall.")):
            known = Metadata("-1 Lifts", "Lifts", None, None, "\tTab Ltd", "2024-05", language="en")
            document = read_text(text, source=name, format=Format.MARKDOWN, given=known)
            store.save(make_analysis(document, kinds=("driver", "trend", "other")))
        store.replace_findings(make_consolidation(store.claims()))
    return folder


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[TestClient]:
    with connected(create_app(Settings(home=home), Unloaded.open)) as client:
        yield client


@pytest.mark.parametrize("query", ["", "?kind=trend&market=Lifts&to=2024", "?q=lifts&offset_unit=utf16"])
def test_json_lines_are_the_objects_of_the_list(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/export{query + '&' if query else '?'}format=jsonl")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == 'attachment; filename="statements.jsonl"'
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines == client.get(f"/v1/statements{query}").json()["items"] != []


def test_findings_are_exported_in_their_order(client: TestClient) -> None:
    listed = client.get("/v1/findings", params={"sort": "recent"}).json()["items"]
    lines = client.get("/v1/export", params={"of": "findings", "format": "jsonl", "sort": "recent"}).text.splitlines()
    assert [json.loads(line) for line in lines] == listed
    rows = [*csv.reader(io.StringIO(client.get("/v1/export", params={"of": "findings"}).text))]
    assert tuple(rows[0]) == FINDING_COLUMNS
    assert {row[0] for row in rows[1:]} == {finding["id"] for finding in listed}


def test_no_cell_of_a_table_is_a_formula(client: TestClient) -> None:
    answer = client.get("/v1/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    rows = [*csv.DictReader(io.StringIO(answer.content.decode("utf-8")))]
    assert tuple(rows[0]) == STATEMENT_COLUMNS
    assert [row["text"] for row in rows[:2]] == [
        '\'=HYPERLINK("//x";"Lifts") sells lifts.',
        "'+1 is more than 0.",
    ]
    assert (rows[0]["source"], rows[0]["title"], rows[0]["publisher"]) == ("'@risk.md", "'-1 Lifts", "'\tTab Ltd")
    assert rows[2]["text"] == 'Lifts 🏥 rise, "so" they say; and\nfall.'
    assert all(not value.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for value in row.values())


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("US$\u00a05\u202fmillion", "US$ 5 million"),
        ("lifts\u2028fall\u200b\x07", "lifts fall"),
        ("\u00a0=1+1", "' =1+1"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_spaces_of_any_width_still_part_words(value: str, cell: str) -> None:
    written = "".join(csv_pieces(("text",), [[{"text": value}]]))
    assert [*csv.reader(io.StringIO(written))] == [["text"], [cell]]


def test_nothing_found_is_an_empty_file(client: TestClient) -> None:
    assert client.get("/v1/export", params={"q": "nothing", "format": "jsonl"}).content == b""
    assert client.get("/v1/export", params={"q": "nothing"}).text == ",".join(STATEMENT_COLUMNS) + "\n"


@pytest.mark.parametrize(
    "query", ["format=xlsx", "of=runs", "kind=fashion", "state=new", "sort=recent", "of=findings&offset_unit=utf16"]
)
def test_what_would_do_nothing_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/export?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_the_command_prints_what_the_service_sends(client: TestClient, home: Path) -> None:
    for options, query in (
        ([], {}),
        (["--format", "jsonl", "--kind", "trend", "--market", "Lifts", "--from", "2024"], None),
        (["--of", "findings", "--format", "csv"], {"of": "findings"}),
    ):
        asked = query if query is not None else {"format": "jsonl", "kind": "trend", "market": "Lifts", "from": "2024"}
        printed = run("--home", str(home), "export", *options)
        assert (printed.exit_code, printed.stdout) == (0, client.get("/v1/export", params=asked).text)
    wrong = run("--home", str(home), "export", "--from", "soon")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("trendnlp: --from: 'soon' is no date")


def test_a_long_list_is_made_a_page_at_a_time(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        text = " ".join(f"Sentence {number} says so." for number in range(MANY))
        store.save(make_analysis(read_text(text, source="long.txt", format=Format.TEXT, given=Metadata(language="en"))))
        pieces = export_statements(store, StatementFilter(), ExportFormat.JSONL)
        assert [piece.count("\n") for piece in pieces] == [PAGE, PAGE, 3]
