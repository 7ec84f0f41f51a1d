"""The most like of what is judged."""

from __future__ import annotations

import numpy as np

from trendnlp.nearest import Nearest, Neighbour


def test_of_each_the_most_like_but_itself_the_lowest_id_of_several() -> None:
    chance = np.random.default_rng(7)
    made = chance.normal(size=(203, 384)).astype("<f4")
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    made[150] = made[31]  # equal vectors
    made[201] = made[202] = made[12]
    vectors = {f"st_{i:03}": row.tobytes() for i, row in enumerate(made)}
    first = dict(list(vectors.items())[:160])
    nearest = Nearest(first).after(list(vectors)[160:], dict(list(vectors.items())[160:]))
    wanted = [*vectors.items(), ("st_new", made[150].tobytes()), ("st_none", None)]
    for size in (len(wanted), 1):
        found = [n for start in range(0, len(wanted), size) for n in nearest.of_each(wanted[start : start + size])]
        expected: list[Neighbour | None] = []
        for id, vector in wanted[:-1]:
            cosines = made.astype("f8") @ np.frombuffer(vector or b"", "<f4").astype("f8")
            others = [(-round(c, 6), other) for c, other in zip(cosines, vectors, strict=True) if other != id]
            cosine, other = min(others)
            expected.append(Neighbour(other, round(-cosine, 4)))
        assert [n.statement if n else None for n in found] == [*(n.statement for n in expected if n), None]
        assert all(abs(n.cosine - e.cosine) < 2e-4 for n, e in zip(found, expected, strict=False) if n and e)


def test_nothing_judged_or_itself_alone_has_no_most_like() -> None:
    vector = np.eye(1, 384, dtype="<f4").tobytes()
    assert Nearest({}).of_each([("st_1", vector)]) == [None]
    assert Nearest({"st_1": vector}).of_each([("st_1", vector), ("st_2", vector)]) == [None, Neighbour("st_1", 1.0)]
    assert Nearest({"st_1": vector}).of_each([]) == []
