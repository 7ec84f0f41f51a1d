"""What a run has found out about pairs of statements, kept in its work folder: a run that was cut off, or one with more
documents, judges only the pairs that are new.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from trendnlp.relations import Verdict, verdict_of, verdict_values

TABLES = "CREATE TABLE IF NOT EXISTS verdicts (pair BLOB PRIMARY KEY, rule TEXT, verdict TEXT) WITHOUT ROWID"


class Verdicts:
    """Verdicts under one ``rule``, in a database at ``path``; those under another rule are dropped."""

    def __init__(self, path: Path, rule: str) -> None:
        self._rule = rule
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(TABLES)
        self._connection.execute("DELETE FROM verdicts WHERE rule != ?", (rule,))

    def known(self) -> dict[bytes, Verdict]:
        """All of them, by pair."""
        rows = self._connection.execute("SELECT pair, verdict FROM verdicts")
        return {pair: verdict_of(json.loads(text)) for pair, text in rows}

    def add(self, verdicts: Mapping[bytes, Verdict], forgotten: Iterable[bytes] = ()) -> None:
        """Keep verdicts, by pair, and drop those of ``forgotten`` pairs, both or neither."""
        rows = ((pair, self._rule, json.dumps(verdict_values(verdict))) for pair, verdict in verdicts.items())
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", rows)
        self._connection.executemany("DELETE FROM verdicts WHERE pair = ?", ((pair,) for pair in forgotten))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
