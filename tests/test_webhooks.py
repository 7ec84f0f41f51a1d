"""Events: told with the fact or not at all, at least once, signed, and only to where they may go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import make_analysis, make_claims, make_consolidation, make_document
from commands import records, run
from receivers import Receiver, receiving
from sqlalchemy import text
from standardwebhooks import Webhook as Signed
from standardwebhooks import WebhookVerificationError
from webhook_parts import JOB, NOON, Clock, job, tell, waiting

from trendnlp.delivery import Courier
from trendnlp.delivery.courier import MAX_ATTEMPTS, PATIENCE, delay
from trendnlp.errors import BadCursor, BadTarget, NotFound
from trendnlp.events import MAX_BODY, Event, EventType
from trendnlp.store import FindingFilter, Outbox, PageRequest, Store, Webhooks
from trendnlp.store.outbox import DeliveryState, Result, enqueue
from trendnlp.store.webhooks import MAX_WEBHOOKS
from trendnlp.types import Metadata

APPEARED, CHANGED = EventType.FINDING_APPEARED, EventType.FINDING_CHANGED_STATE


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}", now=clock) as store:
        yield store


@pytest.fixture
def hooks(store: Store, clock: Clock) -> Webhooks:
    return Webhooks(store.database, clock)


@pytest.fixture
def deliver(store: Store, clock: Clock) -> Callable[[], None]:
    """Send what is due at the clock's time."""

    def once() -> None:
        courier = Courier(Outbox(store.database), ("127.0.0.1",), clock)
        while asyncio.run(courier.send_due()):
            pass

    return once


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def test_an_event_is_there_exactly_when_its_fact_is(store: Store, hooks: Webhooks) -> None:
    hook, _ = hooks.add("https://hooks.example/", (JOB,), "Ann")

    def finish(number: int, *, broken: bool) -> None:
        """What the code of jobs does, with a fact of its own."""
        with store.database.writing() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS facts_of_jobs (id INTEGER PRIMARY KEY)"))
            connection.execute(text("INSERT INTO facts_of_jobs VALUES (:id)"), {"id": number})
            enqueue(connection, job(number))
            if broken:
                raise RuntimeError("the process dies here")

    finish(1, broken=False)
    with pytest.raises(RuntimeError):
        finish(2, broken=True)
    with store.database.reading() as connection:
        facts = connection.execute(text("SELECT id FROM facts_of_jobs")).scalars().all()
    assert (facts, [d.event for d in waiting(hooks, hook.id)]) == ([1], [job(1).id])


def test_a_fact_is_told_once_to_each_that_asks_for_it(store: Store, hooks: Webhooks) -> None:
    both, _ = hooks.add("https://a.example/", (JOB, APPEARED), "Ann")
    jobs, _ = hooks.add("https://b.example/", (JOB,), "Ann")
    other, _ = hooks.add("https://c.example/", (CHANGED,), "Ann")
    tell(store, job(1), job(2), job(1))
    tell(store, job(2), job(3))
    expected = [job(n).id for n in (1, 2, 3)]
    assert [[d.event for d in waiting(hooks, hook.id)] for hook in (both, jobs, other)] == [expected, expected, []]
    hooks.remove(both.id)
    with pytest.raises(NotFound):
        hooks.deliveries(both.id)
    assert len(waiting(hooks, jobs.id)) == 3


def test_what_is_sent_is_signed_as_standard_webhooks_ask(
    store: Store, hooks: Webhooks, receiver: Receiver, deliver: Callable[[], None]
) -> None:
    hook, secret = hooks.add(receiver.url(), (JOB,), "Ann")
    tell(store, job(1))
    deliver()
    ((path, headers, body),) = receiver.got
    told = Signed(secret).verify(body, headers)
    assert told == {"type": "job.finished", "timestamp": NOON, "data": {"job": "job_1", "state": "succeeded"}}
    assert (path, headers["webhook-id"], headers["content-type"]) == ("/hook?a=1", job(1).id, "application/json")
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    for key, given in ((Signed("whsec_b3RoZXI="), body), (Signed(secret), body.replace(b"job_1", b"job_2"))):
        with pytest.raises(WebhookVerificationError):
            key.verify(given, headers)
    (made,) = waiting(hooks, hook.id)
    assert (made.state, made.attempts, made.status, made.error, made.due) == ("delivered", 1, 204, None, None)


def test_what_fails_is_tried_again_later_each_time_with_the_same_id(
    store: Store, hooks: Webhooks, clock: Clock, deliver: Callable[[], None]
) -> None:
    with receiving(500, 302, 404) as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        tell(store, job(1))
        seen = []
        for _ in range(4):
            deliver()
            deliver()  # nothing is due yet
            (made,) = waiting(hooks, hook.id)
            seen.append((made.state, made.attempts, made.error, hooks.every()[0].failing_since is None))
            clock.now += timedelta(seconds=delay(made.attempts).total_seconds() * 1.3)
    assert seen == [
        ("pending", 1, "answered 500", False),
        ("pending", 2, "answered 302, and redirects are not followed", False),
        ("pending", 3, "answered 404", False),
        ("delivered", 4, None, True),
    ]
    assert [(path, headers["webhook-id"]) for path, headers, _ in receiver.got] == [("/hook?a=1", job(1).id)] * 4


def test_the_delays_grow_to_hours_and_end_after_two_days() -> None:
    delays = [delay(attempt).total_seconds() for attempt in range(1, MAX_ATTEMPTS)]
    assert 4 < delays[0] < 6 and sorted(delays[:7]) == delays[:7]
    assert max(delays) < 9 * 3600 and 36 * 3600 < sum(delays) < 60 * 3600


def test_what_is_given_up_can_be_sent_again(
    store: Store, hooks: Webhooks, clock: Clock, deliver: Callable[[], None]
) -> None:
    with receiving(*[503] * MAX_ATTEMPTS) as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        tell(store, job(1))
        for _ in range(MAX_ATTEMPTS + 3):
            deliver()
            clock.now += timedelta(hours=9)
        (made,) = waiting(hooks, hook.id)
        assert (made.state, made.attempts, made.due) == ("failed", MAX_ATTEMPTS, None)
        assert len(receiver.got) == MAX_ATTEMPTS
        again = hooks.redeliver(made.id, hook.id)
        assert (again.state, again.attempts, again.error) == ("pending", 0, None)
        deliver()
        assert waiting(hooks, hook.id)[0].state is DeliveryState.DELIVERED
        for id, of in (("dlv_none", None), (made.id, "wh_other")):
            with pytest.raises(NotFound):
                hooks.redeliver(id, of)


def test_a_webhook_that_nothing_reaches_for_long_is_disabled_until_it_is_enabled(
    store: Store, hooks: Webhooks, clock: Clock, deliver: Callable[[], None]
) -> None:
    with receiving(*[500] * 100) as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        begun = clock.now
        number = 0
        while hooks.every()[0].disabled is None:
            tell(store, job(number := number + 1))
            deliver()
            clock.now += timedelta(hours=25)
            assert number < 20
        assert clock.now - begun > PATIENCE
        since = begun.isoformat(timespec="seconds")
        assert hooks.every()[0].reason == f"nothing has reached it since {since}"
        tell(store, job(100))
        sent = len(receiver.got)
        deliver()
        assert (len(receiver.got), job(100).id in [d.event for d in waiting(hooks, hook.id)]) == (sent, False)
        receiver.statuses.clear()
        assert hooks.enable(hook.id).disabled is None
        deliver()
        assert len(receiver.got) > sent


def test_what_failed_before_a_quiet_time_does_not_count(
    store: Store, hooks: Webhooks, clock: Clock, deliver: Callable[[], None]
) -> None:
    with receiving(*[500] * (MAX_ATTEMPTS + 2)) as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        tell(store, job(1))
        for _ in range(MAX_ATTEMPTS):
            deliver()
            clock.now += timedelta(hours=9)
        assert waiting(hooks, hook.id)[0].state is DeliveryState.FAILED
        clock.now += PATIENCE
        tell(store, job(2))
        deliver()
        assert (hooks.every()[0].disabled, hooks.every()[0].failing_since) == (
            None,
            clock.now.isoformat(timespec="seconds"),
        )
        for _ in range(2):
            clock.now += timedelta(hours=9)
            deliver()
        assert waiting(hooks, hook.id)[1].state is DeliveryState.DELIVERED


def test_a_receiver_that_does_not_answer_holds_the_others_up_once_a_minute(
    store: Store, hooks: Webhooks, clock: Clock
) -> None:
    silent, _ = hooks.add("https://silent.example/", (JOB,), "Ann")
    hooks.add("https://hooks.example/", (JOB,), "Ann")
    tell(store, *(job(n) for n in range(40)))
    outbox = Outbox(store.database)

    def round_of(count: int) -> list[str]:
        """Where a round's deliveries went."""
        due = outbox.claim(clock.now, clock.now + timedelta(minutes=1), count)
        for outgoing in due:
            error, again = ("no answer", 5) if outgoing.url == silent.url else (None, None)
            later = again and (clock.now + timedelta(seconds=again)).isoformat(timespec="seconds")
            outbox.settle(outgoing.id, Result(clock.now.isoformat(), None, error, later), clock.now - PATIENCE)
        return sorted({outgoing.url for outgoing in due})

    both = sorted(hook.url for hook in hooks.every())
    assert round_of(16) == both
    clock.now += timedelta(seconds=10)
    assert [round_of(16), round_of(16), round_of(16)] == [[both[0]], [both[0]], []]
    assert {delivery.attempts for delivery in waiting(hooks, silent.id)} == {0, 1}
    clock.now += timedelta(minutes=1)
    assert round_of(16) == [silent.url]


def test_a_receiver_that_says_gone_is_told_nothing_more(
    store: Store, hooks: Webhooks, deliver: Callable[[], None]
) -> None:
    with receiving(410) as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        tell(store, job(1))
        deliver()
        tell(store, job(2))
        deliver()
        assert [d.state for d in waiting(hooks, hook.id)] == ["failed"]
        assert hooks.every()[0].reason == "it wants no more events"


def test_what_a_dead_process_had_in_hand_is_sent_by_another(
    store: Store, hooks: Webhooks, clock: Clock, receiver: Receiver, deliver: Callable[[], None]
) -> None:
    hooks.add(receiver.url(), (JOB,), "Ann")
    tell(store, job(1))
    outbox = Outbox(store.database)
    (taken,) = outbox.claim(clock.now, clock.now + timedelta(seconds=60), 10)
    assert taken.event == job(1)
    deliver()
    assert receiver.got == []  # it is in the hands of the first
    clock.now += timedelta(seconds=61)
    deliver()
    assert [headers["webhook-id"] for _, headers, _ in receiver.got] == [job(1).id]


def test_deliveries_are_forgotten_after_a_month_but_not_what_waits(
    store: Store, hooks: Webhooks, clock: Clock, deliver: Callable[[], None]
) -> None:
    with receiving() as receiver:
        hook, _ = hooks.add(receiver.url(), (JOB,), "Ann")
        tell(store, job(1))
        deliver()
    tell(store, job(2))
    Outbox(store.database).prune(clock.now + timedelta(days=1))
    assert [d.event for d in waiting(hooks, hook.id)] == [job(2).id]


def told_of(hooks: Webhooks, id: str, store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.database.reading() as connection:
        rows = connection.execute(text("SELECT type, data FROM events ORDER BY seq")).all()
    assert len(rows) == len(waiting(hooks, id))
    return [(row.type, json.loads(row.data)) for row in rows]


def save(store: Store, published: str, sentence: str, *names: str) -> None:
    """Add a report of each name with the sentence, and make the findings of all that is stored."""
    for name in names:
        metadata = Metadata(publisher=name, published=published)
        document = make_document(f"{sentence} That was {name}.", source=name, metadata=metadata)
        store.save(make_analysis(document, kinds=("driver", "other")))
    ids = [document.id for document in store.documents().items]
    store.replace_findings(make_consolidation(make_claims(store.analysis(id) for id in ids)))


def test_findings_that_appear_or_change_state_are_told_and_what_was_before_is_not(
    store: Store, hooks: Webhooks
) -> None:
    save(store, "2020-06", "Costs rise.", *(f"old {number}" for number in range(12)))
    save(store, "2022-06", "Demand grows.", *(f"new {number}" for number in range(6)))
    hook, _ = hooks.add("https://hooks.example/", (APPEARED, CHANGED), "Ann")
    save(store, "2022-06", "Demand grows.", "new 0")
    assert told_of(hooks, hook.id, store) == []
    found = {f.title: f.id for f in store.findings(FindingFilter()).items}
    # A later report makes what was new a thing of the past, though its finding is as it was.
    save(store, "2023-09", "Rules change.", "late")
    told = told_of(hooks, hook.id, store)
    (late,) = {f.id for f in store.findings(FindingFilter()).items} - set(found.values())
    common: dict[str, Any] = {"kind": "driver", "aspect": "technology"}
    assert ("finding.appeared", {**common, **LATE, "finding": late}) in told
    assert ("finding.changed_state", {**common, **PAST, "finding": found["Demand grows."]}) in told
    assert len(told) == 2
    save(store, "2023-09", "Rules change.", "late")
    assert told_of(hooks, hook.id, store) == told


LATE = {"title": "Rules change.", "documents": 1, "sources": 1, "state": "insufficient evidence"}
PAST = {"title": "Demand grows.", "documents": 6, "sources": 6, "state": "insufficient evidence", "before": "new"}


def test_there_is_an_end_to_webhooks(store: Store, hooks: Webhooks) -> None:
    for number in range(MAX_WEBHOOKS):
        hooks.add(f"https://h{number}.example/", (JOB,), "Ann")
    with pytest.raises(BadTarget):
        hooks.add("https://one-more.example/", (JOB,), "Ann")
    hooks.remove(hooks.every()[0].id)
    hooks.add("https://one-more.example/", (JOB,), "Ann")


def test_deliveries_are_read_page_by_page(store: Store, hooks: Webhooks) -> None:
    one, two = (hooks.add(f"https://{name}.example/", (JOB,), "Ann")[0] for name in ("a", "b"))
    tell(store, job(1), job(2))
    page = hooks.deliveries(one.id, PageRequest(1))
    assert (len(page.items), page.total) == (1, 2)
    assert [d.event for d in hooks.deliveries(one.id, PageRequest(1, page.next_cursor)).items] == [job(1).id]
    with pytest.raises(BadCursor):
        hooks.deliveries(two.id, PageRequest(1, page.next_cursor))


def test_an_event_that_is_too_large_is_a_mistake_of_the_code() -> None:
    with pytest.raises(ValueError, match="has more than"):
        Event.of(JOB, ("job_1",), NOON, {"results": "x" * MAX_BODY})


def test_webhooks_on_the_command_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("http://127.0.0.1:9/", "https://10.0.0.1/"):
        refused = run("webhooks", "add", url, "--event", "job.finished")
        assert (refused.exit_code, refused.stdout) == (2, "")
    assert run("webhooks", "add", "https://8.8.8.8/").exit_code == 2
    monkeypatch.setenv("TRENDNLP_WEBHOOK_HOSTS", "127.0.0.1")
    added = run("webhooks", "add", "http://127.0.0.1:9/", "--event", "job.finished", "--event", "finding.appeared")
    assert (added.exit_code, added.stdout[:6]) == (0, "whsec_")
    (hook,) = records(run("webhooks", "list", "--format", "jsonl").stdout)
    assert (hook["url"], hook["events"]) == ("http://127.0.0.1:9/", ["finding.appeared", "job.finished"])
    assert added.stdout.strip() not in run("webhooks", "list").stdout
    id = str(hook["id"])
    with Store.open(f"sqlite:///{home / 'home' / 'trendnlp.sqlite'}") as store:
        tell(store, job(1))
    (made,) = records(run("webhooks", "deliveries", id, "--format", "jsonl").stdout)
    assert (made["type"], made["state"]) == ("job.finished", "pending")
    assert run("webhooks", "redeliver", str(made["id"])).exit_code == 0
    assert run("webhooks", "enable", id).exit_code == 0
    assert run("webhooks", "remove", id).exit_code == 0
    assert run("webhooks", "deliveries", id).exit_code == 3
