"""``trendnlp webhooks``: who is told of what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from trendnlp.batch import json_line
from trendnlp.cli.output import print_rows, say
from trendnlp.delivery import check_target
from trendnlp.events import EventType
from trendnlp.settings import Settings
from trendnlp.store import Delivery, PageRequest, Store, Webhook, Webhooks

PAGE = 500  # the store's largest page
BY = "command line"
COLUMNS = ("webhook", "address", "events", "state")
DELIVERY_COLUMNS = ("delivery", "event", "at", "state", "attempts", "answered", "error", "due")


def run(settings: Settings, action: str, *arguments: Any) -> int:
    if action == "add":
        check_target(arguments[0], settings.webhook_hosts)
    with Store.open(settings.store_url) as store:
        _ACTIONS[action](Webhooks(store.database), *arguments)
    return 0


def _add(webhooks: Webhooks, url: str, events: tuple[EventType, ...]) -> None:
    made, secret = webhooks.add(url, events, BY)
    print(secret)
    say(f"{made.id}: {made.url}, {', '.join(made.events)}. The secret is not shown again.")


def _list(webhooks: Webhooks, format: str) -> None:
    found = webhooks.every()
    if format == "jsonl":
        for webhook in found:
            print(json_line(asdict(webhook)))
    else:
        print_rows(COLUMNS, ((w.id, w.url, " ".join(w.events), _state(w)) for w in found))


def _state(webhook: Webhook) -> str:
    if webhook.disabled is not None:
        return f"disabled since {webhook.disabled}: {webhook.reason}"
    return "works" if webhook.failing_since is None else f"failing since {webhook.failing_since}"


def _remove(webhooks: Webhooks, id: str) -> None:
    webhooks.remove(id)
    say(f"{id}: removed")


def _enable(webhooks: Webhooks, id: str) -> None:
    say(f"{id}: {_state(webhooks.enable(id))}")


def _deliveries(webhooks: Webhooks, id: str, limit: int, format: str) -> None:
    found = _fetch(webhooks, id, limit)
    if format == "jsonl":
        for delivery in found:
            print(json_line(asdict(delivery)))
    else:
        print_rows(DELIVERY_COLUMNS, map(_cells, found))


def _cells(delivery: Delivery) -> tuple[str, ...]:
    of = delivery
    answered = "" if of.status is None else str(of.status)
    return (of.id, of.type, of.at, of.state, str(of.attempts), answered, of.error or "", of.due or "")


def _fetch(webhooks: Webhooks, id: str, limit: int) -> Iterator[Delivery]:
    cursor = None
    while limit > 0:
        page = webhooks.deliveries(id, PageRequest(min(PAGE, limit), cursor))
        yield from page.items
        limit -= len(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _redeliver(webhooks: Webhooks, id: str) -> None:
    say(f"{id}: {webhooks.redeliver(id).state}")


_ACTIONS: Mapping[str, Callable[..., None]] = {
    "add": _add,
    "list": _list,
    "remove": _remove,
    "enable": _enable,
    "deliveries": _deliveries,
    "redeliver": _redeliver,
}
