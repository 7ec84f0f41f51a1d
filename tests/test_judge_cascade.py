"""Two pair judges of one models folder: the quick one settles what it is sure of."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from test_train import files, ignore, settings_for, write_corpus
from test_train_judge import ALL, JUDGE, MARKETS, PAIRS, quiet, write_pairs

import trendnlp
from trendnlp.artefacts import open_artefact, sha256, write_manifest
from trendnlp.build import Bases
from trendnlp.corpus import read_corpus
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError
from trendnlp.judge_rule import fit_settled
from trendnlp.relations import Relation
from trendnlp.train import train
from trendnlp.train_judge import add_judges, material


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(write_corpus(tmp_path_factory.mktemp("judges") / "corpus", ("t", "d", "c", "o", "x")))


@pytest.fixture(scope="module")
def two(corpus: Path, base: Encoder) -> Path:
    """A folder whose accurate model stands on the same small encoder, so that its judge is soon trained."""
    folder = corpus.parent / "two"
    train(corpus, folder, Bases(base, base), replace(ALL, accurate=replace(ALL.accurate, epochs=0)), ignore)
    return folder


def test_a_judge_for_each_model(two: Path) -> None:
    judges = open_artefact(two).manifest.judges
    assert judges["fast"].settled is None
    accurate = judges["accurate"]
    assert (accurate.settings["epochs"], accurate.encoder) == (1, "accurate.judge.encoder.safetensors")
    assert accurate.settled is not None and 0 < accurate.settled <= 1


def test_the_quick_judge_settles_what_it_calls_distinct_and_the_better_one_the_rest(two: Path) -> None:
    manifest = open_artefact(two).manifest
    questions = [(a.format(m), b.format(m)) for m in MARKETS for a, b, *_ in PAIRS]

    def asked(settled: float | None) -> NDArray[np.float64]:
        accurate = replace(manifest.judges["accurate"], settled=settled)
        write_manifest(two, replace(manifest, judges={**manifest.judges, "accurate": accurate}))
        comparer = trendnlp.load(settings_for(two, "accurate")).matcher.comparer
        assert comparer is not None
        return comparer.judge.predict_proba(questions)

    try:
        better, all_quick, never = asked(None), asked(0.0), asked(1.0)
        quick_ones = trendnlp.load(settings_for(two, "fast")).matcher.comparer
        assert quick_ones is not None
        quick = quick_ones.judge.at_a_glance(questions)
        low, high = np.sort(quick[:, -1])[len(quick) // 2 - 1 :][:2]
        both = asked(float(low + high) / 2)
    finally:
        write_manifest(two, manifest)
    assert np.abs(quick - better).max() > 0.01
    np.testing.assert_allclose(all_quick, quick)
    np.testing.assert_allclose(never, better, atol=1e-5)
    np.testing.assert_allclose(both, np.where(quick[:, -1:] >= high, quick, better), atol=1e-5)


def test_few_pairs_that_are_not_distinct_are_settled(two: Path, corpus: Path) -> None:
    given = material(corpus, read_corpus(corpus), JUDGE)
    comparer = trendnlp.load(settings_for(two, "fast")).matcher.comparer
    assert given is not None and comparer is not None
    pairs = given.pairs["dev"]
    bound = fit_settled(comparer.judge, pairs)
    scores = comparer.judge.at_a_glance([(p.a, p.b) for p in pairs if p.relation is not Relation.DISTINCT])[:, -1]
    assert bound == open_artefact(two).manifest.judges["accurate"].settled
    assert max(scores) >= bound - 1e-3 and sum(scores >= bound) <= 1


@pytest.mark.parametrize(("only", "kept"), [("fast", "accurate"), ("accurate", "fast")])
def test_one_judge_alone_is_trained_beside_the_other(
    only: str, kept: str, two: Path, base: Encoder, corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "models"
    shutil.copytree(two, out)
    before, tuned = open_artefact(out).manifest, []
    tune = replace(JUDGE.accurate, seed=8)
    other = replace(JUDGE, fast=tune, accurate=tune)
    artefact = add_judges(corpus, out, Bases(base, base), other, lambda name, p: tuned.append(name), (only,))
    after = artefact.manifest
    changed = {name for name in after.files if after.files[name] != before.files[name]}
    assert (set(tuned), changed) == ({only}, {f"{only}.judge.{part}.safetensors" for part in ("encoder", "heads")})
    assert (sorted(after.judges), after.judges[only].settings["seed"]) == (["accurate", "fast"], 8)
    stays, former = after.judges[kept], before.judges[kept]
    assert (stays.encoder, stays.settings) == (former.encoder, former.settings)
    given = material(corpus, read_corpus(corpus), JUDGE)
    quick = trendnlp.load(settings_for(out, "fast")).matcher.comparer
    assert given is not None and quick is not None
    assert after.judges["accurate"].settled == fit_settled(quick.judge, given.pairs["dev"])


def test_rules_alone_are_fitted_anew(two: Path, base: Encoder, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "models"
    shutil.copytree(two, out)
    manifest = open_artefact(out).manifest
    write_manifest(out, replace(manifest, judges={n: replace(j, threshold=0.99) for n, j in manifest.judges.items()}))
    add_judges(corpus, out, Bases(base, base), JUDGE, quiet, ())
    assert files(out) == files(two)


def test_no_rule_is_fitted_where_there_is_no_judge(two: Path, base: Encoder, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "models"
    shutil.copytree(two, out)
    write_manifest(out, replace(open_artefact(out).manifest, judges={}))
    before = files(out)
    with pytest.raises(ArtefactError, match="has no judge whose rule could be fitted"):
        add_judges(corpus, out, Bases(base, base), JUDGE, quiet, ())
    assert files(out) == before


def test_an_accurate_judge_goes_with_an_accurate_model(two: Path, base: Encoder, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "models"
    shutil.copytree(two, out)
    manifest = open_artefact(out).manifest
    parts, judges = ({"fast": of["fast"]} for of in (manifest.parts, manifest.judges))
    write_manifest(out, replace(manifest, parts=parts, judges=judges, cascade=None))
    before = files(out)
    with pytest.raises(ArtefactError, match="has no accurate model that a judge could go with"):
        add_judges(corpus, out, Bases(base, base), JUDGE, quiet, ("accurate",))
    assert files(out) == before


def test_a_folder_of_one_judge_is_read_and_trained_anew(two: Path, base: Encoder, corpus: Path, tmp_path: Path) -> None:
    """A manifest of one judge, which went with the model of its base."""
    out = tmp_path / "models"
    shutil.copytree(two, out)
    manifest = json.loads((out / "manifest.json").read_bytes())
    judge = manifest.pop("judges")["fast"]
    for part in ("encoder", "heads"):
        for name in ("fast", "accurate"):
            digest = manifest["files"].pop(f"{name}.judge.{part}.safetensors")
            manifest["files"][f"judge.{part}.safetensors"] = digest
    for path in out.glob("*.judge.*"):
        path.rename(out / path.name.partition(".")[2])
    del judge["settled"]
    judge |= {part: f"judge.{part}.safetensors" for part in ("encoder", "heads")}
    for part in ("encoder", "heads"):
        manifest["files"][judge[part]] = sha256(out / judge[part])
    (out / "manifest.json").write_text(json.dumps({**manifest, "judge": judge}), "utf-8")
    older = open_artefact(out).manifest.judges
    assert list(older) == ["fast"]
    assert trendnlp.load(settings_for(out, "accurate")).matcher.comparer is not None
    add_judges(corpus, out, Bases(base, base), JUDGE, quiet)
    assert files(out) == files(two)


def test_judges_are_not_trained_where_a_base_is_missing(two: Path, base: Encoder, corpus: Path) -> None:
    before = files(two)
    with pytest.raises(ArtefactError, match=r"not here\. Run `trendnlp models pull`"):
        add_judges(corpus, two, Bases(base, None), JUDGE, quiet)
    assert files(two) == before
