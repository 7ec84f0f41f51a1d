"""Requests that schemathesis makes up from the description, one by one and in chains, against the real service.

Each example is a chain of calls in which one answer's ids are the next call's arguments. ``make schemathesis`` runs
many more of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.specs.openapi.checks import negative_data_rejection
from web_server import listening

from trendnlp.access import Role
from trendnlp.settings import Settings
from trendnlp.store import Access, Store

CHAINS = int(os.environ.get("SCHEMATHESIS_CHAINS", "12"))
STEPS = 8  # calls of a chain
SEED = 1  # of the short run: with it something is stored, read and asked for in vain
ATTEMPTS = 4  # with other seeds, where hypothesis gives a chain up
SECONDS = 120  # for one answer
# Bodies of these types are texts or files, whatever they were made from, so nothing is against their schema.
LOOSE = ("text/", "application/x-ndjson", "application/zip", "multipart/")


@pytest.fixture(scope="module", params=["open", "guarded"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The address of a service with a worker, and the headers of who may everything; one asks for keys."""
    home = tmp_path_factory.mktemp("home")
    headers = {}
    if request.param == "guarded":
        with Store.open(Settings(home=home).store_url) as store:
            key = Access(store.database).add("Ann", (Role.ADMIN,))[1]
        headers = {"Authorization": f"Bearer {key}"}
    with listening(home, max_bytes=100_000) as address:
        yield {"address": address, "headers": headers}


def test_no_chain_of_calls_meets_a_defect_or_an_undescribed_answer(service: dict[str, Any]) -> None:
    headers = service["headers"]
    described = httpx.get(f"{service['address']}/openapi.json", headers=headers, timeout=SECONDS).json()
    if not headers:  # who has no keys asks for none
        for methods in described["paths"].values():
            for operation in methods.values():
                del operation["security"]
        del described["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=service["address"])
    # a schema cannot say which text is readable and which cursor was made here
    schema.config.checks.update(excluded_check_names=["positive_data_acceptance"])
    machine: Any = schema.as_state_machine()
    answered: set[int] = set()

    class Chain(machine):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            if isinstance(case.query, dict) and "wait" in case.query:
                case.query["wait"] = "1"
            return {"headers": headers, "timeout": SECONDS}

        def validate_response(self, response: Any, case: schemathesis.Case, **given: Any) -> None:
            answered.add(response.status_code)
            loose = str(case.media_type).startswith(LOOSE)
            case.validate_response(
                response,
                excluded_checks=[negative_data_rejection] if loose else [],
                transport_kwargs=given,
                recorder=self.recorder,
            )

    how = settings(
        max_examples=CHAINS,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    for attempt in range(ATTEMPTS):
        if "SCHEMATHESIS_CHAINS" not in os.environ:
            seed(SEED + attempt)(Chain)
        try:
            Chain.run(settings=how)
            break
        except FlakyStrategyDefinition:
            # the service remembers: asked the same once more, it may answer otherwise, after which other calls follow
            if attempt + 1 == ATTEMPTS:
                raise
    assert answered >= {200, 404}
    assert answered & {201, 202}, answered  # something was stored, at once or by a job
