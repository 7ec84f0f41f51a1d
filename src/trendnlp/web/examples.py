"""Examples for the OpenAPI description. Requests work when pasted; answers have the shape of real ones, and ids of the
right form that no real text has."""

from __future__ import annotations

from typing import Any

from trendnlp.momentum import FORMULA
from trendnlp.records import json_line

_ID_DOC = "doc_0f6a3c1d9b27e4581ac6"
_ID_FIRST = "st_5b1c07d2e89f43aa6b10"
_ID_SECOND = "st_c94e2f7a01d86b35e7f2"
_ID_DRIVER = "find_83d5e0b96a1f4c27d0e9"
_ID_REVIEW = "rev_7d20f5a1c86e4b93d0f2"
_ID_RUN_A = "run_1d94ae57c02b6f38e1a4"
_ID_RUN_B = "run_b7e35f9a4c81d026f5c3"
_ID_CHALLENGE = "find_4f7a92c6e01b8d35a7c2"

_FIRST = "An ageing population is raising the demand for diagnostic imaging."
_SECOND = "High purchase costs keep small clinics from buying new scanners."
_SIZE = "EUR 310 million in 2023"
_TEXT = (
    f"# Imaging Market in Portugal 2024-2030\n\nThe imaging market was worth {_SIZE}.\n\n"
    f"## What moves the market\n\n{_FIRST} {_SECOND}\n"
)
_DESCRIBED = {"title": "Imaging Market in Portugal 2024-2030", "publisher": "Example Research", "published": "2024-05"}

ANALYZE_BODY: dict[str, Any] = {"text": _TEXT, "format": "markdown", **_DESCRIBED}
DOCUMENT_BODY: dict[str, Any] = {**ANALYZE_BODY, "source": "imaging-portugal.md"}


_FACT: dict[str, Any] = {
    "kind": "size",
    "start": _TEXT.index(_SIZE),
    "end": _TEXT.index(_SIZE) + len(_SIZE),
    "text": _SIZE,
    "amount": 310.0,
    "upto": None,
    "scale": 1_000_000,
    "currency": "EUR",
    "since": None,
    "year": 2023,
    "subject": "imaging market",
}


def _document(source: str) -> dict[str, Any]:
    return {
        "id": _ID_DOC,
        "source": source,
        "format": "markdown",
        "title": _DESCRIBED["title"],
        "market": "Imaging",
        "geography": "Portugal",
        "period": "2024-2030",
        "publisher": _DESCRIBED["publisher"],
        "published": _DESCRIBED["published"],
        "language": "en",
        "characters": len(_TEXT),
        "warnings": [],
        "facts": [_FACT],
    }


def _statement(id: str, source: str) -> dict[str, Any]:
    first = id == _ID_FIRST
    text, kind, alt = (_FIRST, "driver", "trend") if first else (_SECOND, "challenge", "other")
    rest = [other for other in ("trend", "other", "challenge", "opportunity", "driver") if other not in (kind, alt)]
    start = _TEXT.index(text)
    return {
        "source": source,
        "document": _ID_DOC,
        "id": id,
        "start": start,
        "end": start + len(text),
        "text": text,
        "headings": ["Imaging Market in Portugal 2024-2030", "What moves the market"],
        "lead_in": None,
        "page": None,
        "box": None,
        "kind": kind,
        "score": 0.92,
        "alt": alt,
        "scores": {kind: 0.92, alt: 0.05, **dict.fromkeys(rest, 0.01)},
        "aspect": "consumer" if first else "economic",
        "finding": _ID_DRIVER if first else _ID_CHALLENGE,
        "judgement": None,
        "selector": [_quote(text), {"type": "TextPositionSelector", "start": start, "end": start + len(text)}],
    }


def _finding(statement: dict[str, Any]) -> dict[str, Any]:
    member = {
        "statement": statement["id"],
        "document": _ID_DOC,
        "source": statement["source"],
        "similarity": 1.0,
        "reason": "head",
    }
    return {
        "id": statement["finding"],
        "kind": statement["kind"],
        "aspect": statement["aspect"],
        "title": statement["text"],
        "head": statement["id"],
        "members": [member],
        "documents": 1,
        "publishers": 1,
        "sources": 1,
        "joined": [],
        "first_seen": _DESCRIBED["published"],
        "last_seen": _DESCRIBED["published"],
        "market": "Imaging",
        "geography": "Portugal",
        "tags": [{"name": "ageing population", "origin": "theme", "score": 0.8316}],
        "ledger": [],
        "apart": [],
        "hidden": [],
    }


def _quote(exact: str) -> dict[str, str]:
    start = _TEXT.index(exact)
    end = start + len(exact)
    prefix, suffix = _TEXT[start - 32 : start], _TEXT[end : end + 32]
    return {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix}


def _page(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next_cursor": None, "total": 1}


_SOURCE = "imaging-portugal.md"
_UNNAMED = [_statement(id, "request") for id in (_ID_FIRST, _ID_SECOND)]
_STORED = _statement(_ID_FIRST, _SOURCE)
_PLACED = _finding(_STORED)["members"][0] | {"record": _STORED, "quote": _quote(_FIRST)}
_LINE = {key: value for key, value in _document(_SOURCE).items() if key not in ("format", "warnings", "facts")}

ANALYSIS = {
    "document": _document("request"),
    "statements": _UNNAMED,
    "findings": [_finding(statement) for statement in _UNNAMED],
}
_COPY = {"document": "doc_7b2e90c4d1f86a35e0b9", "source": "wire-copy.html", "share": 0.93, "jaccard": 0.41}
DOCUMENT = {**_document(_SOURCE), "text": _TEXT, "copies": [_COPY]}
INGESTED = {"document": _document(_SOURCE), "statements": 3, "claims": 2, "duplicate_of": None, "warnings": []}
DUPLICATE = {**INGESTED, "duplicate_of": _ID_DOC}
DOCUMENTS = _page({**_LINE, "statements": 3, "claims": 2, "added": "2024-06-03T09:30:00+00:00"})
STATEMENTS, STATEMENT = _page(_STORED), _STORED
EXPORTED = {
    "text/csv": f"id,kind,score,alt,aspect,text\n{_ID_FIRST},driver,0.92,trend,consumer,{_FIRST}\n",
    "application/x-ndjson": f"{json_line(_STORED)}\n",
}
_OF_FACT = {key: _LINE[key] for key in ("market", "geography", "publisher", "published")}
FACTS = _page({**_FACT, "document": _ID_DOC, "source": _SOURCE, **_OF_FACT})
_STATE = {"state": "rising"}
FINDINGS = _page(_finding(_STORED) | _STATE)
REVIEW_BODY: dict[str, Any] = {"action": "kind", "statements": [_ID_FIRST], "value": "trend", "by": "R. Moreira"}
UNDO_BODY: dict[str, Any] = {"by": "R. Moreira"}
_REVIEWED = {"statements_total": 1, "reading": "open"}
_AT = "2024-06-03T09:45:00+00:00"
REVIEW = {"id": _ID_REVIEW, **REVIEW_BODY, **_REVIEWED, "at": _AT, "undoes": None, "undone": False}
UNDO = {
    **REVIEW,
    "id": "rev_c1a94e07b35d82f6e0a9",
    "action": "undo",
    "value": None,
    "at": "2024-06-03T09:46:00+00:00",
    "undoes": _ID_REVIEW,
}
REVIEWS = _page(REVIEW)
FINDING = {
    **_finding(_STORED),
    "kinds": {"driver": 1},
    "members": [_PLACED],
    "contested": [],
    "split_into": [],
    "history": [],
    **_STATE,
}
COMPARE_BODY: dict[str, Any] = {
    "pairs": [{"a": "Demand for scanners is rising.", "b": "Demand for scanners is falling.", "kind": "trend"}]
}
COMPARISONS = {
    "items": [
        {
            "same": False,
            "relation": "contradicts",
            "ground": "guard",
            "reason": "direction: rising / falling",
            "band": "middle",
            "cosine": 0.9012,
            "score": 0.0213,
            "threshold": 0.62,
            "guards": [{"name": "direction", "a": "rising", "b": "falling", "relation": "contradicts"}],
            "model": "9d3c2f5a0b7e41d8a6c19f4e2b8d7a05c3e1f6b9d2a4870e5c6b3f1a9d8e7c60",
        }
    ]
}
CONTEXT = {
    "statement": _STORED,
    "before": [],
    "after": [_statement(_ID_SECOND, _SOURCE)],
    "document": _document(_SOURCE),
    "passage": {"start": 0, "end": len(_TEXT), "text": _TEXT},
    "quote": _quote(_FIRST),
}
TIMELINE = {
    "finding": _ID_DRIVER,
    "by": "quarter",
    "periods": [
        {"period": "2024-Q1", "documents": 9, "publishers": 7, "sources": 8, "corpus": 20},
        {"period": "2024-Q2", "documents": 3, "publishers": 3, "sources": 3, "corpus": 14},
    ],
    "earlier": {"documents": 0, "publishers": 0, "sources": 0, "corpus": 226},
    "undated": {"documents": 1, "publishers": 0, "sources": 1, "corpus": 3},
    "momentum": {
        "state": "rising",
        "recent": {"first": "2023-06", "last": "2024-05", "sources": 20, "corpus": 100},
        "before": {"first": "2022-06", "last": "2023-05", "sources": 8, "corpus": 100},
        "earlier": {"first": None, "last": "2022-05", "sources": 2, "corpus": 60},
        "ratio": {"ratio": 2.5, "low": 1.0548, "high": 6.5622},
        "overall": {"ratio": 3.2, "low": 1.4296, "high": 7.6553},
        "formula": FORMULA,
    },
}
RUN = {
    "id": _ID_RUN_A,
    "started": "2024-06-03T09:30:00+00:00",
    "finished": "2024-06-03T09:31:12+00:00",
    "done": 12,
    "skipped": 1,
    "failed": [{"source": "empty.txt", "reason": "it holds nothing but white space", "remedy": "Give a text."}],
    "models": {"fast": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"},
    "settings": {"threshold": "0.62", "version": "0.1.0"},
}
RUNS = _page(RUN)
_AT = "2024-06-04T08:00:00.250000+00:00"
NEW_RUN = {**RUN, "id": _ID_RUN_B, "started": _AT, "finished": _AT, "done": 3, "skipped": 0, "failed": []}
_SAID = {"statement": _ID_FIRST, "text": _FIRST}
RUN_DIFF = {
    "a": _ID_RUN_A,
    "b": _ID_RUN_B,
    "added": [_ID_DOC],
    "deleted": [],
    "labels": [],
    "labels_total": 0,
    "findings": [
        {
            "change": "appeared",
            "before": [],
            "after": [{"id": _ID_DRIVER, "title": _FIRST[:-1], "members": 1, "kind": "driver", "head": _SAID}],
            "joined": [_SAID],
            "left": [],
            "causes": ["new document"],
        }
    ],
    "findings_total": 1,
}
OK = {"status": "ok"}
MODEL = {
    "name": "fast",
    "digest": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
    "files": {"fast.heads.safetensors": "b973920551209630af6762afaaa18c1ff814a2a1df16d69c3240f786b43f85d3"},
    "cascade": None,
    "version": "0.1.0",
    "kinds": ["driver", "trend", "challenge", "opportunity", "other"],
    "aspects": ["technology", "consumer", "economic", "regulatory", "environmental"],
    "encoder_sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "threshold": 0.8,
    "judge": {
        "low": 0.3,
        "threshold": 0.62,
        "diameter": 0.1,
        "pairs": 2400,
        "pairs_sha256": "7b0d6f0a4a8b1f3d2c5e9a7b6c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d",
        "scores": {"same_f1": 0.9, "contradictions_merged": 0.0},
    },
    "learnt": None,
    "corpus_sha256": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
    "texts": 400,
    "units": 8000,
    "scores": {"macro_f1": 0.8},
    "max_characters": 10_000_000,
    "max_bytes": 67_108_864,
    "max_pages": 2000,
    "max_expanded": 536_870_912,
    "parse_seconds": 60,
    "parse_memory": 1_073_741_824,
    "max_analyze_bytes": 2_097_152,
    "max_job_bytes": 268_435_456,
    "max_job_documents": 10_000,
    "max_queued": 20_000,
    "job_days": 7,
}
RAW_TEXT = _TEXT
DOCUMENT_ID, STATEMENT_ID, FINDING_ID, REVIEW_ID = _ID_DOC, _ID_FIRST, _ID_DRIVER, _ID_REVIEW
RUN_ID, OTHER_RUN_ID = _ID_RUN_A, _ID_RUN_B
WEBHOOK_ID, DELIVERY_ID = "wh_5d1f0a9c2b7e4f6a8c3d", "dlv_6b1f0c9d2a7e4f5b8c3d"
WEBHOOK_BODY = {"url": "https://hooks.example.com/trends", "events": ["finding.appeared", "finding.changed_state"]}
WEBHOOK = {
    "id": WEBHOOK_ID,
    "url": "https://hooks.example.com/trends",
    "events": ["finding.appeared", "finding.changed_state"],
    "by": "Ann",
    "created": "2026-11-22T09:00:00+00:00",
    "failing_since": None,
    "disabled": None,
    "reason": None,
}
NEW_WEBHOOK = {**WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="}
WEBHOOKS = {"items": [WEBHOOK], "next_cursor": None, "total": 1}
DELIVERY = {
    "id": DELIVERY_ID,
    "webhook": WEBHOOK_ID,
    "event": "evt_0c9d2a7e4f5b8c3d6b1f",
    "type": "finding.appeared",
    "at": "2026-11-22T09:01:00+00:00",
    "state": "pending",
    "attempts": 1,
    "attempted": "2026-11-22T09:01:02+00:00",
    "status": 500,
    "error": "answered 500",
    "due": "2026-11-22T09:01:07+00:00",
}
DELIVERIES = {"items": [DELIVERY], "next_cursor": None, "total": 1}
