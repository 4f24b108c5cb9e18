"""The record of what was verified: what may enter it, what leaves it, and its file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import outcome, record
from bakegen.outcome import TestState
from bakegen.plan import Plan, Selection, select
from bakegen.record import Facts, Place, RecordError, Seen, Verified
from tests.projects import project

STACK = """
title = "S"
platforms = ["linux/amd64", "linux/arm64"]

[[layers]]
name   = "os"
parent = "debian:12"
context = "a"

[[layers]]
name   = "app"
parent = "os"
context = "a"
image  = "app"
tags   = ["1"]

  [[layers.tests]]
  name = "one"
  run  = "true"

  [[layers.tests]]
  name = "two"
  run  = "true"

[[layers]]
name   = "later"
parent = "os"
context = "a"
image  = "later"
tags   = ["1"]
status = "planned"
reason = "not yet"
"""
AMD, ARM = "linux/amd64", "linux/arm64"


def digest(text: str) -> str:
    return f"sha256:{text * 64}"


CONTENTS = {"s-os": digest("0"), "s-app": digest("1")}
ROW = Verified("s-app", AMD, digest("a"), digest("b"), 2, (), digest("c"), "2026-11-20", "28.5.2", "0.29.1")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return project(tmp_path, STACK)[1]


def facts(seen: Mapping[Place, Seen] | None = None) -> Facts:
    places = [(name, platform) for name in CONTENTS for platform in (AMD, ARM)]
    return Facts(
        contents=CONTENTS,
        keys={place: digest("e" if place[1] == AMD else "f") for place in places},
        definitions={place: digest("d") for place in places},
        seen={("s-app", one): Seen(digest("9"), CONTENTS["s-app"]) for one in (AMD, ARM)} if seen is None else seen,
        date="2026-11-20",
        docker="28",
        buildx="0.29",
    )


def came(*states: tuple[str, str, TestState]) -> outcome.TestReport:
    return outcome.TestReport(
        tuple(
            outcome.TestResult("s-app", "app:1", "s/app", name, platform, state, 0.1, "", (), ())
            for platform, name, state in states
        ),
        (),
    )


def judged(plan: Plan, report: outcome.TestReport, seen: Mapping[Place, Seen] | None = None) -> record.Verdict:
    return record.judge(plan, select(plan, Selection(("s/app",))), report, facts(seen))


def test_what_passed_is_recorded_with_what_it_stands_on(plan: Plan) -> None:
    verdict = judged(plan, came((AMD, "one", "passed"), (AMD, "two", "passed"), (ARM, "one", "passed")))
    assert verdict.refused == ()
    assert verdict.broken == frozenset()
    assert [(row.place, row.tests, row.image, row.key) for row in verdict.rows] == [
        (("s-app", AMD), 2, digest("9"), digest("e")),
        (("s-os", AMD), 0, None, digest("e")),
        (("s-app", ARM), 1, digest("9"), digest("f")),
        (("s-os", ARM), 0, None, digest("f")),
    ]


@pytest.mark.parametrize("state", ["failed", "error", "not run"])
def test_what_failed_is_not(plan: Plan, state: TestState) -> None:
    verdict = judged(plan, came((AMD, "one", "passed"), (AMD, "two", state), (ARM, "one", "passed")))
    assert [row.place for row in verdict.rows] == [("s-app", ARM), ("s-os", ARM)]
    assert verdict.broken == {("s-app", AMD)}
    assert verdict.refused == ()


def test_what_lacks_an_accelerator_is_said_and_not_counted(plan: Plan) -> None:
    row = judged(plan, came((AMD, "one", "passed"), (AMD, "two", "unavailable"))).rows[0]
    assert (row.tests, row.unavailable) == (1, ("s/app: two",))


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(digest("9"), CONTENTS["s-os"]), "its image was built from something else than what is here now"),
        (Seen(digest("9"), ""), "its image does not say what it was built from"),
        (None, "its image is not there, or was replaced while it was tested"),
    ],
)
def test_an_image_of_other_content_is_refused(plan: Plan, seen: Seen | None, why: str) -> None:
    there = {("s-app", ARM): Seen(digest("9"), CONTENTS["s-app"])} | ({("s-app", AMD): seen} if seen else {})
    verdict = judged(plan, came((AMD, "one", "passed"), (ARM, "one", "passed")), there)
    assert verdict.refused == (f"s-app {AMD} is not recorded: {why}: make it anew with bakegen build --load",)
    assert [row.place for row in verdict.rows] == [("s-app", ARM), ("s-os", ARM)]


def test_merging_keeps_what_is_there_and_drops_what_is_gone(plan: Plan) -> None:
    arm = replace(ROW, platform=ARM)
    gone = [replace(ROW, target="s-gone"), replace(ROW, platform="linux/386"), replace(ROW, target="s-later")]
    new = replace(ROW, date="2026-11-21")
    assert record.merge(plan, [arm, ROW, *gone], [new], ()) == (new, arm)
    assert record.merge(plan, [arm, ROW], [], {("s-app", ARM)}) == (ROW,)
    assert record.merge(plan, [], [arm, ROW], ()) == (ROW, arm)


def test_what_a_row_says_now() -> None:
    assert record.state(None, ROW.key, ROW.definitions) == "not built here"
    assert record.state(ROW, ROW.key, ROW.definitions) == "tested"
    assert record.state(ROW, digest("0"), ROW.definitions) == "changed since"
    assert record.state(ROW, ROW.key, digest("0")) == "changed since"
    assert record.state(replace(ROW, tests=0), ROW.key, digest("0")) == "built"


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


ROWS = st.builds(
    Verified,
    target=WORDS,
    platform=WORDS,
    key=st.just(digest("a")),
    image=st.sampled_from([None, digest("b")]),
    tests=st.integers(0, 99),
    unavailable=st.lists(WORDS, max_size=2).map(tuple),
    definitions=st.just(digest("c")),
    date=st.just("2026-11-20"),
    docker=WORDS,
    buildx=WORDS,
)


@given(st.lists(ROWS, unique_by=lambda row: row.place, max_size=4))
def test_what_is_written_is_read(rows: list[Verified]) -> None:
    text = record.write(rows)
    assert record.read(text) == tuple(rows)
    assert len(text.splitlines()) >= len(rows) + 3


def one(**words: object) -> str:
    return json.dumps({"schema": 1, "images": [{**asdict(ROW), **words}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n<<<<<<< one", "line 2: no JSON: expecting property name enclosed in double quotes"),
        ("[" * 100_000, "no JSON that anyone can read"),
        ('{"schema": 1, "images": [' + "9" * 5000 + "]}", "no JSON that anyone can read"),
        ("[]", 'no record of what was verified: it has no "schema": 1'),
        ('{"schema": 2, "images": []}', 'no record of what was verified: it has no "schema": 1'),
        ('{"schema": 1}', 'it has no list "images"'),
        ('{"schema": 1, "images": [1]}', "images[0]: a row has buildx, date, "),
        (one(more=1), "images[0]: a row has buildx, date, "),
        (one(key="sha256:0", image="x", tests=True, unavailable=[1]), "images[0]: not what a row holds: key, image"),
        (one(target="a\x1b[31m", date="yesterday"), "images[0]: not what a row holds: target, date"),
        (one(tests=-1), "images[0]: not what a row holds: tests"),
        (
            json.dumps({"schema": 1, "images": [asdict(ROW), asdict(ROW)]}),
            "images[1]: s-app linux/amd64 stands twice: keep one",
        ),
    ],
)  # fmt: skip
def test_what_is_no_record(text: str, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        record.read(text)
    assert str(caught.value).startswith(message)
