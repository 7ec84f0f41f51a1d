"""Archives of reports: members by name, hostile names, limits, and what is left out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from batch_fakes import Batch, output
from files import WORDS, docx, packed, paragraph, printed_pdf

from trendnlp.batch import Input, expand, read_input
from trendnlp.errors import InputError
from trendnlp.read import Limits
from trendnlp.types import Document, Failure, Skipped

MEMBERS = {
    "2024/lifts.md": b"# Lifts\n\nPrices rise.",
    "2024/lifts.pdf": printed_pdf(paragraph(WORDS, 60, 700)),
    "lifts.docx": docx(),
    "__MACOSX/._lifts.docx": b"x",
    "notes.exe": b"MZ",
    "more.zip": packed({"inner.md": b"Prices fall."}),
}


def outcomes(path: Path, limits: Limits = Limits()) -> dict[str, str]:
    found = {}
    for item in expand([path], limits):
        outcome = read_input(item, limits)
        match outcome:
            case Document():
                assert outcome.source == item.source
                found[item.source] = outcome.format.value
            case Skipped() | Failure():
                found[item.source] = f"{type(outcome).__name__}: {outcome.reason}"
    return found


def test_an_archive_is_its_reports(tmp_path: Path) -> None:
    path = tmp_path / "reports.zip"
    path.write_bytes(packed(MEMBERS))
    expected = {
        "reports.zip/2024/lifts.md": "markdown",
        "reports.zip/2024/lifts.pdf": "pdf",
        "reports.zip/lifts.docx": "docx",
        "reports.zip/notes.exe": "Skipped: not a format that is read",
        "reports.zip/more.zip": "Skipped: not a format that is read",
    }
    assert outcomes(path) == expected
    (tmp_path / "beside.txt").write_text("Prices fall.")
    assert outcomes(tmp_path) == {"beside.txt": "text", **expected}


def test_of_a_changed_archive_only_what_changed_is_read_again(tmp_path: Path) -> None:
    members = {f"{n:02}.md": f"# Market {n}\n\nPrices rise {n}.".encode() for n in range(40)}
    path = tmp_path / "reports.zip"
    path.write_bytes(packed(members))
    Batch([path], tmp_path / "out").run()
    path.write_bytes(packed({"0.md": b"Prices stand."} | members | {"17.md": b"Prices fall."}))
    changed, anew = Batch([path], tmp_path / "out"), Batch([path], tmp_path / "anew")
    assert changed.run() == anew.run()
    assert output(changed.out) == output(anew.out)
    assert {"reports.zip/0.md", "reports.zip/17.md"} <= set(changed.pipeline.seen)
    assert len(changed.pipeline.seen) < 20


def test_names_in_archives_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    names = ["../../etc/cron.d/a.txt", "/srv/b.txt", "C:\\windows\\c.txt", "d\x1b[31m\n.txt", "e.txt", "e.txt", "f/"]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path.write_bytes(packed((name, f"Report {n}.".encode()) for n, name in enumerate(names)))
    assert list(outcomes(path)) == [
        "evil.zip/etc/cron.d/a.txt",
        "evil.zip/srv/b.txt",
        "evil.zip/C:/windows/c.txt",
        "evil.zip/d\\x1b[31m\\n.txt",
        f"{tmp_path}/evil.zip/e.txt",
    ]
    assert [child.name for child in tmp_path.iterdir()] == ["evil.zip"]


@pytest.mark.parametrize(
    ("members", "limits", "reason"),
    [
        (
            [("a.txt", b"0" * 2_000_000)] * 2,
            Limits(max_expanded=3_000_000),
            "it would unpack to more than 3,000,000 bytes",
        ),
        ([(f"{n}.txt", b"") for n in range(1001)], Limits(), "it has more than 1,000 parts"),
        ([("__MACOSX/a.txt", b"x")], Limits(), "the archive holds no report"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_archives_over_the_limits_are_failures(
    tmp_path: Path, members: list[tuple[str, bytes]], limits: Limits, reason: str
) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(packed(members))
    assert outcomes(path, limits) == {"a.zip": f"Failure: {reason}"}


def test_one_bad_member_does_not_stop_the_others(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"Prices rise. " * 50, "b.txt": b"Prices fall.", "c.txt": b"x" * 5000}))
    at = data.index(b"a.txt") + len("a.txt")
    data[at : at + 10] = b"\xff" * 10
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert outcomes(path, Limits(max_bytes=4000)) == {
        "a.zip/a.txt": "Failure: it is damaged in its archive",
        "a.zip/b.txt": "text",
        "a.zip/c.txt": "Failure: it is larger than 4,000 bytes",
    }


def test_a_document_and_a_text_under_an_archives_name(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(docx())
    (tmp_path / "b.zip").write_bytes(b"Prices rise.")
    assert outcomes(tmp_path / "a.zip") == {"a.zip": "docx"}
    (item,) = expand([tmp_path / "b.zip"])
    assert isinstance(item, Input) and isinstance(item.origin, InputError)


def test_an_encrypted_member_says_so(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"Prices rise."}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        start = archive.start_dir
    data[start + 8] |= 1  # the flag of the central directory
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert outcomes(path) == {"a.zip/a.txt": "Failure: it is encrypted"}


def test_what_failed_in_an_archive_is_done_again_when_asked_and_only_that(tmp_path: Path) -> None:
    members = {f"{n:02}.md": f"# Market {n}\n\nPrices rise {n}.".encode() for n in range(12)}
    path = tmp_path / "reports.zip"
    path.write_bytes(packed(members | {"large.md": b"# Beds\n\n" + b"Beds are dear. " * 100}))
    first = Batch([path], tmp_path / "out", limits=Limits(max_bytes=500))
    first.run()
    assert first.watch.failed == ["reports.zip/large.md"]
    again, anew = Batch([path], first.out, retry_failed=True), Batch([path], tmp_path / "anew")
    assert again.run() == anew.run()
    assert again.pipeline.seen == ["reports.zip/large.md"]
    assert output(first.out) == output(anew.out)
