"""What findings are about: themes from their words, and tags from a taxonomy."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendnlp.errors import SettingsError
from trendnlp.tags import MAX_TAGS, NO_TAXONOMY, Taxonomy, tags_of
from trendnlp.tags.lexicon import breaks
from trendnlp.tags.phrases import phrases
from trendnlp.tags.themes import reference, themes
from trendnlp.terms import Tag, TagOrigin, term_key

FILE = """# What we watch
[tags]
"ageing population" = ["ageing population", "older people", "over-65"]
robots = ["robot", "driverless"]
"""
LIFTS = (
    "An ageing population is raising the demand for patient lifts at home.",
    "Ageing populations need more home care in China, and 4.2 million people get none.",
    "Nurses are scarce.",
)


def written(text: str) -> list[str]:
    return [" ".join(phrase.words) for phrase in phrases(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nurses are scarce, so Chinese wards buy 40 patient lifts.", ["Nurses", "wards", "patient lifts", "lifts"]),
        ("Retailers grumble.", ["Retailers"]),
        ("Hospitals in the United States were displacing X-ray film in 2023.", ["Hospitals", "X-ray film", "film"]),
        ("The market demand grew rapidly.", []),
        ("An ageing population", ["ageing population", "population"]),
    ],
)
def test_phrases_are_nouns_as_they_are_written(text: str, expected: list[str]) -> None:
    assert written(text) == expected


def test_themes_tell_a_finding_from_others() -> None:
    found = themes(LIFTS, ["Patient lift"])
    assert [tag.name for tag in found] == ["ageing population", "home care"]
    assert all(tag.origin is TagOrigin.THEME for tag in found)
    assert found[0].score > found[1].score > 0
    # held by two of three texts, and weighed by the table as if the finding were one class more
    assert found[0].score == round(2 / 3 * reference().weight("ageing population", 2), 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heat pump installers are scarce.", ["heat pump installers"]),
        ("Private label brands win shelf space.", ["private label brands", "shelf space"]),
        ("The Food and Drug Administration will allow it.", ["Food and Drug Administration"]),
        ("It is for the Ministry of Health and Family Welfare.", ["Ministry of Health and Family Welfare"]),
        ("Year-on-year growth slowed.", []),
    ],
)
def test_a_term_is_told_whole(text: str, expected: list[str]) -> None:
    assert [tag.name for tag in themes([text])] == expected


def test_what_more_texts_say_of_a_term_tells_more_than_the_whole_of_it() -> None:
    found = themes(["Heat pump installers are scarce.", "Pool pump installers leave."])
    assert found[0].name == "pump installers"
    apart = themes(["It is for the Ministry of Health.", "They want health food."])
    assert [tag.name for tag in apart] == ["health food", "Ministry of Health"]


def test_themes_are_a_function_of_the_finding_alone() -> None:
    assert themes(LIFTS) == themes(list(LIFTS))
    assert themes([]) == () == themes(["It was not so."])
    assert len(themes([" and ".join(f"wool{c} felt{c}" for c in "abcdefgh")])) == MAX_TAGS


@settings(deadline=None)
@given(st.lists(st.text(alphabet="abcdeAB -,.'12é", max_size=60), max_size=5))
def test_no_theme_has_a_stop_word_at_its_edge_or_a_figure(texts: list[str]) -> None:
    found = themes(texts)
    assert len(found) <= MAX_TAGS
    for tag in found:
        words = tag.name.split()
        assert 1 <= len(words) <= 3 and not {words[0].lower(), words[-1].lower()} & breaks()
        assert not any(word.replace(".", "").isdecimal() for word in words)
        assert 0 < tag.score <= 1
    assert len({tag.key for tag in found}) == len(found)


def test_the_table_holds_no_phrase_that_cannot_occur() -> None:
    table = reference()
    assert table.words > 0 and len(table.counts) > 1000
    assert all(term_key(key) == key for key in list(table.counts)[::97])
    assert table.weight("no such phrase", 1) > table.weight("hospital", 1) > 0


def test_tags_of_the_taxonomy_come_first_and_say_so() -> None:
    taxonomy = Taxonomy.parse(FILE, "tags.toml")
    assert taxonomy.tags(LIFTS) == (Tag("ageing population", TagOrigin.TAXONOMY, 0.6667),)
    found = tags_of(LIFTS, taxonomy, ["Patient lift"])
    assert [(tag.name, tag.origin) for tag in found] == [
        ("ageing population", TagOrigin.TAXONOMY),
        ("home care", TagOrigin.THEME),
    ]
    assert tags_of(LIFTS, NO_TAXONOMY, ["Patient lift"]) == themes(LIFTS, ["Patient lift"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OLDER PEOPLE rent.", ["ageing population"]),
        ("Persons over 65 and Robots.", ["ageing population", "robots"]),
        ("Robotics for older, poorer people", []),
        ("A robot’s arm", ["robots"]),
        ("ROBOTS", ["robots"]),
    ],
)
def test_a_taxonomy_finds_words_in_any_case_and_number(text: str, expected: list[str]) -> None:
    assert [tag.name for tag in Taxonomy.parse(FILE, "tags.toml").tags([text])] == expected


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *(("EV", "EVs"), ("GPU", "GPUs"), ("bus", "buses"), ("gas", "gases"), ("virus", "viruses"), ("lens", "lenses")),
        *(("house", "houses"), ("use", "uses"), ("niche", "niches"), ("size", "sizes"), ("phase", "phases")),
        *(("glass", "glasses"), ("box", "boxes"), ("potato", "potatoes"), ("shoe", "shoes"), ("menu", "menus")),
        *(("calorie", "calories"), ("cookie", "cookies"), ("battery", "batteries"), ("tie", "ties")),
        *(("woman", "women"), ("crisis", "crises"), ("shelf", "shelves"), ("analysis", "analyses")),
    ],
)
def test_a_word_meets_its_plural(one: str, many: str) -> None:
    assert term_key(one) == term_key(many) == term_key(term_key(many))
    tagged = Taxonomy.parse(f'[tags]\n"topic" = ["cheap {many}"]\n', "tags.toml").tags([f"A cheap {one} sells."])
    assert [tag.name for tag in tagged] == ["topic"]


@pytest.mark.parametrize(("one", "other"), [("plan", "plane"), ("US", "use"), ("bus", "bu"), ("car", "care")])
def test_other_words_do_not_meet(one: str, other: str) -> None:
    assert term_key(one) != term_key(other)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('[tags]\na = ["b"]\nc = [', 3, "invalid value"),
        ('[tags]\na = ["b"]\na = ["c"]', 3, "cannot overwrite a value"),
        ('[tags]\n\n"old age" = "b"\n', 3, "the tag 'old age' has no list of phrases"),
        ('[tags]\na = ["b"]\nb = []\n', 3, "the tag 'b' has no list of phrases"),
        ('[tags]\na = ["b", " - "]\n', 2, "the tag 'a' has a phrase without words: ' - '"),
        ('[tags]\na = ["b", 3]\n', 2, "the tag 'a' has a phrase without words: 3"),
        ('[tags]\n"--" = ["b"]\n', 2, "the tag '--' has no words, or is not on one line"),
        ('# ours\n[tag]\na = ["b"]\n', 2, "'tag' is not known here, only [tags] is"),
        ("tags = 3\n", 1, "tags is no table"),
    ],
)
def test_a_bad_taxonomy_names_the_line_and_the_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    path = tmp_path / "tags.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        Taxonomy.load(path)
    assert str(caught.value).startswith(f"{path}, line {line}: {reason}")


def test_a_taxonomy_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be read \(No such file or directory\)"):
        Taxonomy.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"[tags]\n\xe4 = ['x']\n")
    with pytest.raises(SettingsError, match="line 2: it is not UTF-8"):
        Taxonomy.load(tmp_path / "latin.toml")


def test_taxonomies_that_tag_alike_have_one_digest() -> None:
    one, same = Taxonomy.parse(FILE, "a"), Taxonomy.parse(FILE.replace('"robot"', '"Robots"'), "b")
    assert one.digest == same.digest != Taxonomy.parse(FILE.replace("driverless", "drone"), "c").digest
    assert NO_TAXONOMY.digest == ""
