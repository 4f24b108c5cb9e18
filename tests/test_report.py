"""Outcomes -> tables, JSON and JUnit XML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakegen import outcome
from bakegen.outcome import BuildResult, Failure
from bakegen.render import report

OS = BuildResult("fam-os", "cached", 0.31, (), (), None, 0, 2, None)
APP = BuildResult(
    "fam-app",
    "built",
    12.345678,
    (("linux/amd64", 59_950_748), ("linux/arm64", 512)),
    ("example.com/app:1", "example.com/app:latest"),
    "sha256:" + "0" * 64,
    3,
    1,
    None,
)
FAILURE = Failure("[2/3] RUN exit 7", "linux/arm64", "exit code: 7", (">>> RUN exit 7",), ("one", "two"))
BAD = replace(APP, target="fam-bad", state="failed", sizes=(), digest=None, tags=(), failure=FAILURE)
LATE = BuildResult("fam-late", "not run", 0.0, (), ("example.com/late:1",), None, 0, 0, None)

PASSED = outcome.TestResult(
    "fam-app", "example.com/app:1", "fam/os", "a", "linux/amd64", "passed", 0.5, "", ("out",), ()
)
FAILED = replace(PASSED, layer="fam/app", test="b", state="failed", reason="stdout does not contain 'x'", stderr=("e",))
ERROR = replace(PASSED, platform="linux/arm64", state="error", reason="there is no image")
AWAY = replace(PASSED, platform="linux/arm64", state="unavailable", reason="needs npu", stdout=(), seconds=0.0)
ALL = outcome.TestReport((PASSED, FAILED, ERROR, AWAY), ("fam-plain",))


def test_the_build_table() -> None:
    assert report.built((OS, APP, BAD, LATE)).splitlines() == [
        "TARGET    RESULT   TIME    SIZE                        TAGS",
        "fam-os    cached   0.3 s   -                           -",
        "fam-app   built    12.3 s  amd64 60.0 MB, arm64 512 B  example.com/app:1 (+1)",
        "fam-bad   failed   12.3 s  -                           -",
        "fam-late  not run  -       -                           example.com/late:1",
        "1 built, 1 cached, 1 failed, 1 not run",
    ]


def test_the_build_document() -> None:
    document = json.loads(report.built_json((APP, BAD)))
    assert document["schema"] == 1
    assert document["kind"] == "build"
    assert document["counts"] == {"built": 1, "cached": 0, "failed": 1, "canceled": 0, "not run": 0}
    assert document["targets"][0] == {
        "target": "fam-app",
        "result": "built",
        "seconds": 12.346,
        "sizes": {"linux/amd64": 59950748, "linux/arm64": 512},
        "tags": ["example.com/app:1", "example.com/app:latest"],
        "digest": "sha256:" + "0" * 64,
        "steps": {"run": 3, "cached": 1},
        "failure": None,
    }
    assert document["targets"][1]["failure"] == {
        "step": "[2/3] RUN exit 7",
        "platform": "linux/arm64",
        "message": "exit code: 7",
        "excerpt": [">>> RUN exit 7"],
        "log": ["one", "two"],
    }


def test_what_broke() -> None:
    assert report.broken("fam-bad", FAILURE).splitlines() == [
        "fam-bad (linux/arm64): [2/3] RUN exit 7 failed",
        "  exit code: 7",
        "  >>> RUN exit 7",
        "  the last 2 lines of the step:",
        "    one",
        "    two",
    ]


def test_one_line_is_one_line() -> None:
    assert "  the last 1 line of the step:\n    one\n" in report.broken("fam-bad", replace(FAILURE, log=("one",)))


def test_what_broke_outside_of_any_step() -> None:
    text = report.broken("fam-bad", Failure("", "", "no such file", (), ()))
    assert text == "fam-bad: the build failed\n  no such file\n"


def test_the_test_table() -> None:
    assert report.tested(ALL).splitlines() == [
        "TARGET     PLATFORM  TEST        RESULT       TIME",
        "fam-app    amd64     fam/os: a   passed       0.5 s",
        "fam-app    amd64     fam/app: b  failed       0.5 s",
        "fam-app    arm64     fam/os: a   error        0.5 s",
        "fam-app    arm64     fam/os: a   unavailable  0.0 s",
        "fam-plain  -         -           no tests     -",
        "fam-app (linux/amd64) fam/app: b: failed: stdout does not contain 'x'",
        "  stdout:",
        "    out",
        "  stderr:",
        "    e",
        "fam-app (linux/arm64) fam/os: a: error: there is no image",
        "  stdout:",
        "    out",
        "fam-app (linux/arm64) fam/os: a: unavailable: needs npu",
        "1 passed, 1 failed, 1 error, 1 unavailable",
    ]


def test_the_test_document() -> None:
    document = json.loads(report.tested_json(ALL))
    assert (document["schema"], document["kind"]) == (1, "test")
    assert document["counts"] == {"passed": 1, "failed": 1, "error": 1, "unavailable": 1, "not run": 0}
    assert document["untested"] == ["fam-plain"]
    assert document["tests"][1] == {
        "target": "fam-app",
        "image": "example.com/app:1",
        "layer": "fam/app",
        "test": "b",
        "platform": "linux/amd64",
        "result": "failed",
        "seconds": 0.5,
        "reason": "stdout does not contain 'x'",
        "stdout": ["out"],
        "stderr": ["e"],
    }
    assert document["tests"][0]["reason"] is None


def test_junit() -> None:
    root = ET.fromstring(report.tested_junit(ALL))
    assert root.tag == "testsuites"
    assert root.attrib == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "1.500"}
    amd64, arm64 = root
    assert amd64.attrib == {
        "name": "fam-app linux/amd64",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
        "time": "1.000",
    }
    passed, failed = amd64
    assert passed.attrib == {"classname": "fam-app.linux/amd64", "name": "fam/os: a", "time": "0.500"}
    assert [child.tag for child in passed] == ["system-out"]
    assert failed[0].tag == "failure"
    assert failed[0].get("message") == "stdout does not contain 'x'"
    assert failed.findtext("system-err") == "e"
    assert [case[0].tag for case in arm64] == ["error", "skipped"]
    assert arm64[1][0].get("message") == "unavailable: needs npu"


@given(st.text(), st.text(), st.text())
def test_junit_is_xml_whatever_is_told(name: str, reason: str, line: str) -> None:
    one = replace(FAILED, target=name, test=name, reason=reason, stdout=(line,))
    root = ET.fromstring(report.tested_junit(outcome.TestReport((one,), ())).encode())
    message = root[0][0][0].get("message") or ""
    assert message == "".join(
        char for char in reason if (char >= " " and char not in "\ufffe\uffff") or char in "\t\n\r"
    )


def test_junit_drops_what_xml_cannot_hold() -> None:
    one = replace(FAILED, reason="a\x00b\x1bc\ufffed\U0001f600<&\"'>", stdout=("]]>",))
    root = ET.fromstring(report.tested_junit(outcome.TestReport((one,), ())))
    assert root[0][0][0].get("message") == "abcd\U0001f600<&\"'>"
    assert root[0][0].findtext("system-out") == "]]>"


@given(st.text(), st.text(), st.text())
def test_tables_hold_nothing_that_a_terminal_obeys(name: str, reason: str, line: str) -> None:
    told = replace(FAILED, test=name, reason=reason, stdout=(line,), stderr=())
    broken = Failure(name, "", reason, (line,), (line,))
    for text in (
        report.tested(outcome.TestReport((told,), ())),
        report.broken("fam-bad", broken),
        report.built((replace(BAD, tags=(name,)),)),
    ):
        assert all(row.isprintable() for row in text.split("\n"))


def test_nothing_came_of_nothing() -> None:
    assert report.built(()).splitlines()[-1] == "nothing"
    assert report.tested(outcome.TestReport((), ())).splitlines()[-1] == "nothing"
    assert ET.fromstring(report.tested_junit(outcome.TestReport((), ()))).get("tests") == "0"


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (59_950_748, "60.0 MB"),
        (12_345_678_901, "12.3 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_sizes_for_people(size: int, shown: str) -> None:
    assert report.weight(size) == shown
