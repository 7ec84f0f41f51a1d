"""Workers that are killed at any moment, and several at once: nothing is lost, doubled or done twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from job_site import FastSite, ended, office, stored_sources, texts, working

from trendnlp.store import ItemState, JobState, PageRequest
from trendnlp.types import Document

KILLS = 50
AT_ONCE = 2  # documents that one worker has in hand
MOST = 9  # documents of a job: two shards
ALL = PageRequest(limit=500)


@pytest.fixture(scope="module")
def processes() -> Iterator[multiprocessing.context.ForkServerContext]:
    """Processes that have imported all they need when they start, so that most of their life is work."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_jobs_killed"])
    with pytest.MonkeyPatch.context() as patch:
        # what is imported beforehand is looked for here alone
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        yield context


def note(path: Path, line: str) -> None:
    """Append a line, whole or not at all."""
    with path.open("ab", buffering=0) as file:
        file.write(f"{line}\n".encode())


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def serve(home: Path, life: int | None) -> None:
    """Work on jobs and, with a number for its ``life``, submit more of them, until somebody kills this process."""

    def begun(document: Document) -> None:
        note(home / "begun", document.source)

    with office(home) as (store, jobs), working(store, home, FastSite(store, begun)):
        for number in count() if life is not None else ():
            assert life is not None
            size = 2 if number else MOST if life % 5 == 0 else 3
            job = jobs.submit(texts(size, start=life * 100_000 + number * MOST))
            note(home / "accepted", f"{job.id} {size}")
            time.sleep(0.3)
        threading.Event().wait()


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join()


def test_fifty_kills_lose_no_document_double_none_and_do_none_again_that_was_done(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    moments = random.Random(20)
    with office(tmp_path):  # the tables are made
        pass
    for life in range(KILLS):
        process = processes.Process(target=serve, args=(tmp_path, life))
        process.start()
        if life % 2:  # in the midst of work, however slow the machine is; the others anywhere from their start on
            done = len(lines(tmp_path / "begun"))
            while len(lines(tmp_path / "begun")) == done:
                assert process.is_alive()
                time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.5))
        kill(process)

    accepted = lines(tmp_path / "accepted")
    assert len(accepted) >= KILLS / 2
    with office(tmp_path) as (store, jobs), working(store, tmp_path):
        there = {job.id: job.counts.total for job in jobs.jobs(ALL).items}
        assert set(accepted) <= {f"{id} {total}" for id, total in there.items()}
        for id in there:
            assert ended(jobs, id).state is JobState.SUCCEEDED
        results = [item for id in there for item in jobs.results(id, ALL).items]
        assert {(item.state, item.known, item.statements) for item in results} == {(ItemState.DONE, False, 2)}
        assert len(results) == sum(there.values())
        assert len({item.source for item in results}) == len({item.document for item in results}) == len(results)
        assert store.counts().documents == len(results)
        assert store.is_consolidated()
    begun = Counter(lines(tmp_path / "begun"))
    assert sum(begun.values()) - len(begun) <= KILLS * AT_ONCE


def test_two_workers_share_the_work_and_do_nothing_twice(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    with office(tmp_path) as (store, jobs):
        workers = [processes.Process(target=serve, args=(tmp_path, None)) for _ in range(2)]
        for worker in workers:
            worker.start()
        submitted = [jobs.submit(texts(16, start=100 * n)) for n in range(8)]
        for job in submitted:
            done = ended(jobs, job.id)
            assert (done.state, done.counts.done) == (JobState.SUCCEEDED, 16)
        for worker in workers:
            kill(worker)
        assert Counter(Counter(lines(tmp_path / "begun")).values()) == {1: 128}
        assert len(stored_sources(store)) == 128


def test_a_worker_takes_over_what_a_killed_one_had_in_hand(
    tmp_path: Path, processes: multiprocessing.context.ForkServerContext
) -> None:
    with office(tmp_path) as (store, jobs):
        job = jobs.submit(texts(40))
        first = processes.Process(target=serve, args=(tmp_path, None))
        first.start()
        while not jobs.job(job.id).counts.done:
            time.sleep(0.01)
        os.kill(first.pid or 0, 9)
        first.join()
        assert not jobs.job(job.id).ended
        with working(store, tmp_path):
            assert ended(jobs, job.id).counts.done == 40
        assert len(stored_sources(store)) == 40
