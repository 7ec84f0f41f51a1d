"""What documents are compared by, their copies, and the sources behind findings."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _document(name: str = "document") -> Column[int]:
    return Column(name, BigInteger, ForeignKey("documents.seq", ondelete="CASCADE"), primary_key=True)


def _of_finding() -> tuple[Column[str], Column[int]]:
    finding = Column("finding", Text, ForeignKey("findings.id", ondelete="CASCADE"), primary_key=True)
    return finding, Column("position", BigInteger, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_index("documents_by_date", "documents", ["published"])
    op.create_table("sketches", _document(), Column("fingerprints", BigInteger, nullable=False))
    op.create_table(
        "fingerprints",
        Column("value", BigInteger, primary_key=True, autoincrement=False),
        _document(),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_fingerprints_document", "fingerprints", ["document"])
    op.create_table(
        "copies",
        _document(),
        _document("other"),
        Column("share", Double, nullable=False),
        Column("jaccard", Double, nullable=False),
    )
    op.create_index("ix_copies_other", "copies", ["other"])
    op.add_column("findings", Column("publishers", BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "backing",
        *_of_finding(),
        Column("document", Text, nullable=False),
        Column("origin", BigInteger, nullable=False),
        Column("publisher", Text),
        Column("month", Text),
    )
    op.create_table(
        "joins",
        *_of_finding(),
        Column("a", Text, nullable=False),
        Column("b", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("share", Double),
        Column("words", BigInteger),
    )
    # Findings from before do not know their sources: the next refresh makes them again.
    op.execute("DELETE FROM state WHERE name = 'consolidated revision'")
