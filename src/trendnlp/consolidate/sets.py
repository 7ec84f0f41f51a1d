"""Disjoint sets of numbers, some of which may never be joined."""

from __future__ import annotations


class Sets:
    """The numbers below ``size``, each in a set of its own at first. A set is named by its lowest number."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))
        self._foes: dict[int, set[int]] = {}

    def root(self, i: int) -> int:
        """The name of the set that ``i`` is in."""
        while self._above[i] != i:
            self._above[i] = i = self._above[self._above[i]]
        return i

    def may_join(self, i: int, j: int) -> bool:
        return self.root(i) not in self._foes.get(self.root(j), ())

    def hold_apart(self, i: int, j: int) -> None:
        a, b = self.root(i), self.root(j)
        self._foes.setdefault(a, set()).add(b)
        self._foes.setdefault(b, set()).add(a)

    def join(self, i: int, j: int) -> None:
        low, high = sorted((self.root(i), self.root(j)))
        if low == high:
            return
        self._above[high] = low
        for foe in self._foes.pop(high, ()):
            self._foes[foe].discard(high)
            self.hold_apart(low, foe)
