"""Saving a document with what hangs on it: copies, decisions, the revision. A function over an open transaction."""

from __future__ import annotations

from sqlalchemy import Connection

from trendnlp.store import copies, documents, judgements, state
from trendnlp.store.documents import Saved
from trendnlp.syndication import Hashes
from trendnlp.types import Analysis


def save(
    connection: Connection, analysis: Analysis, fingerprint: documents.Fingerprint, hashes: Hashes, added: str
) -> Saved:
    """Store ``analysis``, whose document was ``added`` then if it is new; returns what that changed."""
    saved = documents.save(connection, analysis, fingerprint, added)
    if saved in (Saved.ADDED, Saved.UPDATED):
        copies.compare(connection, analysis.document, hashes)
    if saved is not Saved.UNCHANGED:
        judgements.saved(connection, analysis)
        state.count_change(connection, analysis.document.id)
    return saved
