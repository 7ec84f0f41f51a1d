"""Runs recorded over HTTP: what came in, and what people decided, since the run before, with the real models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from unloaded import add_key, bearer
from web_client import add, serving

from trendnlp.access import Role

SHARED = "Nurses are scarce, which boosts the demand for patient lifts."
FIRST = f"# Lift Market in Portugal\n\n{SHARED}\n"
SECOND = f"# Hospital Beds in Spain\n\n## Growth drivers\n\n{SHARED} Ageing patients raise the demand for beds.\n"


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory, new_url: Callable[[], str]) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), database_url=new_url()) as client:
        yield client


def record(client: TestClient, **headers: str) -> dict[str, Any]:
    answer = client.post("/v1/runs", headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/runs/{made['id']}"
    assert client.get(answer.headers["location"], headers=headers).json() == made
    assert client.get("/v1/runs", params={"limit": 1}, headers=headers).json()["items"] == [made]
    return made


def compared(client: TestClient, *runs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/runs/{}/diff/{}".format(*(run["id"] for run in runs))).json()
    return found


def ledger_runs(client: TestClient, text: str) -> set[str | None]:
    """The runs that the ledger names in the finding of the statements that say ``text``."""
    shown = [client.get(f"/v1/findings/{item['id']}").json() for item in client.get("/v1/findings").json()["items"]]
    (found,) = (f for f in shown if text in [member["record"]["text"] for member in f["members"]])
    return {entry["run"] for entry in (*found["ledger"], *found["apart"])}


def test_what_came_over_http_between_two_records_is_their_difference(client: TestClient) -> None:
    empty = record(client)
    first = add(client, FIRST, format="markdown", source="first.md")
    one = record(client)
    assert ([run["done"] for run in (empty, one)], one["skipped"], one["failed"]) == ([0, 1], 0, [])
    assert one["models"]["encoder"] and one["settings"]["version"]

    second = add(client, SECOND, format="markdown", source="second.md")
    assert None in ledger_runs(client, SHARED)
    two = record(client)
    assert two["done"] == 1
    assert ledger_runs(client, SHARED) == {two["id"]}
    found = compared(client, one, two)
    assert (found["added"], found["deleted"], found["labels"]) == ([second], [], [])
    changes = {change["change"]: change for change in found["findings"]}
    assert {cause for change in found["findings"] for cause in change["causes"]} == {"new document"}
    assert [said["text"] for said in changes["grew"]["joined"]] == [SHARED]
    assert [said["text"] for said in changes["appeared"]["joined"]] == ["Ageing patients raise the demand for beds."]

    head = changes["grew"]["after"][0]["head"]["statement"]
    decided = client.post("/v1/reviews", json={"action": "drop", "statements": [head], "by": "Ann"})
    assert decided.status_code == 201, decided.text
    three = record(client)
    found = compared(client, two, three)
    assert (three["done"], found["added"], found["deleted"]) == (0, [], [])
    assert {cause for change in found["findings"] for cause in change["causes"]} == {"review"}

    client.delete(f"/v1/documents/{first}", headers={"If-Match": "*"})
    last, same = record(client), record(client)
    assert (last["done"], compared(client, three, last)["deleted"]) == (0, [first])
    assert same["id"] != last["id"]
    unchanged = compared(client, last, same)
    assert [unchanged[name] for name in ("added", "deleted", "labels", "findings")] == [[], [], [], []]
    # a document that is there again was not there at the run before
    add(client, FIRST, format="markdown", source="first.md")
    assert record(client)["done"] == 1
    assert client.get("/v1/runs").json()["total"] == 7


def test_a_run_is_recorded_once_for_a_key_and_by_whom_may_submit(client: TestClient) -> None:
    add(client, FIRST, format="markdown")
    keys = {role: bearer(add_key(client, f"the {role}", role)) for role in (Role.SUBMIT, Role.REVIEW)}
    refused = client.post("/v1/runs", headers=keys[Role.REVIEW])
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:trendnlp:problem:forbidden")
    made = record(client, **keys[Role.SUBMIT], **{"Idempotency-Key": "k"})
    again = client.post("/v1/runs", headers={**keys[Role.SUBMIT], "Idempotency-Key": "k"})
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, made, "true")
    assert again.headers["location"] == f"/v1/runs/{made['id']}"
    assert client.get("/v1/runs", headers=keys[Role.REVIEW]).json()["total"] == 1
    assert client.get("/v1/runs/run_x", headers=keys[Role.REVIEW]).status_code == 404
