"""``trendnlp copy-workspace``: the workspace's database into another one."""

from __future__ import annotations

from trendnlp.cli.output import say
from trendnlp.settings import Settings
from trendnlp.store.database import Database
from trendnlp.store.files import require_there
from trendnlp.store.transfer import open_target, transfer

_TOLD_EVERY = 10_000  # rows of a table


def run(settings: Settings, to: str) -> int:
    require_there(settings.store_url)
    source = Database.open(settings.store_url)
    try:
        target = open_target(to)
        try:
            done = transfer(source, target, _Progress())
        finally:
            target.close()
    finally:
        source.close()
    for copied in done:
        print(f"{copied.table:20} {copied.rows:>12,} rows  sha256 {copied.digest}")
    say(f"{sum(copied.rows for copied in done):,} rows in {len(done)} tables of {target.name}, compared and equal")
    return 0


class _Progress:
    """Says how far a table is, now and then."""

    def __init__(self) -> None:
        self._told = ("", 0)

    def __call__(self, table: str, rows: int) -> None:
        name, last = self._told
        if table != name or rows - last >= _TOLD_EVERY:
            self._told = (table, rows)
            say(f"{table}: {rows:,} rows")
