"""Expansion is the filtered product, in the product's order, at a cost that follows what survives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product

from hypothesis import given
from hypothesis import strategies as st

from bakegen.expand import combinations, walk
from bakegen.plan import Cause, Nogood, Origin

CAUSE = Cause("rule", Origin("f", ()), "because", None)
AXES = ("a", "b", "c", "d")


def nogood(*masks: tuple[str, int]) -> Nogood:
    return Nogood(masks, CAUSE)


def filtered(sizes: Sequence[tuple[str, int]], nogoods: Sequence[Nogood]) -> list[tuple[int, ...]]:
    """Brute force: the whole product, and each combination asked of each nogood."""
    names = [name for name, _ in sizes]
    return [
        one
        for one in product(*(range(size) for _, size in sizes))
        if not any(bad.forbids(dict(zip(names, one, strict=True))) for bad in nogoods)
    ]


SIZES = st.lists(st.integers(1, 4), max_size=4).map(lambda sizes: list(zip(AXES, sizes, strict=False)))
NOGOODS = st.lists(
    st.lists(st.tuples(st.sampled_from(AXES), st.integers(0, 15)), min_size=1, max_size=4).map(
        lambda masks: nogood(*masks)
    ),
    max_size=8,
)


@given(SIZES, NOGOODS)
def test_the_filtered_product_in_its_order(sizes: list[tuple[str, int]], nogoods: list[Nogood]) -> None:
    assert combinations(sizes, nogoods) == filtered(sizes, nogoods)


@given(SIZES, NOGOODS)
def test_the_walk_gives_each_combination_once(sizes: list[tuple[str, int]], nogoods: list[Nogood]) -> None:
    walked = list(walk(sizes, nogoods))
    assert len(walked) == len(set(walked))
    assert sorted(walked) == filtered(sizes, nogoods)


def test_no_axes_is_one_combination() -> None:
    assert combinations([], []) == [()]


def test_a_nogood_about_another_axis_removes_nothing() -> None:
    assert combinations([("a", 2)], [nogood(("a", 1), ("z", 1))]) == [(0,), (1,)]


def test_an_axis_that_stands_twice_in_a_nogood_means_both() -> None:
    assert combinations([("a", 3)], [nogood(("a", 0b011), ("a", 0b110))]) == [(0,), (2,)]


def test_an_axis_without_values_leaves_nothing() -> None:
    assert combinations([("a", 2), ("b", 1)], [nogood(("b", 1))]) == []


def moving_together(axes: int, values: int) -> tuple[list[tuple[str, int]], list[Nogood]]:
    """Axes of which all take the same value: ``values`` combinations of a product of ``values ** axes``."""
    sizes = [(f"x{number}", values) for number in range(axes)]
    everything = (1 << values) - 1
    nogoods = [
        nogood((f"x{number}", 1 << value), (f"x{number + 1}", everything & ~(1 << value)))
        for number in range(axes - 1)
        for value in range(values)
    ]
    return sizes, nogoods


def test_a_product_of_a_billion_with_a_thousand_survivors() -> None:
    sizes, nogoods = moving_together(3, 1000)
    found = combinations(sizes, nogoods)
    assert found == [(value, value, value) for value in range(1000)]


def test_the_first_of_very_many_costs_little() -> None:
    sizes, nogoods = moving_together(30, 10)
    assert list(islice(walk(sizes, nogoods), 1)) == [(0,) * 30]
