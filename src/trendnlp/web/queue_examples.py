"""Examples of review work for the OpenAPI description."""

from __future__ import annotations

from typing import Any

from trendnlp.records import json_line
from trendnlp.web import examples

_MODEL = "9f2d7c01e4b5a8360d1f6e2c7b94a3580f1e2d3c4b5a69788796a5b4c3d2e1f0"
_STATEMENT = examples.STATEMENTS["items"][0]
_JUDGED = {
    **_STATEMENT,
    "judgement": {
        "status": "accepted",
        "version": 17,
        "by": "R. Moreira",
        "at": "2024-06-03T09:45:00+00:00",
        "tags": ["ageing"],
        "said": {"kind": "driver", "score": 0.9312, "aspect": "consumer", "model": _MODEL},
    },
}
_PROGRESS = {"pending": 40, "accepted": 12, "corrected": 3, "rejected": 2, "skipped": 1, "today": 9}
QUEUE: dict[str, Any] = {
    "items": [
        {
            "statement": _STATEMENT,
            "version": 0,
            "worth": {"value": 0.1744, "uncertainty": 0.11, "impact": 1.585, "novelty": 1.0},
            "reason": {
                "statement": "st_0b7c91d25e6f48a3c1d0",
                "text": "More elderly patients mean more scans.",
                "kind": "driver",
                "status": "accepted",
                "cosine": 0.8123,
            },
            "verdicts": [],
        }
    ],
    "next_cursor": None,
    "total": 1,
    "size": 1,
    "progress": _PROGRESS,
}
PREVIEW = {"token": "pR3v1ewT0k3n", "count": 1, "samples": [_JUDGED]}
APPLIED = {"review": examples.REVIEW, "left_out": 0}
BULK_BODY: dict[str, Any] = {
    "action": "reject",
    "by": "R. Moreira",
    "filter": {"kind": ["opportunity"], "q": "our experts", "status": ["pending"]},
}
ACCEPT_BODY: dict[str, Any] = {"threshold": 0.95, "by": "R. Moreira", "filter": {"kind": ["driver"]}}
ASSIGN_BODY: dict[str, Any] = {"reader": "T. Okafor", "by": "R. Moreira", "statements": [examples.STATEMENT_ID]}
ASSIGNED = {"assigned": 1}
EVIDENCE = {
    "model": _MODEL,
    "pending": 40,
    "seconds_each": 6.5,
    "thresholds": [
        {
            "score": 0.95,
            "audit": {"n": 60, "errors": 1, "low": 0.0004, "high": 0.0894},
            "reviewed": {"n": 150, "errors": 9, "low": 0.0278, "high": 0.1108},
            "remaining": 22,
            "seconds": 143.0,
        }
    ],
}
AGREEMENTS = {"items": [{"a": "R. Moreira", "b": "T. Okafor", "n": 80, "raw": 0.9, "kappa": 0.7802, "ac1": 0.8723}]}
IMPORTED = {"added": 1, "known": 0, "refused": []}
_RECORD = {
    **{key: examples.REVIEW[key] for key in ("id", "action", "statements", "value", "by", "at", "reading", "undoes")},
    "words": None,
    "said": {},
}
EXPORTED = {
    "application/x-ndjson": f"{json_line(_RECORD)}\n",
    "text/csv": f"id,text,status,kind\n{examples.STATEMENT_ID},Clinics lack rooms for beds.,accepted,challenge\n",
}
