"""``trendnlp openapi``: the description of the API."""

from __future__ import annotations

import json

from trendnlp.settings import Settings
from trendnlp.web.app import create_app


def run(settings: Settings) -> int:
    print(json.dumps(create_app(settings).openapi(), ensure_ascii=False, indent=1))
    return 0
