"""Webhooks over HTTP, and the thread of the service that delivers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from receivers import receiving
from standardwebhooks import Webhook as Signed
from unloaded import add_key, bearer, unloaded
from web_client import put

from trendnlp.access import Role

PATIENCE = 30  # seconds


def deliveries(client: TestClient, id: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/webhooks/{id}/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def settled(client: TestClient, id: str) -> list[dict[str, Any]]:
    """The deliveries of a webhook, once none is pending."""
    deadline = time.monotonic() + PATIENCE
    while True:
        items: list[dict[str, Any]] = deliveries(client, id)["items"]
        if all(delivery["state"] != "pending" for delivery in items):
            return items
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_service_tells_of_findings_by_itself(tmp_path: Path) -> None:
    with receiving() as receiver, unloaded(tmp_path, webhook_hosts=("127.0.0.1",)) as client:
        body = {"url": receiver.url(), "events": ["finding.appeared"]}
        made = client.post("/v1/webhooks", json=body)
        hook = made.json()
        assert (made.status_code, made.headers["location"]) == (201, f"/v1/webhooks/{hook['id']}/deliveries")
        assert {**hook, "id": "", "created": "", "secret": ""} == {
            **{"id": "", "created": "", "secret": "", **body, "by": "local"},
            **{"failing_since": None, "disabled": None, "reason": None},
        }
        kept = {name: value for name, value in hook.items() if name != "secret"}
        assert client.get("/v1/webhooks").json() == {"items": [kept], "next_cursor": None, "total": 1}

        put(client, "Costs rise. Demand grows.", kinds=("driver", "trend"))
        receiver.wait(2)
        told = [Signed(hook["secret"]).verify(body, headers) for _, headers, body in receiver.got]
        shown = {finding["id"] for finding in client.get("/v1/findings").json()["items"]}
        assert {event["data"]["finding"] for event in told} == shown
        assert [d["state"] for d in settled(client, hook["id"])] == ["delivered"] * 2

        first = deliveries(client, hook["id"], limit=1)
        (made_first,) = first["items"]
        path = f"/v1/webhooks/{hook['id']}/deliveries/{made_first['id']}/redeliver"
        again = client.post(path)
        assert (again.status_code, again.json()["state"], again.json()["event"]) == (
            200,
            "pending",
            made_first["event"],
        )
        receiver.wait(3)
        ids = [headers["webhook-id"] for _, headers, _ in receiver.got]
        assert ids[2] == made_first["event"] and ids[2] in ids[:2]

        assert client.post(f"/v1/webhooks/{hook['id']}/enable").json() == kept
        assert client.delete(f"/v1/webhooks/{hook['id']}").status_code == 204
        assert client.get(f"/v1/webhooks/{hook['id']}/deliveries").status_code == 404
        assert client.post(path).status_code == 404


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "http://8.8.8.8/", "https://[::1]/", "x"])
def test_addresses_that_only_the_service_reaches_are_refused(tmp_path: Path, url: str) -> None:
    with unloaded(tmp_path) as client:
        refused = client.post("/v1/webhooks", json={"url": url, "events": ["finding.appeared"]})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:trendnlp:problem:bad-target")
        assert client.get("/v1/webhooks").json()["total"] == 0


def test_a_subscription_is_made_in_the_name_of_its_key(tmp_path: Path) -> None:
    with unloaded(tmp_path) as client:
        headers = bearer(add_key(client, "Ann", Role.ADMIN))
        body = {"url": "https://8.8.8.8/", "events": ["job.finished", "job.finished"]}
        made = client.post("/v1/webhooks", json=body, headers=headers).json()
        assert (made["by"], made["events"]) == ("Ann", ["job.finished"])
        for wrong in ({**body, "events": []}, {**body, "events": ["everything"]}, {"url": "https://8.8.8.8/"}):
            assert client.post("/v1/webhooks", json=wrong, headers=headers).status_code == 422
