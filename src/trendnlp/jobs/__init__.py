"""Durable jobs: many documents at once, in the background, whatever becomes of the process.

A job is accepted when its documents are in the store's own tables. A worker hands out shards of it, by tickets, to a
queue (``port``), which gives each to one worker, and again where that one died. The queue knows tickets alone: what a
ticket does is safe to do twice, or half, or too late.
"""

from __future__ import annotations

from trendnlp.jobs.intake import Part, documents_of
from trendnlp.jobs.lives import LEASE, here, is_dead
from trendnlp.jobs.monitor import Monitor
from trendnlp.jobs.port import Queue, Seen, Site, Standing, Step
from trendnlp.jobs.records import item_record, job_record
from trendnlp.jobs.terms import terms_of
from trendnlp.jobs.work import Work
from trendnlp.jobs.worker import Worker

__all__ = [
    "LEASE",
    "Monitor",
    "Part",
    "Queue",
    "Seen",
    "Site",
    "Standing",
    "Step",
    "Work",
    "Worker",
    "documents_of",
    "here",
    "is_dead",
    "item_record",
    "job_record",
    "terms_of",
]
