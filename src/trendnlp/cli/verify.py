"""``trendnlp verify``: does the workspace hold what it must?"""

from __future__ import annotations

from trendnlp.cli.output import say
from trendnlp.errors import printable
from trendnlp.settings import Settings
from trendnlp.store import Store
from trendnlp.store.files import check_sound, require_there, sqlite_file
from trendnlp.verify import Verified, verify


def run(settings: Settings) -> int:
    seen, faults = Verified(), 0
    require_there(settings.store_url)
    with Store.open(settings.store_url) as store:
        if file := sqlite_file(settings.store_url):
            check_sound(file)
        before = store.revision()
        for fault in verify(store, seen):
            faults += 1
            print(f"{fault.subject}: {printable(fault.reason)}", flush=True)
        changed, current = store.revision() != before, store.is_consolidated()
    say(f"{faults} faults in {seen.documents} documents, {seen.statements} statements and {seen.findings} findings")
    if changed:
        say("the workspace was changed meanwhile: faults may be of that; verify again when nothing writes to it")
    if not current:
        say(
            "the findings are not of the documents as they are now; `trendnlp serve` or `ingest` brings them up to date"
        )
    return 1 if faults else 0
