"""Pair judges trained for real on a few pairs: the same bytes every time, and models folders with and without them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import make_vector
from fastapi.testclient import TestClient
from test_train import OPTIONS, files, ignore, write_corpus
from typer.testing import CliRunner
from web_client import put, serving

import trendnlp
from trendnlp.artefacts import open_artefact
from trendnlp.build import Bases
from trendnlp.cli import app
from trendnlp.corpus import read_corpus, split_of
from trendnlp.encode import Encoder
from trendnlp.errors import ArtefactError, CorpusError
from trendnlp.judge import RELATIONS
from trendnlp.pair_lessons import across_markets
from trendnlp.pipeline import Question, claims_of
from trendnlp.read import read_text
from trendnlp.records import comparison_record
from trendnlp.relations import Ground, Relation
from trendnlp.settings import Settings
from trendnlp.train import train
from trendnlp.train_judge import JudgeOptions, add_judges, lessons, material, train_judges
from trendnlp.tune import Progress, TuneOptions
from trendnlp.tune_pairs import PairLesson

TUNE = TuneOptions(epochs=2, batch=4, frozen=5, threads=1)
JUDGE = JudgeOptions(replace(TUNE, epochs=1), TUNE, claims=4, dev=0.3, test=0.3)
ALL = replace(OPTIONS, fast=replace(OPTIONS.fast, epochs=0), judge=JUDGE)
MARKETS = ("lifts", "beds", "pumps", "boats", "ferries", "drones", "tyres", "kilns")
PAIRS = (
    ("Demand for {} is rising.", "More and more {} are wanted.", "same", "paraphrase"),
    ("Demand for {} is rising.", "Demand for {} is falling.", "contradicts", "opposite"),
    ("Prices of {} rose by 5 %.", "Prices of {} rose by 9 %.", "differs_in", "number"),
    ("Makers of {} lack staff.", "Makers of {} lack capital.", "distinct", "topic"),
)


def write_pairs(corpus: Path) -> Path:
    lines = [
        json.dumps({"market": m, "a": a.format(m), "b": b.format(m), "kind": "trend", "relation": r, "change": c})
        for m in MARKETS
        for a, b, r, c in PAIRS
    ]
    (corpus / "pairs").mkdir()
    (corpus / "pairs" / "some.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return corpus


def quiet(name: str, progress: Progress) -> None:
    """Of no interest here."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = write_corpus(tmp_path_factory.mktemp("judge") / "corpus", ("d/t tec #a", "t con #b", "c eco #a", "o", "x"))
    return write_pairs(corpus)


@pytest.fixture(scope="module")
def models(corpus: Path, base: Encoder) -> Path:
    folder = corpus.parent / "models"
    train(corpus, folder, Bases(base, None), ALL, ignore)
    return folder


@pytest.fixture(scope="module")
def without(corpus: Path, base: Encoder) -> Path:
    """Models of the same texts without pairs: an older folder."""
    bare = corpus.parent / "bare"
    shutil.copytree(corpus, bare / "corpus", ignore=shutil.ignore_patterns("pairs"))
    train(bare / "corpus", bare / "models", Bases(base, None), ALL, ignore)
    manifest = bare / "models" / "manifest.json"
    fields = json.loads(manifest.read_bytes())
    assert fields.pop("judges") == {}
    manifest.write_text(json.dumps(fields), "utf-8")
    return bare / "models"


def test_the_parts_of_these_markets() -> None:
    assert {split_of(m, JUDGE.dev, JUDGE.test) for m in MARKETS} == {"train", "dev", "test"}


def test_a_folder_with_a_judge(models: Path) -> None:
    assert list(files(models)) == [
        "README.md",
        "fast.encoder.safetensors",
        "fast.heads.safetensors",
        "fast.judge.encoder.safetensors",
        "fast.judge.heads.safetensors",
        "manifest.json",
    ]
    judges = open_artefact(models).manifest.judges
    assert list(judges) == ["fast"]
    judge = judges["fast"]
    assert judge.settled is None
    assert (judge.pairs, judge.settings["epochs"]) == (len(MARKETS) * len(PAIRS), 2)
    assert 0.2 <= judge.low <= 0.6 and 0.1 <= judge.threshold <= 0.98 and 0 < judge.diameter <= 0.3
    assert set(judge.scores) == {
        *("same_precision", "same_recall", "same_f1", "relation_accuracy"),
        *("contradictions_merged", "pairs", "across_merged", "across", "b_cubed_f1"),
    }
    assert judge.scores["contradictions_merged"] == 0


def test_trained_alone_into_models_that_are_there_the_judge_is_the_same(
    corpus: Path, models: Path, without: Path, base: Encoder, tmp_path: Path
) -> None:
    out = tmp_path / "models"
    shutil.copytree(without, out)
    artefact = add_judges(corpus, out, Bases(base, None), JUDGE, quiet)
    own, others = (files(folder) for folder in (out, models))
    for name in ("README.md", "fast.judge.encoder.safetensors", "fast.judge.heads.safetensors"):
        assert own[name] == others[name]
    assert artefact.manifest.judges == open_artefact(models).manifest.judges
    assert {n: d for n, d in artefact.manifest.files.items() if ".judge." not in n} == open_artefact(
        without
    ).manifest.files


def test_it_learns_from_pairs_from_marked_claims_and_from_what_no_pair_brings_together_or_is_said_elsewhere(
    corpus: Path, base: Encoder
) -> None:
    given = material(corpus, read_corpus(corpus), JUDGE)
    assert given is not None
    pairs = [(p.a, p.b) for p in given.pairs["train"]]
    assert pairs
    few, many, most = (
        lessons(given, base, replace(JUDGE, strangers=n, elsewhere=m, reports=0)) for n, m in ((0, 0), (3, 0), (3, 2))
    )
    assert [(x.a, x.b) for x in few[: len(pairs)]] == pairs
    claims = few[len(pairs) :]
    assert {x.shares for x in claims} == {(1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)}
    # of each market the three nearest of its statements that no pair brings together, and one more
    strangers, markets = many[len(few) :], {p.market for p in given.pairs["train"]}
    assert len(strangers) == 4 * len(markets)
    assert all(x.shares == (0.0, 0.0, 0.0, 1.0) and {x.a, x.b} not in map(set, pairs) for x in strangers)
    # of each market two statements beside one of another market
    of = {text: p.market for p in given.pairs["train"] for text in (p.a, p.b)}
    elsewhere = most[len(many) :]
    assert sorted(of[x.a] for x in elsewhere) == sorted([*markets, *markets])
    assert all(x.shares == (0.0, 0.0, 0.0, 1.0) and of[x.a] != of[x.b] for x in elsewhere)


def test_it_learns_that_near_claims_of_reports_on_two_markets_are_two(corpus: Path, base: Encoder) -> None:
    """Each beside the nearest of its kind from other markets, once, and none beside one of the same words."""
    lifts = [("Demand for lifts is rising.", "trend"), ("Hospitals lack nurses to lift patients.", "challenge")]
    markets = {
        "beds": [("Demand for beds is rising.", "trend"), ("Hospitals lack nurses.", "challenge"), ("Gains.", "trend")],
        "kilns": [("Clay is dear.", "challenge"), ("The gain", "trend")],
        "lifts": lifts,
    }
    assert [(p.market, p.a, p.b, p.kind, p.relation) for p in across_markets(markets, base, 5)] == [
        ("beds", "Demand for beds is rising.", "Demand for lifts is rising.", "trend", Relation.DISTINCT),
        ("beds", "Hospitals lack nurses.", "Hospitals lack nurses to lift patients.", "challenge", Relation.DISTINCT),
    ]
    assert len(across_markets({"beds": markets["beds"][:2], "lifts": lifts[:1]}, base, 1)) == 1
    assert across_markets({}, base, 5) == across_markets({"beds": markets["beds"]}, base, 5) == ()
    given = material(corpus, read_corpus(corpus), JUDGE)
    assert given is not None
    most, none = (lessons(given, base, replace(JUDGE, reports=n)) for n in (5, 0))
    told = across_markets(given.reports["train"], base, 5)
    assert told and {p.market for p in told} <= given.reports["train"].keys()
    assert most == [*none, *(PairLesson(p.a, p.b, (0.0, 0.0, 0.0, 1.0)) for p in told)]


def test_interrupted_it_goes_on_after_the_last_whole_epoch(
    corpus: Path, models: Path, base: Encoder, tmp_path: Path
) -> None:
    given = material(corpus, read_corpus(corpus), JUDGE)
    assert given is not None
    seen: list[int] = []

    def interrupting(name: str, progress: Progress) -> None:
        seen.append(progress.done)
        if progress.done > progress.total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_judges(given, Bases(base, None), JUDGE, tmp_path, interrupting)
    rest: list[int] = []
    found = train_judges(given, Bases(base, None), JUDGE, tmp_path, lambda _, p: rest.append(p.done))["fast"]
    assert rest[0] == seen[-1]
    assert found.encoder.read_bytes() == (models / "fast.judge.encoder.safetensors").read_bytes()
    assert found.heads.read_bytes() == (models / "fast.judge.heads.safetensors").read_bytes()


def test_a_judge_goes_on_with_pairs_that_came_later(corpus: Path, models: Path, base: Encoder, tmp_path: Path) -> None:
    grown = tmp_path / "corpus"
    shutil.copytree(corpus, grown)
    teaching = [market for market in MARKETS if split_of(market, JUDGE.dev, JUDGE.test) == "train"]
    pairs = [{"market": m, "a": f"Few buy {m}.", "b": f"{m} find no buyers.", "kind": "trend"} for m in MARKETS]
    lines = [json.dumps(pair | {"relation": "same", "change": "register"}) for pair in pairs]
    (grown / "pairs" / "later.jsonl").write_text("\n".join(lines), "utf-8")

    def sure(folder: Path) -> float:
        judge = trendnlp.load(Settings(models=folder)).matcher.comparer
        assert judge is not None
        told = judge.judge.predict_proba([(p["a"], p["b"]) for p in pairs if p["market"] in teaching])
        return float(told[:, RELATIONS.index(Relation.SAME)].mean())

    for out in (one := tmp_path / "one", two := tmp_path / "two"):
        shutil.copytree(models, out)
        judge = add_judges(grown, out, Bases(base, None), JUDGE, quiet, further="later").manifest.judges["fast"]
        assert (judge.settings["further"], judge.settings["rate"]) == (len(teaching), pytest.approx(TUNE.rate / 3))
    assert files(one) == files(two)
    assert sure(one) > sure(models)  # than before it read them


def test_what_a_judge_cannot_learn_further_from(corpus: Path, without: Path, base: Encoder, tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"later\.jsonl: cannot be read"):
        add_judges(corpus, without, Bases(base, None), JUDGE, quiet, further="later")
    with pytest.raises(ArtefactError, match="has no fast judge that could learn further"):
        add_judges(corpus, without, Bases(base, None), JUDGE, quiet, further="some")
    for more in ((), ("--only", "judge-rules"), ("--only", "judge", "--epochs", "2")):
        code, _, err = run(without, tmp_path, "train", "--corpus", str(corpus), "--further", "some", *more)
        assert (code, "--further some" in err) == (2, True)


def test_too_few_markets_to_train_on(corpus: Path, tmp_path: Path) -> None:
    lines = (corpus / "pairs" / "some.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "pairs").mkdir()
    (tmp_path / "pairs" / "few.jsonl").write_text("\n".join(lines[:4]) + "\n", "utf-8")
    with pytest.raises(CorpusError, match="part of its pairs"):
        material(tmp_path, read_corpus(corpus), JUDGE)


RISES, FALLS = "Demand for carts is rising.", "Demand for carts is falling."


def test_the_pipeline_compares_by_the_judge(models: Path) -> None:
    pipeline = trendnlp.load(Settings(models=models))
    found = pipeline.matcher.compare(
        [Question(RISES, FALLS, "trend"), Question(RISES, "demand for carts is  RISING"), Question(FALLS, RISES)]
    )
    assert [v.relation for v in found[1:]] == [Relation.SAME, found[0].relation]
    assert found[0].relation is Relation.CONTRADICTS and found[0].ground is Ground.GUARD
    assert found[2] == found[0].turned()
    analysis = pipeline.analyse(read_text(f"{RISES} {FALLS}"))
    assert pipeline.consolidate(claims_of(analysis)).model == pipeline.matcher.digest != pipeline.matcher.encoder.digest


def test_models_without_a_judge_compare_by_guards_and_cosine_and_say_so(without: Path) -> None:
    pipeline = trendnlp.load(Settings(models=without))
    assert pipeline.matcher.comparer is None
    contrary, found = pipeline.matcher.compare(
        [Question("Costs rise.", "Costs fall."), Question(RISES, "Demand for carts is now rising.")]
    )
    assert (contrary.relation, contrary.ground, contrary.score) == (Relation.CONTRADICTS, Ground.GUARD, None)
    assert (found.ground, found.score, found.guards) == (Ground.COSINE, None, ())
    assert found.threshold == pipeline.matcher.threshold
    record = comparison_record(found, pipeline.matcher.digest)
    assert (record["model"], record["reason"]) == (
        pipeline.matcher.encoder.digest,
        f"cosine {found.cosine:.2f} is high enough; no judge was asked",
    )
    assert record["same"] is True


# The command line


def run(models: Path, home: Path, *arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["--models", str(models), "--home", str(home), *arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


def test_the_list_of_models_names_the_judge(models: Path, without: Path, tmp_path: Path) -> None:
    names = [
        [line.split()[0] for line in run(folder, tmp_path, "models", "list")[1].splitlines() if line[:1].strip()]
        for folder in (models, without)
    ]
    assert ["judge" in found for found in names] == [True, False]


def test_compare_two_statements(models: Path, tmp_path: Path) -> None:
    code, out, _ = run(models, tmp_path, "compare", RISES, FALLS, "--kind", "trend")
    relation, score, reason = out.rstrip("\n").split("\t")
    assert (code, relation, reason) == (0, "contradicts", "direction: rising / falling")
    assert 0 <= float(score) <= 1


def test_compare_a_file_of_pairs(models: Path, tmp_path: Path) -> None:
    pipeline = trendnlp.load(Settings(models=models))
    lines = [
        json.dumps({"a": RISES, "b": FALLS, "kind": "trend", "more": 1}),
        "[]",
        json.dumps({"a": RISES, "b": " "}),
        json.dumps({"a": "\ud800", "b": RISES}),
        json.dumps({"a": RISES, "b": RISES}),
    ]
    code, out, err = run(
        models, tmp_path, "compare", "--pairs", "-", "--format", "jsonl", stdin="\ufeff" + "\n".join(lines)
    )
    verdicts = pipeline.matcher.compare([Question(RISES, FALLS, "trend"), Question(RISES, RISES)])
    records = [comparison_record(v, pipeline.matcher.digest) for v in verdicts]
    assert [json.loads(line) for line in out.splitlines()] == [
        records[0],
        {"error": "is no JSON object"},
        {"error": "has no words in b"},
        {"error": "has half of a surrogate pair in a"},
        records[1],
    ]
    assert (code, records[1]["same"], records[1]["score"]) == (1, True, 1.0)
    assert "line 2: is no JSON object\nline 3: has no words in b\n" in err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("one",),
        ("one", "two", "three"),
        ("one", "two", "--pairs", "x"),
        ("one", " "),
        ("one", "\udcff"),
        ("--pairs", "no"),
    ],
)
def test_compare_used_wrongly(models: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(models, tmp_path, "compare", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("trendnlp: ")


# Over HTTP


@pytest.fixture(scope="module")
def client(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(tmp_path_factory.mktemp("home"), models=models) as client:
        yield client


def test_compare_over_http(client: TestClient, models: Path) -> None:
    pairs = [{"a": RISES, "b": FALLS, "kind": "trend"}, {"a": RISES, "b": RISES}]
    answer = client.post("/v1/compare", json={"pairs": pairs})
    pipeline = trendnlp.load(Settings(models=models))
    verdicts = pipeline.matcher.compare([Question(RISES, FALLS, "trend"), Question(RISES, RISES)])
    records = [comparison_record(v, pipeline.matcher.digest) for v in verdicts]
    assert (answer.status_code, answer.json()) == (200, {"items": json.loads(json.dumps(records))})


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/pairs"),
        ({"pairs": []}, "#/pairs"),
        ({"pairs": [{"a": "One."}]}, "#/pairs/0/b"),
        ({"pairs": [{"a": "One.", "b": "  "}]}, "#/pairs/0/b"),
        ({"pairs": [{"a": "One.", "b": "Two.", "kinds": "trend"}]}, "#/pairs/0/kinds"),
    ],
)
def test_a_bad_comparison_is_named(client: TestClient, body: dict[str, object], pointer: str) -> None:
    answer = client.post("/v1/compare", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


def test_a_contested_finding_shows_both_sides(client: TestClient) -> None:
    one = put(client, f"{RISES}\n", kinds=("trend",), source="one.md")
    put(client, f"{FALLS}\n", kinds=("trend",), source="two.md")
    workspace = client.app.state.workspace  # type: ignore[attr-defined]
    # the vectors of these test documents are no encoder's: with one vector for both, the pair is near enough to judge
    near = [replace(c, labelled=replace(c.labelled, vector=make_vector("near"))) for c in workspace.store.claims()]
    workspace.store.replace_findings(workspace.pipeline.consolidate(near))
    (listed,) = client.get("/v1/findings", params={"document": one}).json()["items"]
    finding = client.get(f"/v1/findings/{listed['id']}").json()
    (contest,) = finding["contested"]
    assert contest["entry"] == listed["apart"][0] | {"run": None}  # no ingest or batch has recorded it
    assert (contest["entry"]["relation"], contest["entry"]["reason"]) == ("contradicts", "direction: rising / falling")
    assert [contest[side]["record"]["source"] for side in ("ours", "theirs")] == ["one.md", "two.md"]
    assert [contest[side]["quote"]["exact"] for side in ("ours", "theirs")] == [RISES, FALLS]
    page = client.get(f"/findings/{listed['id']}").text
    assert "Contested" in page and RISES in page and FALLS in page and contest["theirs"]["record"]["finding"] in page


def test_why_on_the_command_line(client: TestClient, models: Path) -> None:
    home = client.app.state.workspace.settings.home  # type: ignore[attr-defined]
    ids = [f["id"] for f in client.get("/v1/findings").json()["items"]]
    code, out, _ = run(models, home, "findings", "--why", *ids, "--format", "jsonl")
    record = json.loads(out)
    assert (code, record["together"], record["findings"], record["stored"]) == (0, False, ids, True)
    assert record["relation"] == "contradicts"
    code, out, _ = run(models, home, "findings", "--why", *ids)
    assert (code, "contradicts, in two findings: direction:" in out) == (0, True)
    turned = run(models, home, "findings", "--why", *reversed(ids))[1]
    said, seen = (text.splitlines()[2].partition("direction: ")[2].split(" / ") for text in (out, turned))
    assert said == seen[::-1]
    assert run(models, home, "findings", "--why", "st_none", ids[0])[0] == 3
