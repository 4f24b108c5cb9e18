"""What buildx prints as rawjson -> what each target is doing, and how that is shown. The lines are as buildx 0.29 told
them, shortened."""

from __future__ import annotations

import base64
import io
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen.cli import building
from bakegen.engine.display import Lines, Live, clipped, span, told
from bakegen.engine.lines import LONGEST, TAIL, Tail, readable
from bakegen.engine.progress import Progress
from bakegen.engine.steps import News, StepDone, TargetDone
from bakegen.plan import Link, Target

BOTH = ("linux/amd64", "linux/arm64")


def target(name: str, *parents: str, platforms: tuple[str, ...] = BOTH) -> Target:
    links = tuple(Link(f"link{number}", "target", parent) for number, parent in enumerate(parents))
    empty: dict[str, Any] = {field.name: () for field in fields(Target)}
    return Target(**{**empty, "name": name, "stack": "fam", "layer": name, "platforms": platforms, "links": links})


def vertex(
    digest: str,
    name: str,
    began: float | None = None,
    ended: float | None = None,
    *,
    cached: bool = False,
    error: str = "",
) -> str:
    record: dict[str, Any] = {"digest": f"sha256:{digest}", "name": name}
    if began is not None:
        record["started"] = stamp(began)
    if ended is not None:
        record["completed"] = stamp(ended)
    if cached:
        record["cached"] = True
    if error:
        record["error"] = error
    return json.dumps({"vertexes": [record]}) + "\n"


def stamp(second: float) -> str:
    return f"2026-11-20T10:09:{second:012.9f}Z"


def log(digest: str, data: bytes, stream: int = 1) -> str:
    text = base64.b64encode(data).decode()
    return json.dumps({"logs": [{"vertex": f"sha256:{digest}", "stream": stream, "data": text}]}) + "\n"


def fed(progress: Progress, lines: Iterable[str]) -> list[News]:
    return [news for number, line in enumerate(lines) for news in progress.feed(line, float(number))]


def linked(*, exported: bool = True) -> Progress:
    """Two images on one internal layer."""
    targets = [target("fam-os"), target("fam-x", "fam-os"), target("fam-y", "fam-os")]
    return Progress(targets, ("fam-x", "fam-y"), exported=exported)


# The children's solves name the parent's steps (`1/2`) before its own does, and its arm64 step only when it is done.
LINKED = [
    vertex("d0", "[internal] load local bake definitions", 1, 1),
    vertex("d1", "[fam-os internal] load build definition from Dockerfile", 1.1, 1.2),
    vertex("a1", "[fam-x linux/amd64 1/2] RUN below"),
    vertex("c0", "[fam-x linux/amd64 1/3] COPY f /f"),
    vertex("a1", "[fam-os linux/amd64 1/2] RUN below"),
    vertex("a1", "[fam-os linux/amd64 1/2] RUN below", 2),
    vertex("a2", "[fam-x linux/arm64 1/2] RUN below", 2),
    vertex("a2", "[fam-y linux/arm64 1/2] RUN below", 2),
    vertex("a2", "[fam-x linux/arm64 1/2] RUN below", 2, 3.5),
    vertex("a1", "[fam-os linux/amd64 1/2] RUN below", 2, 4),
    vertex("a1", "[fam-x linux/amd64 1/2] RUN below", 2, 4),
    vertex("a2", "[fam-os linux/arm64 1/2] RUN below", 2, 3.5),
    vertex("c0", "[fam-x linux/amd64 1/3] COPY f /f", 4, 4, cached=True),
    vertex("b1", "[fam-x linux/amd64 2/3] RUN x", 4, 5),
    vertex("b2", "[fam-x linux/arm64 2/3] RUN x", 4, 6),
    vertex("c1", "[fam-y linux/amd64 2/3] RUN y", 4, 4, cached=True),
    vertex("c2", "[fam-y linux/arm64 2/3] RUN y", 4, 4, cached=True),
    vertex("e2", "[fam-y] exporting to image", 6, 6.5),
    vertex("e1", "[fam-x] exporting to image", 6, 7),
]


def test_a_parents_steps_are_its_own() -> None:
    progress = linked()
    news = fed(progress, LINKED)
    assert progress.counts("fam-os") == (2, 0)
    assert progress.counts("fam-x") == (2, 1)
    assert progress.counts("fam-y") == (0, 2)
    steps = [(one.target, one.name, one.seconds) for one in news if isinstance(one, StepDone)]
    assert steps == [
        ("fam-os", "[linux/amd64 1/2] RUN below", 2.0),
        ("fam-os", "[linux/arm64 1/2] RUN below", 1.5),
        ("fam-x", "[linux/amd64 2/3] RUN x", 1.0),
        ("fam-x", "[linux/arm64 2/3] RUN x", 2.0),
    ]


def test_a_target_is_finished_when_its_image_is_exported() -> None:
    progress = linked()
    done = [
        (one.target, one.state, one.run, one.cached) for one in fed(progress, LINKED) if isinstance(one, TargetDone)
    ]
    assert done == [("fam-os", "built", 2, 0), ("fam-y", "cached", 0, 2), ("fam-x", "built", 2, 1)]
    assert progress.close(0) == []


def test_a_parent_is_finished_when_every_platform_is() -> None:
    progress = linked()
    before = LINKED.index(vertex("a2", "[fam-os linux/arm64 1/2] RUN below", 2, 3.5))
    fed(progress, LINKED[:before])
    assert progress.finished == {}
    fed(progress, LINKED[before:])
    assert set(progress.finished) == {"fam-os", "fam-x", "fam-y"}


def test_what_is_not_exported_is_finished_by_its_steps() -> None:
    progress = linked(exported=False)
    fed(progress, LINKED[:-2])
    assert set(progress.finished) == {"fam-os", "fam-x", "fam-y"}


def test_a_target_without_steps_is_finished_at_the_end() -> None:
    progress = linked()
    fed(progress, LINKED[:2])
    assert [one.target for one in progress.close(0) if isinstance(one, TargetDone)] == ["fam-os", "fam-x", "fam-y"]
    assert progress.state("fam-os") == "built"


def test_what_runs_is_the_step_that_started_last() -> None:
    progress = linked()
    fed(progress, LINKED[:8])
    assert {name: step.names[name] for name, step in progress.running().items()} == {
        "fam-os": "[linux/amd64 1/2] RUN below",
        "fam-x": "[linux/arm64 1/2] RUN below",
        "fam-y": "[linux/arm64 1/2] RUN below",
    }
    fed(progress, LINKED[8:13])
    assert set(progress.running()) == set()


def test_seconds_are_from_the_first_step_to_the_last() -> None:
    progress = linked()
    fed(progress, LINKED)
    assert progress.seconds("fam-x") == pytest.approx(3.0)
    assert progress.seconds("fam-os") == pytest.approx(2.9)


def test_a_step_that_another_build_began_counts_from_this_ones_start() -> None:
    progress = Progress([target("one")], ("one",), exported=True)
    fed(progress, [vertex("d0", "[internal] load local bake definitions", 30, 30), vertex("a", "[1/2] RUN x", 2, 33)])
    assert progress.seconds("one") == pytest.approx(3.0)


def test_one_target_goes_without_its_name() -> None:
    progress = Progress([target("one", platforms=("linux/amd64",))], ("one",), exported=True)
    lines = [
        vertex("d0", "[internal] load local bake definitions", 1, 1),
        vertex("f", "[build 1/3] FROM docker.io/library/debian@sha256:00", 1, 1),
        vertex("a", "[build 2/3] RUN [ -d / ] && true", 2, 3),
        vertex("b", "[stage-1 1/1] COPY --from=build /x /x", 3, 3, cached=True),
        vertex("e", "exporting to image", 3, 4),
    ]
    news = fed(progress, lines)
    assert StepDone("one", "[build 2/3] RUN [ -d / ] && true", 1.0) in news
    assert progress.counts("one") == (1, 1)
    assert progress.state("one") == "built"


FAILING = [
    vertex("b1", "[fam-bad linux/amd64 1/2] RUN below", 1, 1, cached=True),
    vertex("b1", "[fam-os linux/amd64 1/2] RUN below", 1, 1, cached=True),
    vertex("b2", "[fam-os linux/arm64 1/2] RUN below", 1, 1, cached=True),
    vertex("s1", "[fam-bad linux/arm64 tools 1/2] RUN tool", 1),
    vertex("s2", "[fam-bad linux/amd64 stage-1 2/3] RUN exit 7", 2),
    vertex("z1", "[fam-late linux/amd64 1/1] RUN late"),
    vertex("z2", "[fam-other linux/amd64 1/1] RUN other", 1),
    log("s2", b"before\n"),
    log("s2", b"oh \033[31mno\033[0m\r\nend", 2),
    vertex("s2", "[fam-bad linux/amd64 stage-1 2/3] RUN exit 7", 2, 3, error='process "RUN exit 7": exit code: 7'),
    vertex(
        "s1", "[fam-bad linux/arm64 tools 1/2] RUN tool", 1, 3, error="exit code: 1: context canceled: context canceled"
    ),
    vertex("z2", "[fam-other linux/amd64 1/1] RUN other", 1, 3, error="context canceled"),
    "Dockerfile:5\n",
    "--------------------\n",
    "   4 |     COPY --from=tools /t /t\n",
    "   5 | >>> RUN exit 7\n",
    "--------------------\n",
    "ERROR: target fam-bad: failed to solve: exit code: 7\n",
]


def failing() -> Progress:
    names = ("fam-bad", "fam-late", "fam-other")
    progress = Progress([target("fam-os"), *(target(name, "fam-os") for name in names)], names, exported=True)
    fed(progress, FAILING)
    progress.close(1)
    return progress


def test_a_failure_is_the_first_error_that_is_no_cancelling() -> None:
    progress = failing()
    broken = progress.failure()
    assert broken is not None
    assert broken[0] == ("fam-bad",)
    assert broken[1].step == "[linux/amd64 stage-1 2/3] RUN exit 7"
    assert broken[1].platform == "linux/amd64"
    assert broken[1].message == 'process "RUN exit 7": exit code: 7'
    assert broken[1].log == ("before", "oh no", "end")
    assert broken[1].excerpt == ("Dockerfile:5", "   4 |     COPY --from=tools /t /t", "   5 | >>> RUN exit 7")


def test_what_came_of_the_others() -> None:
    progress = failing()
    states = {name: progress.state(name) for name in progress.targets}
    assert states == {"fam-os": "cached", "fam-bad": "failed", "fam-late": "not run", "fam-other": "canceled"}


def test_a_parents_broken_step_is_the_parents_even_where_only_children_tell_of_it() -> None:
    progress = linked()
    lines = [
        vertex("a2", "[fam-os linux/arm64 1/1] RUN exit 3", 1, 2, error="context canceled"),
        vertex("a1", "[fam-x linux/amd64 1/1] RUN exit 3", 1, 2, error="exit code: 3"),
        vertex("a1", "[fam-y linux/amd64 1/1] RUN exit 3", 1, 2, error="exit code: 3"),
        *(
            "Dockerfile:2\n",
            "------\n",
            "   1 |     FROM base\n",
            "   2 | >>> RUN exit 3\n",
            "   3 |     \n",
            "------\n",
        ),
    ]
    fed(progress, lines)
    child = "FROM base\nRUN true\n"
    progress.settle({"fam-os": "FROM base\nRUN exit 3\n", "fam-x": child, "fam-y": child})
    broken = progress.failure()
    assert broken is not None
    assert broken[0] == ("fam-os",)
    assert broken[1].step == "[linux/amd64 1/1] RUN exit 3"
    assert {name: progress.state(name) for name in progress.targets} == {
        "fam-os": "failed",
        "fam-x": "not run",
        "fam-y": "not run",
    }


def test_a_childs_broken_step_stays_its_own_where_both_have_such_a_line() -> None:
    progress = failing()
    same = "\n\n\nCOPY --from=tools /t /t\nRUN exit 7\n"
    progress.settle(dict.fromkeys(progress.targets, same))
    broken = progress.failure()
    assert broken is not None
    assert broken[0] == ("fam-bad",)


@pytest.mark.parametrize(
    "line", ["ERROR: target fam-y: failed to solve: no such file", "ERROR: failed to solve: no such file"]
)
def test_a_failure_outside_of_any_step(line: str) -> None:
    targets = [target("fam-y")] if "target" not in line else [target("fam-x"), target("fam-y")]
    progress = Progress(targets, ("fam-y",), exported=True)
    fed(progress, ["WARNING: something\n", line + "\n"])
    broken = progress.failure()
    assert broken is not None
    assert broken[0] == ("fam-y",)
    assert broken[1].message == "failed to solve: no such file"
    assert progress.state("fam-y") == "failed"


def test_lines_that_are_no_records_are_kept() -> None:
    progress = linked()
    news = fed(progress, ["\n", "{not json\n", '{"vertexes": null}\n', "[1]\n", "ERROR: no builder\n"])
    assert news == []
    assert list(progress.text) == ["", "{not json", "[1]", "ERROR: no builder"]
    assert progress.failure() is None


def test_a_log_comes_in_pieces() -> None:
    progress = Progress([target("one")], ("one",), exported=True)
    pieces = [b"10%\r50%\r100%\nhal", b"f a line\n", b"\xff\xfe\n", b"\ttab\x07\n"]
    fed(progress, [vertex("a", "[1/1] RUN x", 1), *(log("a", piece) for piece in pieces)])
    fed(progress, [vertex("a", "[1/1] RUN x", 1, 2, error="exit code: 1")])
    broken = progress.failure()
    assert broken is not None
    assert broken[1].log == ("100%", "half a line", "��", "    tab\\x07")


def test_standard_error_keeps_half_of_the_last_lines() -> None:
    tail = Tail()
    tail.add(2, "".join(f"err {number}\n" for number in range(30)))
    tail.add(1, "".join(f"out {number}\n" for number in range(30)))
    lines = tail.lines()
    assert len(lines) == TAIL
    assert lines[:2] == ("err 20", "err 21")
    assert lines[-1] == "out 29"


@given(st.lists(st.tuples(st.sampled_from((1, 2)), st.text(max_size=40)), max_size=40))
def test_a_tail_is_short_and_printable(pieces: Sequence[tuple[int, str]]) -> None:
    tail = Tail()
    for stream, text in pieces:
        tail.add(stream, text)
    lines = tail.lines()
    assert tail.lines() == lines
    assert len(lines) <= TAIL
    assert all(line.isprintable() for line in lines)


@given(st.text())
def test_readable_text_is_harmless(text: str) -> None:
    assert readable(text).isprintable()


def test_a_line_without_end_is_cut() -> None:
    assert len(readable("x" * 100_000)) == LONGEST


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("1%\r2%\r", "2%"),
        ("a\tb", "a   b"),
        ("bell\x07", "bell\\x07"),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
    ],
)
def test_what_a_terminal_would_obey_is_gone(raw: str, shown: str) -> None:
    assert readable(raw) == shown


def test_plain_lines() -> None:
    progress, stream = linked(), io.StringIO()
    lines = Lines(stream)
    for line in LINKED:
        lines.show(progress, progress.feed(line, 0.0))
    lines.end()
    assert stream.getvalue().splitlines() == [
        "fam-os: [linux/amd64 1/2] RUN below (2.0s)",
        "fam-os: [linux/arm64 1/2] RUN below (1.5s)",
        "fam-os: built in 2.9s (2 steps run, 0 cached) [1/3]",
        "fam-x: [linux/amd64 2/3] RUN x (1.0s)",
        "fam-x: [linux/arm64 2/3] RUN x (2.0s)",
        "fam-y: cached in 2.5s (0 steps run, 2 cached) [2/3]",
        "fam-x: built in 3.0s (2 steps run, 1 cached) [3/3]",
    ]


def test_one_step_is_one_step() -> None:
    assert told(TargetDone("fam-os", "built", 1.0, 1, 0)) == "fam-os: built in 1.0s (1 step run, 0 cached)"


def test_steps_that_took_no_time_are_not_told() -> None:
    progress, stream = Progress([target("one")], ("one",), exported=True), io.StringIO()
    lines = Lines(stream)
    lines.show(progress, progress.feed(vertex("a", "[1/1] RUN true", 1, 1.1), 0.0))
    assert stream.getvalue() == ""


def test_live_rows_end_with_the_whole_and_are_cleared() -> None:
    progress, stream = linked(), io.StringIO()
    live = Live(stream, {"fam-os": "fam/os"}, lambda: 9.0, colour=False)
    with live.lock:
        live.show(progress, fed(progress, LINKED[:7]))
        live.draw()
        live.show(progress, fed(progress, LINKED[7:]))
    live.end()
    first, last = stream.getvalue().split("\x1b[J")[1], stream.getvalue().split("\x1b[J")[-1]
    assert "fam-os  fam/os  0 run, 0 cached  4.0s  [linux/amd64 1/2] RUN below\n" in first
    assert "0 of 3 targets" in first
    assert "fam-x: built in 3.0s (2 steps run, 1 cached)\n" in last
    assert "of 3 targets" not in last


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("short", 80, "short"),
        ("exactly", 7, "exactly"),
        ("too long", 7, "too lo…"),
        ("漢字漢字", 5, "漢字…"),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("e\u0301" * 9, 3, "e\u0301e\u0301…"),
        ("anything", 1, "…"),
        ("anything", 0, ""),
    ],
)
def test_rows_fit_the_terminal(text: str, width: int, shown: str) -> None:
    assert clipped(text, width) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-1, "0.0s"), (0.04, "0.0s"), (9.94, "9.9s"), (9.96, "10s"), (59.6, "1m00s"), (185, "3m05s"), (3720, "1h02m")],
)
def test_times_for_people(seconds: float, shown: str) -> None:
    assert span(seconds) == shown


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "live", "colour"),
    [
        (Screen(), {"TERM": "xterm"}, True, True),
        (Screen(), {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        (Screen(), {"TERM": "dumb"}, False, False),
        (Screen(), {"TERM": ""}, False, False),
        (io.StringIO(), {"TERM": "xterm"}, False, False),
    ],
)
def test_what_is_drawn_on_what(
    stream: io.StringIO, environment: dict[str, str], live: bool, colour: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", stream)
    display = building._display([target("one")])
    display.show(linked(), [TargetDone("one", "built", 1.0, 1, 0)])
    display.end()
    assert isinstance(display, Live) == live
    assert ("\x1b[J" in stream.getvalue()) == live
    assert ("\x1b[32m" in stream.getvalue()) == colour
    assert "one: built in 1.0s" in stream.getvalue()
