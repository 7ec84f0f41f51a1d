"""The OpenAPI description: complete, true, and usable without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from web_client import serving

from trendnlp.web import examples, run_schemas, schemas, system_schemas, timeline_schemas
from trendnlp.web.answers import HERE

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
    assert len(names) == len(set(names)) == 20
    declared = {tag["name"] for tag in described["tags"]}
    for operation in operations(described):
        assert len(operation["tags"]) == 1 and operation["tags"][0] in declared
        assert {"421", "500"} <= set(operation["responses"])
        for status, answer in operation["responses"].items():
            if status not in ("204", "308"):
                (content,) = answer["content"].items()
                assert content[0] == ("application/json" if status < "300" else "application/problem+json")
                assert content[1]["example"] and content[1]["schema"]
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
        (schemas.StatementsPage, examples.STATEMENTS),
        (schemas.FactsPage, examples.FACTS),
        (run_schemas.RunsPage, examples.RUNS),
        (run_schemas.RunDiff, examples.RUN_DIFF),
        (schemas.FindingsPage, examples.FINDINGS),
        (schemas.FullFinding, examples.FINDING),
        (schemas.Review, examples.REVIEW),
        (schemas.Review, examples.UNDO),
        (schemas.ReviewsPage, examples.REVIEWS),
        (timeline_schemas.Timeline, examples.TIMELINE),
        (schemas.Context, examples.CONTEXT),
        (schemas.Comparisons, examples.COMPARISONS),
        (system_schemas.Health, examples.OK),
        (system_schemas.Model, examples.MODEL),
    ],
)
def test_the_examples_are_of_their_schema(model: type[schemas.Record], example: dict[str, Any]) -> None:
    assert model.model_validate(example).model_dump() == example


def test_the_examples_work_when_they_are_pasted(client: TestClient, described: dict[str, Any]) -> None:
    statuses = {}
    for path in ("/v1/analyze", "/v1/compare", "/v1/documents"):
        for media, content in described["paths"][path]["post"]["requestBody"]["content"].items():
            if media == "application/json":
                statuses[path, media] = client.post(path, json=content["example"]).status_code
            elif media.startswith("text/"):
                answer = client.post(path, content=content["example"], headers={"content-type": media})
                statuses[path, media] = answer.status_code
    assert statuses == {
        ("/v1/analyze", "application/json"): 200,
        ("/v1/compare", "application/json"): 200,
        ("/v1/documents", "application/json"): 201,
        ("/v1/documents", "text/plain"): 201,
        ("/v1/documents", "text/markdown"): 200,
        ("/v1/documents", "text/html"): 201,
    }


@pytest.mark.parametrize("folder", [HERE / "static" / "vendor", Path(__file__).parent / "data" / "axe"])
def test_the_vendored_files_are_those_of_their_list(folder: Path) -> None:
    rows = [line for line in (folder / "README.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {row.split("`")[1]: row.split("`")[3] for row in rows}
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "README.md"}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} == listed


def send(client: TestClient, case: schemathesis.Case) -> Any:
    """``case`` in the words of this client, which knows no cookies a request and wants bytes as ``content``."""
    given = case.as_transport_kwargs(base_url="http://127.0.0.1")
    given.pop("cookies", None)
    if isinstance(given.get("data"), (bytes, str)):
        given["content"] = given.pop("data")
    answer = client.request(**given)
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
                raw = [negative_data_rejection] if str(case.media_type).startswith("text/") else []
                case.validate_response(send(client, case), excluded_checks=[positive_data_acceptance, *raw])

            probe()
    assert len(found) == 20
