"""What a reader expects of the shipped models on a real market report, told three times over under its headings."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path
from trendnlp.types import Analysis, LabelledStatement

TITLE = "China Medical Imaging Market 2024-2030 Size, Growth, Share, Demand, Trend and outlook"
NOT_EXTRACTED = ("Market Size and Growth", "Market Segmentation", "Competitive Landscape", "About Mobility Foresights")
TOLD_TOGETHER = {
    "tele-radiology": "tele-radiology:",
    "portable ultrasound": "handheld",
    "patient comfort": "patient comfort",
    "3D and 4D imaging": "3d and 4d imaging:",
    "cloud storage": "imaging data",
    "molecular imaging": "molecular imaging technologies:",
}


@pytest.fixture(scope="module")
def analysis(best: Pipeline, china: Path) -> Analysis:
    return best.analyse(read_path(china))


def under(analysis: Analysis, heading: str) -> list[LabelledStatement]:
    return [s for s in analysis.statements if heading in s.statement.headings]


def kinds(found: list[LabelledStatement]) -> Counter[str]:
    return Counter(s.label.kind for s in found)


def test_sections_name_the_kind(analysis: Analysis) -> None:
    assert kinds(under(analysis, "Key Drivers")) == {"driver": 4}
    assert kinds(under(analysis, "Challenges")) == {"challenge": 3}
    assert kinds(under(analysis, "Future Opportunities"))["opportunity"] >= 2


def test_trends_are_trends_of_their_section(analysis: Analysis) -> None:
    for heading in ("Technological trends in the industry of China Medical Imaging Market", "Trends"):
        found = under(analysis, heading)
        assert kinds(found)["trend"] >= 0.7 * len(found)
        # "These devices are useful in remote places" elaborates on a trend: other, or trend as the guide also allows.
        assert sum("trend" in (s.label.kind, s.label.alt) for s in found) >= 0.95 * len(found)
        aspects = Counter(s.label.aspect for s in found if s.label.kind == "trend")
        assert aspects["technology"] >= 0.7 * aspects.total()
    found = under(analysis, "Consumer trends in the industry of China Medical Imaging Market")
    own = [s for s in found if "About Mobility Foresights" not in s.statement.headings]
    assert kinds(own)["trend"] >= 0.8 * len(own)


def test_what_is_no_claim_is_not_extracted(analysis: Analysis) -> None:
    found = [s for s in analysis.statements if any(heading in s.statement.headings for heading in NOT_EXTRACTED)]
    extracted = [s.statement.text.split(":")[0] for s in found if s.label.kind != "other"]
    # Both say in words that something is increasing, or what the companies of the market do.
    assert set(extracted) <= {"Research and Academic Institutions", "Strategic Initiatives"}


@pytest.fixture(scope="module")
def finding_of(best: Pipeline, analysis: Analysis) -> dict[str, str]:
    """Of each statement that stands in a finding."""
    found = best.consolidate(claims_of(analysis)).findings
    return {member.statement: finding.id for finding in found for member in finding.members}


TAKEN_FOR_ANOTHER = pytest.mark.xfail(
    reason="one of three is taken for a claim on high-resolution imaging", strict=False
)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=TAKEN_FOR_ANOTHER if n == "3D and 4D imaging" else ()) for n in TOLD_TOGETHER]
)
def test_what_is_said_three_times_is_one_finding(name: str, finding_of: dict[str, str], analysis: Analysis) -> None:
    places = [s for s in analysis.claims if TOLD_TOGETHER[name] in s.statement.text.lower()]
    found = Counter(finding_of[s.statement.id] for s in places)
    assert len(places) >= 2
    assert found.most_common(1)[0][1] >= min(len(places), 3) - (len(places) > 3)
