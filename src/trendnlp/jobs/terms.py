"""On which terms jobs are accepted."""

from __future__ import annotations

from trendnlp.settings import Settings
from trendnlp.store import Terms


def terms_of(settings: Settings) -> Terms:
    # Archives hold more than their own bytes; each may be below its limit where all of them are not.
    most = max(settings.max_job_bytes, settings.max_expanded)
    return Terms(settings.max_queued, settings.max_job_documents, settings.job_days, most)
