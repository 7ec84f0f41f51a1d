"""``trendnlp migrate``: the schema of the workspace's database."""

from __future__ import annotations

from trendnlp.settings import Settings
from trendnlp.store.database import Database
from trendnlp.store.migrate import TARGET


def run(settings: Settings, check: bool) -> int:
    found = Database.schema_at(settings.store_url)
    print(f"current  {found or 'none'}\ntarget   {TARGET}")
    if found == TARGET:
        return 0
    if check:
        return 1
    Database.migrate(settings.store_url).close()
    print(f"migrated to {TARGET}")
    return 0
