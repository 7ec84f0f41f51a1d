"""The service for an ASGI server: ``uvicorn service:app``. Settings come from the environment."""

from __future__ import annotations

from trendnlp.settings import Settings
from trendnlp.web.app import create_app

app = create_app(Settings.from_env())
