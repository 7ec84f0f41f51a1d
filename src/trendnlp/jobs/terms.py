"""On which terms jobs are accepted."""

from __future__ import annotations

from trendnlp.settings import Settings
from trendnlp.store import Terms


def terms_of(settings: Settings) -> Terms:
    return Terms(settings.max_queued, settings.max_job_documents, settings.job_days)
