"""The thread that sends what is due to webhooks, signed as Standard Webhooks ask for."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

import httpx
from standardwebhooks import Webhook

from trendnlp import __version__
from trendnlp.delivery.addresses import Target, parse, resolve
from trendnlp.errors import BadTarget, TrendnlpError
from trendnlp.store import Outbox
from trendnlp.store.outbox import GONE, Outgoing, Result

log = logging.getLogger("trendnlp.delivery")

POLL_SECONDS = 2.0
ATTEMPT_SECONDS = 15  # for name, connection, sending and the head of the answer together
LEASE = timedelta(seconds=60)  # after which what a process had in hand when it died falls due again
AT_ONCE = 16
FIRST_DELAY, GROWTH, LONGEST_DELAY = 5.0, 4.0, 8 * 3600.0  # seconds from one attempt to the next
JITTER = 0.1  # share of a delay, so that what failed together does not come back together
MAX_ATTEMPTS = 12  # about two days
PATIENCE = timedelta(days=5)  # of a webhook that nothing reaches, before it is disabled
KEPT = timedelta(days=30)  # what became of deliveries
PRUNE_SECONDS = 3600


class Courier:
    """Sends what is due in the outbox, from ``start`` to ``stop``. Any number may work on one database: each takes
    deliveries for itself before it sends them. ``named`` are hosts that may be private.
    """

    def __init__(
        self, outbox: Outbox, named: Collection[str] = (), now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._outbox = outbox
        self._named = tuple(named)
        self._now = now
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="trendnlp-courier", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended. What it has in hand is broken off, and falls due again later."""
        self._ready.wait()
        assert self._loop is not None and self._task is not None
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        pruned = self._now()
        try:
            while True:
                try:
                    busy = await self.send_due()
                    if self._now() - pruned > timedelta(seconds=PRUNE_SECONDS):
                        pruned = self._now()
                        self._outbox.prune(pruned - KEPT)
                except Exception:
                    log.exception("the outbox cannot be worked on")
                    busy = False
                if not busy:
                    await asyncio.sleep(POLL_SECONDS)
        except asyncio.CancelledError:
            return

    async def send_due(self) -> bool:
        """One round: take what is due, send it all at once, and note what came of each. False where nothing was due."""
        now = self._now()
        due = self._outbox.claim(now, now + LEASE, AT_ONCE)
        if not due:
            return False
        # No connection outlives its delivery: the next one's name may stand for another address. Proxies of the
        # environment would resolve the name themselves.
        limits = httpx.Limits(max_keepalive_connections=0)
        timeout = httpx.Timeout(ATTEMPT_SECONDS)
        async with httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as client:
            await asyncio.gather(*(self._deliver(client, outgoing) for outgoing in due))
        return True

    async def _deliver(self, client: httpx.AsyncClient, outgoing: Outgoing) -> None:
        status: int | None = None
        error: str | None = None
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                status = await self._post(client, outgoing)
        except TimeoutError:
            error = f"no answer in {ATTEMPT_SECONDS} s"
        except BadTarget as refused:
            error = refused.reason
        except (httpx.HTTPError, OSError) as failure:
            error = type(failure).__name__  # its words may hold what the receiver sent
        if status is not None and not 200 <= status < 300:
            error = f"answered {status}" + (", and redirects are not followed" if 300 <= status < 400 else "")
        self._settle(outgoing, status, error)

    async def _post(self, client: httpx.AsyncClient, outgoing: Outgoing) -> int:
        """The status of the answer, whose body is not read."""
        target: Target = parse(outgoing.url, self._named)
        address = await resolve(target)
        now, body = self._now(), outgoing.event.body
        headers = {
            "Host": target.url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": f"trendnlp/{__version__}",
            "webhook-id": outgoing.event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(outgoing.secret).sign(outgoing.event.id, now, body.decode("ascii")),
        }
        # the certificate is that of the name, not of the address
        names = {"sni_hostname": target.host}
        request = client.build_request("POST", target.at(address), headers=headers, content=body, extensions=names)
        response = await client.send(request, stream=True)
        await response.aclose()
        return response.status_code

    def _settle(self, outgoing: Outgoing, status: int | None, error: str | None) -> None:
        now = self._now()
        again = error is not None and status != GONE and outgoing.attempt < MAX_ATTEMPTS
        due = (now + delay(outgoing.attempt)).isoformat(timespec="seconds") if again else None
        result = Result(now.isoformat(timespec="seconds"), status, error, due)
        try:
            self._outbox.settle(outgoing.id, result, now - PATIENCE)
        except TrendnlpError:
            log.exception("what came of the delivery %s cannot be noted; it is made again", outgoing.id)


def delay(attempt: int) -> timedelta:
    """How long to wait after the ``attempt``-th attempt, of which the first is 1."""
    seconds = min(FIRST_DELAY * GROWTH ** (attempt - 1), LONGEST_DELAY)
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))
