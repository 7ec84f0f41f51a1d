"""Lists that stay as they were: how long, and how many of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trendnlp.errors import NotFound
from trendnlp.store import Store
from trendnlp.store.pins import LASTS, MOST, pin, pinned

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_list_stays_for_a_day_and_only_the_newest_of_a_purpose_are_kept(url: str) -> None:
    """Whoever may read may ask for as many as he likes."""
    with Store.open(url) as store, store.database.writing() as connection:
        other = pin(connection, "preview", [0], NOON)
        tokens = [pin(connection, "queue", [n], NOON + timedelta(seconds=n)) for n in range(MOST + 1)]
        with pytest.raises(NotFound):
            pinned(connection, "queue", tokens[0])
        assert [pinned(connection, "queue", token) for token in (tokens[1], tokens[-1])] == [[1], [MOST]]
        assert pinned(connection, "preview", other) == [0]

        pin(connection, "queue", [], NOON + LASTS + timedelta(seconds=1))
        with pytest.raises(NotFound):
            pinned(connection, "preview", other)
        assert pinned(connection, "queue", tokens[-1]) == [MOST]
