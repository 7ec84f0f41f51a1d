"""The service for an ASGI server: ``uvicorn service:app``. Settings come from the environment."""

from __future__ import annotations

from trendnlp.jobs.hire import hire
from trendnlp.settings import THREAD, Settings
from trendnlp.web.app import create_app

settings = Settings.from_env()
app = create_app(settings, worker=hire if settings.worker == THREAD else None)
