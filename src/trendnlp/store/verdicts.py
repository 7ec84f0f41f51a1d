"""Verdicts on pairs that need not be asked for again. Functions over an open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from trendnlp.relations import Verdict, verdict_of, verdict_values
from trendnlp.store.engine import chunks, upsert
from trendnlp.store.schema import verdicts


def known(connection: Connection, rule: str) -> dict[bytes, Verdict]:
    rows = connection.execute(select(verdicts.c.pair, verdicts.c.verdict).where(verdicts.c.rule == rule))
    return {row.pair: verdict_of(row.verdict) for row in rows}


def remember(connection: Connection, rule: str, learnt: Mapping[bytes, Verdict], forgotten: Iterable[bytes]) -> None:
    for chunk in chunks(forgotten):
        connection.execute(delete(verdicts).where(verdicts.c.pair.in_(chunk)))
    rows = [{"pair": pair, "rule": rule, "verdict": verdict_values(v)} for pair, v in learnt.items()]
    if rows:
        connection.execute(upsert(verdicts, "pair"), rows)


def forget_others(connection: Connection, rule: str) -> None:
    connection.execute(delete(verdicts).where(verdicts.c.rule != rule))
