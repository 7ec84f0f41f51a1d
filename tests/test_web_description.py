"""The OpenAPI description: complete, true, and usable without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from commands import run
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance
from starlette.testclient import httpx
from web_client import serving

from trendnlp.web import (
    examples,
    job_examples,
    job_schemas,
    queue_examples,
    queue_schemas,
    run_schemas,
    schemas,
    statement_schemas,
    system_schemas,
    timeline_schemas,
    webhook_schemas,
)
from trendnlp.web.answers import HERE

OPERATIONS = 51
EXAMPLES_EACH = 8  # generated requests an operation: a smoke test, not a search


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), max_bytes=100_000) as client:
        yield client


@pytest.fixture(scope="module")
def described(client: TestClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json())


def operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in described["paths"].values():
        yield from methods.values()


def test_every_operation_has_a_name_a_tag_an_example_and_its_problems(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for operation in operations(described)]
    assert len(names) == len(set(names)) == OPERATIONS
    declared = {tag["name"] for tag in described["tags"]}
    for operation in operations(described):
        assert len(operation["tags"]) == 1 and operation["tags"][0] in declared
        assert operation["security"] == [] or {"401", "403"} <= operation["responses"].keys()
        assert {"421", "500"} <= set(operation["responses"])
        for status, answer in operation["responses"].items():
            if status not in ("204", "304", "308"):
                media = ["application/json"] if status < "300" else ["application/problem+json"]
                if (operation["operationId"], status) == ("export", "200"):
                    media = ["text/csv", "application/x-ndjson"]
                if (operation["operationId"], status) == ("watchJob", "200"):
                    media = ["text/event-stream"]
                if (operation["operationId"], status) == ("exportReviews", "200"):
                    media = ["application/x-ndjson", "text/csv"]
                assert list(answer["content"]) == media
                assert all(content["example"] and content["schema"] for content in answer["content"].values())
        for parameter in operation.get("parameters", []):
            assert parameter["in"] != "path" or parameter["examples"]


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (schemas.Analysis, examples.ANALYSIS),
        (schemas.Ingested, examples.INGESTED),
        (schemas.Ingested, examples.DUPLICATE),
        (schemas.DocumentsPage, examples.DOCUMENTS),
        (schemas.FullDocument, examples.DOCUMENT),
        (statement_schemas.StatementsPage, examples.STATEMENTS),
        (schemas.Statement, examples.STATEMENT),
        (schemas.FactsPage, examples.FACTS),
        (run_schemas.RunsPage, examples.RUNS),
        (run_schemas.RecordedRun, examples.RUN),
        (run_schemas.RecordedRun, examples.NEW_RUN),
        (run_schemas.RunDiff, examples.RUN_DIFF),
        (schemas.FindingsPage, examples.FINDINGS),
        (schemas.FullFinding, examples.FINDING),
        (schemas.Review, examples.REVIEW),
        (schemas.Review, examples.UNDO),
        (schemas.ReviewsPage, examples.REVIEWS),
        (timeline_schemas.Timeline, examples.TIMELINE),
        (statement_schemas.Context, examples.CONTEXT),
        (webhook_schemas.NewWebhook, examples.NEW_WEBHOOK),
        (webhook_schemas.WebhooksPage, examples.WEBHOOKS),
        (webhook_schemas.Webhook, examples.WEBHOOK),
        (webhook_schemas.DeliveriesPage, examples.DELIVERIES),
        (webhook_schemas.Delivery, examples.DELIVERY),
        (queue_schemas.Queue, queue_examples.QUEUE),
        (queue_schemas.Preview, queue_examples.PREVIEW),
        (queue_schemas.Applied, queue_examples.APPLIED),
        (queue_schemas.Evidence, queue_examples.EVIDENCE),
        (queue_schemas.Assigned, queue_examples.ASSIGNED),
        (queue_schemas.Agreements, queue_examples.AGREEMENTS),
        (schemas.Comparisons, examples.COMPARISONS),
        (job_schemas.Job, job_examples.NEW_JOB),
        (job_schemas.Job, job_examples.CANCELLED_JOB),
        (job_schemas.JobsPage, job_examples.JOBS),
        (job_schemas.JobResultsPage, job_examples.RESULTS),
        (system_schemas.Health, examples.OK),
        (system_schemas.Model, examples.MODEL),
    ],
)
def test_the_examples_are_of_their_schema(model: type[schemas.Record], example: dict[str, Any]) -> None:
    assert model.model_validate(example).model_dump() == example


def test_the_examples_work_when_they_are_pasted(client: TestClient, described: dict[str, Any]) -> None:
    statuses = {}
    for path in ("/v1/analyze", "/v1/compare", "/v1/documents", "/v1/jobs"):
        for media, content in described["paths"][path]["post"]["requestBody"]["content"].items():
            if media == "application/json":
                statuses[path, media] = client.post(path, json=content["example"]).status_code
            elif "example" in content:
                answer = client.post(path, content=content["example"], headers={"content-type": media})
                statuses[path, media] = answer.status_code
    assert statuses == {
        ("/v1/analyze", "application/json"): 200,
        ("/v1/compare", "application/json"): 200,
        ("/v1/documents", "application/json"): 201,
        ("/v1/documents", "text/plain"): 201,
        ("/v1/documents", "text/markdown"): 200,
        ("/v1/documents", "text/html"): 201,
        ("/v1/jobs", "application/json"): 202,
        ("/v1/jobs", "application/x-ndjson"): 202,
    }


def test_the_description_is_the_one_in_the_repository() -> None:
    described = (Path(__file__).parents[1] / "docs" / "openapi.json").read_text("utf-8")
    assert run("openapi").stdout == described, "make openapi"


@pytest.mark.parametrize("folder", [HERE / "static" / "vendor", Path(__file__).parent / "data" / "axe"])
def test_the_vendored_files_are_those_of_their_list(folder: Path) -> None:
    rows = [line for line in (folder / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {row.split("`")[1]: row.split("`")[3] for row in rows}
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "README.md"}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == listed


@schemathesis.serializer("application/x-ndjson")
def lines(context: Any, value: Any) -> bytes:
    """Lines are sent as they were made."""
    return value if isinstance(value, bytes) else str(value).encode()


def sendable(part: Any) -> Any:
    """A part of a form with its value, which may be made to be no text at all, in bytes."""
    name, value, *rest = part if isinstance(part, tuple) else (None, part)
    return (name, value if isinstance(value, bytes | str) else str(value).encode(), *rest)


def send(client: TestClient, case: schemathesis.Case) -> Any:
    """``case`` in the words of this client, which knows no cookies a request and wants bytes as ``content``."""
    given = case.as_transport_kwargs(base_url="http://127.0.0.1")
    given.pop("cookies", None)
    if isinstance(given.get("data"), (bytes, str)):
        given["content"] = given.pop("data")
    if given.get("files"):
        given["files"] = [(name, sendable(part)) for name, part in given["files"]]
    try:
        answer = client.request(**given)
    except httpx.InvalidURL as refused:
        assume("too long" not in str(refused))  # made of long values, it has more than this client sends at all
        raise
    answer.request.read()  # a multipart body is a stream until then
    return answer


def test_generated_requests_meet_no_defect_and_no_undescribed_answer(
    client: TestClient, described: dict[str, Any]
) -> None:
    # a schema cannot say which text is readable and which cursor was made here, so valid requests may be refused
    schema = schemathesis.openapi.from_dict(described)
    found = [result.ok() for result in schema.get_all_operations()]
    for operation in found:
        modes = [schemathesis.GenerationMode.POSITIVE]
        if operation.definition.raw.get("requestBody") or operation.query:
            modes.append(schemathesis.GenerationMode.NEGATIVE)  # of a path alone nothing is against the schema
        for mode in modes:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=EXAMPLES_EACH,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                deadline=None,
                database=None,
                derandomize=True,
            )
            def probe(case: schemathesis.Case) -> None:
                # every body of a raw text is a string, whatever it was made from
                media = str(case.media_type)
                loose = media.startswith("text/") or media in ("application/x-ndjson", "application/zip")
                raw = [negative_data_rejection] if loose else []
                # this service has no keys; what one with keys refuses, test_access_keys.py asks of every operation
                excluded = [ignored_auth, positive_data_acceptance, *raw]
                case.validate_response(send(client, case), excluded_checks=excluded)

            probe()
    assert len(found) == OPERATIONS
