"""Make tests/data/reports: 20 reports as Markdown, and the same as PDF, DOCX and HTML by the tools that people use.

    python tests/data/render.py      # needs pandoc, libreoffice-writer and chromium; the files are kept in git

The Markdown comes from samples/ and corpus/. HTML is pandoc's, set into a page with menus, a cookie banner and a
footer; DOCX is pandoc's, every second one saved again by LibreOffice; PDF is LibreOffice's, or Chromium's print with
running heads, every second of these in two columns. Run twice, it gives the same words, not the same bytes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from trendnlp.corpus import read_corpus
from trendnlp.read import read_path, read_text
from trendnlp.types import BlockKind, Document, Metadata

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OUT = HERE / "reports"
FOLDERS = ("syndicated", "markets", "economy", "openings", "outlooks", "conditions", "report_pages")
EACH = 2  # texts of each folder: its longest
DIALECT = "commonmark+pipe_tables+yaml_metadata_block+footnotes"

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | Example Research</title>
<meta property="og:site_name" content="Example Research"></head><body>
<div class="cookie-banner" role="dialog"><p>We use cookies to remember your region.</p><button>Accept all</button></div>
<header class="site-header"><nav><ul><li><a href="/">Home</a></li><li><a href="/reports">Reports</a></li></ul></nav>
</header>
<main><article>
{body}
</article></main>
<aside class="sidebar"><h2>Related reports</h2><ul><li><a href="/r/1">Pumps in Poland</a></li></ul></aside>
<footer><p>Example Research publishes reports on many markets and answers questions about them.</p>
<p>© Example Research. All rights reserved.</p></footer></body></html>
"""
PRINT = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4; margin: 25mm 20mm;
  @top-left {{ content: "Example Research | Market briefing"; font: 8pt sans-serif }}
  @bottom-right {{ content: "Page " counter(page) " of " counter(pages); font: 8pt sans-serif }} }}
body {{ font: {size}pt/1.4 "Liberation {family}"; margin: 0 }}
h1 {{ column-span: all; font-size: 20pt }} h2 {{ font-size: 14pt }} h3 {{ font-size: 12pt }}
main {{ columns: {columns}; column-gap: 9mm; text-align: {align} }}
table {{ border-collapse: collapse; font-size: 90%; text-align: left }} td, th {{ padding: 2pt 8pt }}
</style></head><body><main>{body}</main></body></html>
"""


def markdown_of(document: Document) -> str:
    """``document`` as Markdown, from its blocks."""
    parts = []
    for block in document.blocks:
        lines = document.text[block.start : block.end]
        words = " ".join(document.text[block.content : block.end].split())
        if block.kind is BlockKind.HEADING:
            parts.append(f"{'#' * block.level} {words}")
        elif block.kind is BlockKind.LIST_ITEM:
            parts.append(f"- {words}")
        elif block.kind is BlockKind.TABLE:
            parts.append(_table(lines))
        elif block.kind is not BlockKind.NAVIGATION:
            parts.append(words)
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", "\n\n".join(parts)) + "\n"


def _table(lines: str) -> str:
    rows = [[cell.strip() for cell in re.split(r"\t+|\s{2,}|\s*\|\s*", row.strip("| "))] for row in lines.split("\n")]
    width = max(map(len, rows))
    shown = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in rows if any(row)]
    return "\n".join([shown[0], "|" + " --- |" * width, *shown[1:]])


def sources() -> dict[str, str]:
    """The Markdown of the reports by name."""
    found = {}
    for path in sorted((ROOT / "samples").glob("*.txt")):
        found[path.stem] = markdown_of(read_path(path))
    for path in sorted((ROOT / "samples").glob("*.md")):
        found[path.stem] = path.read_text("utf-8")
    texts = read_corpus(ROOT / "corpus")
    for folder in FOLDERS:
        own = sorted((t for t in texts if t.name.startswith(f"{folder}/")), key=lambda t: (-len(t.text), t.name))
        for text in own[:EACH]:
            given = Metadata(title=text.metadata.title)
            found[text.name.replace("/", "-")] = markdown_of(read_text(text.text, given=given))
    return found


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def office(path: Path, kind: str, out: Path) -> None:
    """``path`` saved by LibreOffice as ``kind`` into ``out``."""
    with tempfile.TemporaryDirectory() as profile:
        home = f"-env:UserInstallation=file://{profile}"
        run("soffice", home, "--headless", "--convert-to", kind, "--outdir", str(out), str(path))


def render(number: int, source: Path, work: Path) -> None:
    name = source.stem
    body_path, docx = work / f"{name}.body.html", OUT / f"{name}.docx"
    run("pandoc", "-f", DIALECT, "-t", "html5", "--wrap=none", str(source), "-o", str(body_path))
    run("pandoc", "-f", DIALECT, "-t", "docx", str(source), "-o", str(docx))
    body = body_path.read_text("utf-8")
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", body)
    title = heading[1] if heading else name
    (OUT / f"{name}.html").write_text(PAGE.format(title=title, body=body), "utf-8")
    if number % 2:
        office(docx, "docx:MS Word 2007 XML", work)
        (work / docx.name).replace(docx)
        office(docx, "pdf", OUT)
        return
    page = work / f"{name}.html"
    two = number % 4 == 2
    look = {"size": 9 if two else 11, "family": "Serif" if two else "Sans", "align": "justify" if two else "left"}
    page.write_text(PRINT.format(title=title, body=body, columns=2 if two else 1, **look), "utf-8")
    shell = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work / 'profile'}")
    run(*shell, "--no-pdf-header-footer", f"--print-to-pdf={OUT / name}.pdf", str(page))


def main() -> int:
    OUT.mkdir(exist_ok=True)
    for name, text in sources().items():
        (OUT / f"{name}.md").write_text(text, "utf-8")
    with tempfile.TemporaryDirectory() as work:
        for number, path in enumerate(sorted(OUT.glob("*.md"))):
            render(number, path, Path(work))
            print(path.stem, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
