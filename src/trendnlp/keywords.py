"""Keyword rules: the baseline that every model must beat. Headings decide first, then cue words in the statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trendnlp.types import OTHER, Statement

HEADING_CUES = (
    ("opportunity", re.compile(r"\bopportunit|\bprospects?\b", re.I)),
    ("challenge", re.compile(r"\bchallenge|\brestrain|\bbarrier|\bthreat|\brisks?\b", re.I)),
    ("driver", re.compile(r"\bdriver|\bdriving|\bgrowth factor", re.I)),
    ("trend", re.compile(r"\btrends?\b", re.I)),
)
STATEMENT_CUES = (
    ("opportunity", re.compile(r"\bopportunit|\buntapped|\blucrative|\bpotential\b", re.I)),
    ("challenge", re.compile(r"\bhamper|\bhinder|\bbarrier|\bshortage|\bchalleng|\bconcern|\brisk|\bhigh cost", re.I)),
    ("driver", re.compile(r"\bdriv(?:e[ns]?|ing)\b|\bboost|\bfuel(?:l?ed|s|l?ing)\b|\bowing to\b|\bdue to\b", re.I)),
    ("trend", re.compile(r"\btrend|\bincreasingly\b|\bgaining\b|\bemerging\b|\bshift|\badopt|\bgrowing\b", re.I)),
)


def keyword_kinds(statements: Sequence[Statement]) -> tuple[str, ...]:
    """One kind a statement, in order."""
    return tuple(_kind(s) for s in statements)


def _kind(statement: Statement) -> str:
    for heading in reversed(statement.headings):
        for kind, cue in HEADING_CUES:
            if cue.search(heading):
                return kind
    for kind, cue in STATEMENT_CUES:
        if cue.search(statement.text):
            return kind
    return OTHER
