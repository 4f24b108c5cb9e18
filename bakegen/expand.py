"""Axes - rules - excludes + includes -> combinations. Pure, and it prunes while it walks.

Everything that removes combinations is one kind of data, a ``Nogood``: values of some axes that do not go
together. The walk keeps a domain (a bit mask of the values still possible) for every axis; a nogood of which all
but one axis are decided takes the remaining values out of that axis's domain, and a domain that is empty ends the
branch. The axis with the fewest values left is decided next. So the cost follows the combinations that survive,
not the raw product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from bakegen.matchers import members
from bakegen.plan import Nogood

Combination = tuple[int, ...]


def combinations(sizes: Sequence[tuple[str, int]], nogoods: Sequence[Nogood]) -> list[Combination]:
    """All combinations of the axes (name and number of values, in order) that no nogood removes, in the axes' order.

    A nogood that mentions an axis which is not there removes nothing.
    """
    return sorted(walk(sizes, nogoods))


def walk(sizes: Sequence[tuple[str, int]], nogoods: Sequence[Nogood]) -> Iterator[Combination]:
    """The surviving combinations in no promised order, one by one: who wants only the first pays for no more."""
    places = {axis: place for place, (axis, _) in enumerate(sizes)}
    domains = [(1 << size) - 1 for _, size in sizes]
    rules = [
        [(places[axis], mask & domains[places[axis]]) for axis, mask in nogood.masks]
        for nogood in nogoods
        if all(axis in places for axis, _ in nogood.masks)
    ]
    pending = [sorted(rule) for rule in rules]
    if _propagate(domains, pending):
        yield from _branch(domains, pending)


def _propagate(domains: list[int], rules: list[list[tuple[int, int]]]) -> bool:
    """Take out of ``domains`` what the rules forbid, until nothing moves, and drop the rules that are settled.

    Returns False when an axis has no value left.
    """
    moved = True
    while moved:
        moved = False
        open_rules = []
        for rule in rules:
            undecided = -1
            several = settled = False
            for place, mask in rule:
                domain = domains[place]
                if not domain & mask:
                    settled = True
                    break
                if domain & ~mask:
                    if undecided >= 0:
                        several = True
                    undecided = place
                    left = domain & ~mask
            if settled:
                continue
            if several:
                open_rules.append(rule)
            elif undecided < 0:
                return False
            else:
                domains[undecided] = left
                moved = True
        rules[:] = open_rules
    return all(domains)


def _branch(domains: list[int], rules: list[list[tuple[int, int]]]) -> Iterator[Combination]:
    if not rules:
        yield from product(*map(members, domains))
        return
    open_places = {place for rule in rules for place, _ in rule if domains[place] & (domains[place] - 1)}
    place = min(open_places, key=lambda candidate: (domains[candidate].bit_count(), candidate))
    for value in members(domains[place]):
        narrowed = domains.copy()
        narrowed[place] = 1 << value
        remaining = rules.copy()
        if _propagate(narrowed, remaining):
            yield from _branch(narrowed, remaining)
