"""Exports that somebody reads slowly."""

from __future__ import annotations

from pathlib import Path

from builders import make_analysis

from trendnlp.actions import Action
from trendnlp.review import Draft
from trendnlp.store import Store
from trendnlp.store.limits import CONNECTIONS


def test_exports_that_are_read_slowly_keep_nobody_from_reading(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite'}") as store:
        for text in ("Costs rise. Demand grows.", "Staff is scarce."):
            analysis = make_analysis(text)
            store.save(analysis)
            for labelled in analysis.statements:
                store.add_review(Draft(Action.ACCEPT, (labelled.statement.id,), "Ann"))
        logs = [store.judging.log() for _ in range(CONNECTIONS)]
        judged = [store.judging.judged() for _ in range(CONNECTIONS)]
        assert {next(log).review.number for log in logs} == {1}
        assert {next(items).labelled.statement.text for items in judged} == {"Costs rise."}
        assert store.counts().documents == 2

        store.delete_document(analysis.document.id)
        assert [[r.review.number for r in log] for log in logs] == [[2, 3]] * CONNECTIONS
        assert [[j.labelled.statement.text for j in items] for items in judged] == [["Demand grows."]] * CONNECTIONS
