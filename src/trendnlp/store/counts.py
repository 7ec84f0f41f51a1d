"""How much is stored. Functions over an open transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from trendnlp.store.schema import documents, findings


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored. ``claims`` are the statements whose kind is not ``other``."""

    documents: int
    statements: int
    claims: int
    findings: int


def count(connection: Connection) -> Counts:
    of = documents.c
    sums = select(func.count(), func.sum(of.statements), func.sum(of.claims)).select_from(documents)
    n_documents, n_statements, n_claims = connection.execute(sums).one()
    n_findings = connection.execute(select(func.count()).select_from(findings)).scalar_one()
    return Counts(n_documents, int(n_statements or 0), int(n_claims or 0), n_findings)
