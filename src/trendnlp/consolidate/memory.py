"""Verdicts that are known already: no pair is guarded or judged twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Protocol

from trendnlp import guards
from trendnlp.consolidate import compare
from trendnlp.consolidate.compare import Comparer, CosineComparer, Pair
from trendnlp.guards import Reading
from trendnlp.relations import Verdict

AT_ONCE = 1024  # pairs that a comparer is given together: of more, what it reads would fill the memory
JUDGED_AT_ONCE = 64  # the same where a judge, which takes long, is asked and verdicts are noted: what an end may cost
KEY_BYTES = 16  # the chance that two of a billion pairs share a key is one in 10^20


class Notes(Protocol):
    """Who is told of verdicts while they are made. It may raise to end the work: what it was told need not be found out
    again.
    """

    def expect(self, pairs: int) -> None:
        """So many more pairs are about to be compared, as far as is known; none where it is asked whether to end."""
        ...

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """These have been made, by their keys."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """Notes that ``keep`` verdicts, by pair, and tell others of what is kept."""

    keep: Callable[[Mapping[bytes, Verdict]], None]
    then: Notes | None = None

    def expect(self, pairs: int) -> None:
        if self.then is not None:
            self.then.expect(pairs)

    def add(self, verdicts: Mapping[bytes, Verdict]) -> None:
        self.keep(verdicts)
        if self.then is not None:
            self.then.add(verdicts)


class Memory:
    """Verdicts by what they depend on: the two texts with their kinds, and the cosine.

    ``learnt`` are those that it was not made with and that were not handed over yet. Where there are ``notes``, they
    are told of them before, so many ``at_once``.
    """

    def __init__(
        self, known: Mapping[bytes, Verdict] | None = None, notes: Notes | None = None, at_once: int = AT_ONCE
    ) -> None:
        self.known = dict(known or {})
        self.learnt: dict[bytes, Verdict] = {}
        self.notes = notes
        self.at_once = at_once
        self._waiting: dict[bytes, Verdict] = {}  # to be noted

    def compare(self, pairs: Sequence[Pair], comparer: Comparer | CosineComparer) -> list[Verdict]:
        """One verdict a pair, in order."""
        keys = [key_of(pair) for pair in pairs]
        self.learn({key: pair for key, pair in zip(keys, pairs, strict=True) if key not in self.known}, comparer)
        return [seen(self.known[key], pair) for key, pair in zip(keys, pairs, strict=True)]

    def learn(self, fresh: Mapping[bytes, Pair], comparer: Comparer | CosineComparer) -> None:
        """Compare pairs, given by their keys."""
        self.expect(len(fresh))
        waiting = iter(fresh.items())
        while some := list(islice(waiting, self.at_once)):
            verdicts = comparer.compare([pair for _, pair in some])
            self.take({key: seen(verdict, pair) for (key, pair), verdict in zip(some, verdicts, strict=True)})

    def expect(self, pairs: int) -> None:
        """So many pairs are about to be compared, here or elsewhere."""
        if self.notes and pairs:
            self.notes.expect(pairs)

    def take(self, verdicts: Mapping[bytes, Verdict]) -> None:
        """Verdicts that have been made, here or elsewhere."""
        self.known.update(verdicts)
        self.learnt.update(verdicts)
        if self.notes:
            self._waiting.update(verdicts)
            if len(self._waiting) >= self.at_once:
                self.note()

    def note(self) -> None:
        """Tell the notes what they have not been told yet."""
        if self.notes and self._waiting:
            waiting, self._waiting = self._waiting, {}
            self.notes.add(waiting)

    def forget(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            self.known.pop(key, None)
            self.learnt.pop(key, None)

    def hand_over(self) -> dict[bytes, Verdict]:
        """What was learnt since the last time; nothing where it has been noted."""
        learnt, self.learnt = self.learnt, {}
        return {} if self.notes else learnt


def key_of(pair: Pair) -> bytes:
    """The same for a pair and the pair turned round."""
    sides = sorted((_side(pair.a), _side(pair.b)))
    state = "\0\0".join((*sides, pair.cosine.hex()))
    return hashlib.blake2b(state.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def rule_digest(comparer: Comparer | CosineComparer) -> str:
    """Of all that a verdict depends on but for its pair: the judge, its rule, and the code that compares."""
    rule = comparer.rule if isinstance(comparer, Comparer) else comparer.threshold
    return hashlib.sha256(f"{comparer.digest} {rule} {_code_digest()}".encode()).hexdigest()


@cache
def _code_digest() -> str:
    package = Path(str(guards.__file__)).parents[1]
    names = ("judge.py", "encode.py", "quantize.py", "context.py", "segment.py", "relations.py", "read/gazetteer.py")
    readers = [package / name for name in names]
    files = [Path(str(compare.__file__)), *readers, *sorted((package / "guards").glob("*.py"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _side(reading: Reading) -> str:
    return f"{reading.kind or ''}\0{reading.text}"


def seen(verdict: Verdict, pair: Pair) -> Verdict:
    """The ``verdict`` on ``pair`` as a memory holds it, from one that sees the first of the two first; and back."""
    return verdict if not verdict.guards or _side(pair.a) <= _side(pair.b) else verdict.turned()
