"""The service for an ASGI server: ``uvicorn service:app``. Settings come from the environment."""

from __future__ import annotations

from trendnlp import logs
from trendnlp.jobs.hire import hired
from trendnlp.settings import Settings
from trendnlp.web.app import create_app

settings = Settings.from_env()
logs.configure(settings)
app = create_app(settings, worker=hired(settings))
