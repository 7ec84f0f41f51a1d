"""What the routes of statements answer with."""

from __future__ import annotations

from trendnlp.web.schemas import Document, Page, Quote, Record, Statement


class StatementsPage(Page):
    """Statements by document in the order of adding, then in text order; those of a finding the nearest to its head
    first."""

    items: list[Statement]


class Passage(Record):
    """A stretch of a document's text."""

    start: int
    end: int
    text: str


class Context(Record):
    """A statement and the text around it, the statements right before and after it in text order, and its document."""

    statement: Statement
    before: list[Statement]
    after: list[Statement]
    document: Document
    passage: Passage
    quote: Quote
