"""Documents side by side: each has the labels, the vectors and the findings that it has alone, to the last bit."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from trendnlp.encode import Encoder, use_threads
from trendnlp.lanes import Lanes
from trendnlp.pipeline import Pipeline, claims_of
from trendnlp.read import read_path
from trendnlp.types import Analysis, Consolidation, Document

REPORTS = Path(__file__).parent / "data" / "reports"
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [
        read_path(path, source=path.name)
        for path in sorted(REPORTS.glob("*.md"), key=lambda path: path.stat().st_size)[:5]
    ]


def done(lanes: Lanes, document: Document) -> tuple[Analysis, Consolidation]:
    with lanes.lane() as pipeline:
        analysis = pipeline.analyse(document)
        return analysis, pipeline.consolidate(claims_of(analysis))


@pytest.mark.parametrize("model", ["pipeline", "best"])
def test_side_by_side_is_as_alone(request: pytest.FixtureRequest, documents: list[Document], model: str) -> None:
    pipeline: Pipeline = request.getfixturevalue(model)
    analyses = [pipeline.analyse(document) for document in documents]
    alone = [(analysis, pipeline.consolidate(claims_of(analysis))) for analysis in analyses]
    assert sum(len(analysis.claims) for analysis in analyses) >= 5
    lanes = Lanes(pipeline, 2)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda document: done(lanes, document), [*documents, *documents[:2]]))
    assert together == [*alone, *alone[:2]]


def test_the_labels_do_not_depend_on_the_number_of_cores(pipeline: Pipeline, documents: list[Document]) -> None:
    found = []
    for threads in (1, 2):
        use_threads(threads)
        found.append([pipeline.analyse(document) for document in documents[:2]])
    assert found[0] == found[1]


def encoders(pipeline: Pipeline) -> list[Encoder]:
    return [pipeline.matcher.encoder, pipeline.model.encoder]  # type: ignore[attr-defined]


def test_the_weights_are_in_memory_once(pipeline: Pipeline) -> None:
    lanes = Lanes(pipeline, 2)
    with lanes.lane() as first, lanes.lane() as second:
        assert first is not second and first is not pipeline
        for one, other, of in zip(encoders(first), encoders(second), encoders(pipeline), strict=True):
            assert one.model.tokenizer is not other.model.tokenizer
            places = [{t.data_ptr() for t in encoder.model.parameters()} for encoder in (one, other, of)]
            assert places[0] == places[1] == places[2]


def test_who_comes_first_is_served_first_and_an_error_gives_the_lane_back(pipeline: Pipeline) -> None:
    lanes = Lanes(pipeline, 1)
    served: list[int] = []

    def come(number: int) -> None:
        with lanes.lane():
            served.append(number)
            raise ValueError(number)

    with ThreadPoolExecutor(5) as pool:
        with lanes.lane():
            waiting = []
            for number in range(5):
                waiting.append(pool.submit(come, number))
                deadline = time.monotonic() + PATIENCE
                while len(lanes._line) <= number:
                    assert time.monotonic() < deadline
                    time.sleep(0.001)
        errors = [future.exception(PATIENCE) for future in waiting]
    assert served == [0, 1, 2, 3, 4] and all(isinstance(error, ValueError) for error in errors)


def test_who_is_alone_has_all_cores(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trendnlp.lanes.cores", lambda: 4)
    lanes = Lanes(pipeline, 2)
    seen: list[int] = []

    def second() -> None:
        with lanes.lane():
            seen.append(torch.get_num_threads())

    with lanes.lane():
        seen.append(torch.get_num_threads())
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert seen == [4, 2]
