"""trendnlp reads market and industry reports and finds their trends, drivers, challenges and opportunities.

import trendnlp
analysis = trendnlp.load().analyse("Hospitals buy lifts because nurses are scarce.")
print([(s.label.kind, s.statement.text) for s in analysis.claims])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trendnlp.build import load
    from trendnlp.read import read_bytes, read_path, read_text
    from trendnlp.settings import Settings

__version__ = "0.1.0"
__all__ = ["Settings", "__version__", "load", "read_bytes", "read_path", "read_text"]

# Looked up on first use (PEP 562): `trendnlp --help` must not wait for numpy or spaCy.
_HOMES = {
    "load": "trendnlp.build",
    "Settings": "trendnlp.settings",
    "read_bytes": "trendnlp.read",
    "read_path": "trendnlp.read",
    "read_text": "trendnlp.read",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
