"""Jobs: many documents that the service works on while nobody waits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from trendnlp.client.transport import Transport, lines_of
from trendnlp.client.values import value_of

ENDED = frozenset(("succeeded", "partial", "failed", "cancelled"))
NDJSON = "application/x-ndjson"
END = "end"  # the last event of a job
RECONNECT = 2.0  # seconds after which a stream that was closed is asked for again
WAIT_SECONDS = 20  # that one request waits at the service for a job to end
SILENCE = 45.0  # seconds; the service sends something at least every 15 while it tells of events


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a job: its text, a name for it, what is known of it (title, publisher, published, market,
    geography, language), and the caller's own id, which comes back with its result.
    """

    text: str
    source: str | None = None
    custom_id: str | None = None
    known: Mapping[str, str] | None = None

    @property
    def line(self) -> str:
        given = {"text": self.text, "source": self.source, "custom_id": self.custom_id, **(self.known or {})}
        return json.dumps({name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Job:
    """How a job stands: ``queued``, ``running``, ``cancelling``, or ended as ``succeeded``, ``partial``, ``failed`` or
    ``cancelled``. ``counts`` are its documents by what became of them.
    """

    id: str
    state: str
    counts: dict[str, int]
    expires_at: str | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True, slots=True)
class JobEvent:
    """Something that happened to a job: its name, and its data as the service sends them."""

    event: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of one document of a job. ``line`` is all that the service says of it, ``problem`` why it failed."""

    custom_id: str | None
    problem: dict[str, Any] | None
    line: dict[str, Any]


class Jobs:
    """The jobs of a service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def submit(self, items: Iterable[Item], *, key: str | None = None) -> Job:
        """Hand documents over. With the same ``key`` (Idempotency-Key) and items, the job is made once."""
        body = "".join(item.line + "\n" for item in items).encode()
        headers = {"Content-Type": NDJSON}
        return value_of(Job, self._transport.send("POST", "/v1/jobs", key=key, content=body, headers=headers))

    def get(self, id: str, *, wait: int | None = None) -> Job:
        """How a job stands; with ``wait``, the answer may take so many seconds, until it has ended."""
        timeout = self._transport.timeout(after=wait or 0)
        return value_of(Job, self._transport.send("GET", _path(id), params={"wait": wait}, timeout=timeout))

    def wait(self, id: str) -> Job:
        """The job once it has ended."""
        while not (job := self.get(id, wait=WAIT_SECONDS)).ended:
            pass
        return job

    def cancel(self, id: str) -> Job:
        """Have the service stop working on a job; what is done stays."""
        return value_of(Job, self._transport.send("POST", _path(id, "cancel")))

    def retry(self, id: str) -> Job:
        """Have the documents done again that failed, and only these; raises Conflicting, Gone."""
        return value_of(Job, self._transport.send("POST", _path(id, "retry")))

    def events(self, id: str) -> Iterator[JobEvent]:
        """What happens to a job, as it happens, until it has ended. Where the service closes the stream before, as it
        does with long ones, another goes on after the last event.
        """
        seen = ""
        while True:
            name, data, id_of = "message", "", seen
            headers = {"Last-Event-ID": seen} if seen else {}
            told = self._transport.stream(
                _path(id, "events"), accept="text/event-stream", headers=headers, silence=SILENCE
            )
            with told as chunks:
                for line in lines_of(chunks):
                    field, _, value = line.partition(":")
                    value = value.removeprefix(" ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        data += value
                    elif field == "id":
                        id_of = value
                    elif not line and data:
                        yield JobEvent(name, json.loads(data))
                        if name == END:
                            return
                        name, data, seen = "message", "", id_of
            self._transport.pause(RECONNECT)

    def results(self, id: str) -> Iterator[JobResult]:
        """One result a document, as they come. Raises Conflicting while the job has not ended, Gone once the results
        are no longer kept.
        """
        with self._transport.stream(_path(id, "results"), accept=NDJSON) as chunks:
            for line in filter(None, lines_of(chunks)):
                told = json.loads(line)
                yield JobResult(told.get("custom_id"), told.get("problem"), told)


def _path(*parts: str) -> str:
    return "/v1/jobs/" + "/".join(quote(part, safe="") for part in parts)
