"""``trendnlp backup``: the workspace as one archive."""

from __future__ import annotations

from pathlib import Path

from trendnlp.backup import back_up
from trendnlp.cli.output import say
from trendnlp.settings import Settings


def run(settings: Settings, archive: Path, replace: bool) -> int:
    manifest = back_up(settings, archive, replace=replace)
    size = sum(part.bytes for part in manifest.parts)
    say(f"{archive}: {', '.join(part.name for part in manifest.parts)}, {size} bytes, as of {manifest.made}")
    return 0
