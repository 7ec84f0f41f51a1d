"""What a run has found out about pairs of statements, kept in its work folder: a run that was cut off, or one with more
documents, judges only the pairs that are new.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trendnlp.errors import OutputError
from trendnlp.relations import Verdict, verdict_of, verdict_values

TABLES = "CREATE TABLE IF NOT EXISTS verdicts (pair BLOB PRIMARY KEY, rule TEXT, verdict TEXT) WITHOUT ROWID"


class Verdicts:
    """Verdicts under one ``rule``, in a database at ``path``; those under another rule are dropped, and a file that is
    damaged is begun anew.
    """

    def __init__(self, path: Path, rule: str) -> None:
        self._path = path
        self._rule = rule
        try:
            self._connection, self._known = _opened(path, rule)
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            self._connection, self._known = _opened(path, rule)

    def known(self) -> dict[bytes, Verdict]:
        """All that were there at first, by pair. They are given once, and not held."""
        rows, self._known = self._known, []
        return {pair: verdict_of(json.loads(text)) for pair, text in rows}

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """Keep verdicts, by pair, all or none; raises OutputError where they cannot be written."""
        rows = ((pair, self._rule, json.dumps(verdict_values(verdict))) for pair, verdict in verdicts.items())
        with self._writing():
            self._connection.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", rows)

    def forget(self, pairs: Iterable[bytes]) -> None:
        """Drop the verdicts on ``pairs``; raises OutputError."""
        with self._writing():
            self._connection.executemany("DELETE FROM verdicts WHERE pair = ?", ((pair,) for pair in pairs))

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._connection:
                yield
        except sqlite3.Error as error:
            raise OutputError(str(self._path), str(error), "Make room, or choose a folder you may write to.") from error


def _opened(path: Path, rule: str) -> tuple[sqlite3.Connection, list[tuple[bytes, str]]]:
    """The database, and what it holds."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(TABLES)
            connection.execute("DELETE FROM verdicts WHERE rule != ?", (rule,))
        return connection, connection.execute("SELECT pair, verdict FROM verdicts").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
