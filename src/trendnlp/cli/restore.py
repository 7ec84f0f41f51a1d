"""``trendnlp restore``: a workspace from an archive."""

from __future__ import annotations

from pathlib import Path

from trendnlp.backup import restore
from trendnlp.cli.output import say
from trendnlp.settings import Settings


def run(settings: Settings, archive: Path, replace: bool) -> int:
    manifest, kept = restore(settings, archive, replace=replace)
    names = ", ".join(part.name for part in manifest.parts)
    say(f"restored {names} as of {manifest.made}, by trendnlp {manifest.version}")
    for path in kept:
        say(f"what was there before is {path}")
    return 0
