"""Languages: what is told from a text, what is assumed, and what becomes of a report that is not in English."""

# ruff: noqa: RUF001 - other scripts are meant

from __future__ import annotations

from pathlib import Path

import pytest

from trendnlp.errors import ForeignLanguage
from trendnlp.read import read_path, read_text
from trendnlp.types import Format, Metadata

TEXTS = {
    "en": "Hospitals buy more patient lifts because nurses are scarce, and the public insurers now pay half of the "
    "price of every new device that is installed in a ward.",
    "de": "Die Krankenhäuser kaufen mehr Patientenlifter, weil Pflegekräfte fehlen, und die Kassen bezahlen inzwischen "
    "die Hälfte des Preises für jedes neue Gerät, das auf einer Station eingebaut wird.",
    "fr": "Les hôpitaux achètent davantage de lève-personnes parce que les infirmières manquent, et les caisses paient "
    "désormais la moitié du prix de chaque nouvel appareil installé dans un service.",
    "es": "Los hospitales compran más grúas para pacientes porque faltan enfermeras, y las aseguradoras pagan ahora la "
    "mitad del precio de cada nuevo aparato que se instala en una planta.",
    "zh": "由于护士短缺,医院购买了更多的病人升降机,医疗保险现在支付每台新设备价格的一半。市场正在快速增长。",
    "ja": "看護師が不足しているため、病院は患者用リフトの購入を増やしており、"
    "保険は新しい機器の価格の半分を負担している。",
    "el": "Τα νοσοκομεία αγοράζουν περισσότερους γερανούς ασθενών επειδή λείπουν νοσηλευτές, και τα ταμεία "
    "πληρώνουν πλέον τη μισή τιμή κάθε νέας συσκευής που τοποθετείται σε μια κλινική της χώρας.",
}
SHORT = "Der Markt wächst, weil Pflegekräfte fehlen."


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_is_told(language: str) -> None:
    given = None if language == "en" else Metadata(language="en")
    document = read_text(TEXTS[language], given=given or Metadata())
    assert document.metadata.language == "en"
    assert [f"({language})" in warning for warning in document.warnings] == ([] if language == "en" else [True])


def test_a_report_that_is_not_in_english_is_refused_with_the_way_out() -> None:
    with pytest.raises(ForeignLanguage) as caught:
        read_text(TEXTS["de"], source="lifter.txt")
    assert str(caught.value) == (
        "lifter.txt: written in German (de), only English is read. "
        "To read it all the same: language=en in a row, in JSON or with POST /v1/documents, or --force-language on "
        "the command line."
    )
    with pytest.raises(ForeignLanguage, match=r"written in French \(fr\)"):
        read_text(TEXTS["en"], given=Metadata(language="fr"))
    with pytest.raises(ForeignLanguage, match=r"written in another language \(xx\)"):
        read_text(TEXTS["en"], given=Metadata(language="xx"))


def test_a_short_text_is_taken_for_english() -> None:
    assert read_text(SHORT).metadata.language is None


def test_a_report_that_is_mostly_in_english_is_read() -> None:
    text = "\n\n".join([TEXTS["en"]] * 12 + [TEXTS["de"], TEXTS["fr"]] * 3)
    assert read_text(text).metadata.language == "en"
    with pytest.raises(ForeignLanguage, match="German"):
        read_text("\n\n".join([TEXTS["en"]] * 3 + [TEXTS["de"]] * 12))


def test_names_and_figures_alone_are_no_language() -> None:
    table = "\n".join(f"| {name} | {number} |" for number, name in enumerate(("Norvane", "Halden", "Bruns", "Ito") * 9))
    assert read_text(f"| Firm | 2024 |\n| --- | --- |\n{table}\n", format=Format.MARKDOWN).metadata.language in (
        None,
        "en",
    )


def test_the_page_s_own_word_counts_where_the_text_is_too_short() -> None:
    page = '<html lang="en-GB"><body><p>Lifts sell well.</p></body></html>'
    assert read_text(page, format=Format.HTML).metadata.language == "en"
    lying = f'<html lang="de"><body><p>{TEXTS["en"]}</p></body></html>'
    assert read_text(lying, format=Format.HTML).metadata.language == "en"


def test_every_sample_is_in_english() -> None:
    for path in sorted((Path(__file__).parents[1] / "samples").iterdir()):
        assert read_path(path).metadata.language == "en", path
