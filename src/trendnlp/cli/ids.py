"""Ids as people give them: a finding's where statements are wanted."""

from __future__ import annotations

from trendnlp.merging import FINDING, finding_of
from trendnlp.store import Store


def head_of(store: Store, id: str) -> str:
    """A finding stands for its head."""
    return finding_of(store, id).head if id.startswith(FINDING) else id
