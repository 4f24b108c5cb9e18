"""Findings as text, JSON and SARIF."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bakegen import __version__
from bakegen.findings import Finding
from bakegen.render.findings import as_json, as_sarif, text

FULL = Finding("b c/Dockerfile", 3, "some-rule", "wrong", "mend it", "where it says so")
BARE = Finding("a", 0, "other-rule", "also wrong")


def test_text() -> None:
    assert text([FULL, BARE, FULL]) == (
        "a: other-rule: also wrong\nb c/Dockerfile:3: some-rule: wrong; mend it (where it says so)\n"
    )
    assert text([]) == ""


def test_json() -> None:
    assert json.loads(as_json([FULL, BARE])) == [
        {"file": "a", "line": 0, "rule": "other-rule", "message": "also wrong", "mend": "", "source": ""},
        {
            "file": "b c/Dockerfile",
            "line": 3,
            "rule": "some-rule",
            "message": "wrong",
            "mend": "mend it",
            "source": "where it says so",
        },
    ]


def test_sarif() -> None:
    log = json.loads(as_sarif([FULL, BARE], {"some-rule": "Something holds.", "unused": "More holds."}))
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (log["version"], driver["name"], driver["version"]) == ("2.1.0", "bakegen", __version__)
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert [(rule["id"], rule["shortDescription"]["text"]) for rule in driver["rules"]] == [
        ("other-rule", "other rule"),
        ("some-rule", "Something holds."),
        ("unused", "More holds."),
    ]
    assert run["results"] == [
        {
            "ruleId": "other-rule",
            "ruleIndex": 0,
            "level": "error",
            "message": {"text": "also wrong"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a"}}}],
        },
        {
            "ruleId": "some-rule",
            "ruleIndex": 1,
            "level": "error",
            "message": {"text": "wrong; mend it"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "b%20c/Dockerfile"},
                        "region": {"startLine": 3},
                    }
                }
            ],
        },
    ]


def test_paths_as_uris() -> None:
    def uri(file: str) -> str:
        found = json.loads(as_sarif([Finding(file, 0, "r", "m")]))
        place = found["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        return str(place["artifactLocation"]["uri"])

    assert uri("/a b/c#d") == "file:///a%20b/c%23d"
    assert uri("a:b/c?%\udcff") == "a%3Ab/c%3F%25%FF"


@given(st.lists(st.builds(Finding, st.text(), st.integers(0), st.text(), st.text(), st.text(), st.text()), max_size=3))
def test_no_text_reaches_a_terminal_as_it_is(findings: list[Finding]) -> None:
    for written in (as_json(findings), as_sarif(findings)):
        assert written.isascii()
        json.loads(written)
    lines = text(findings).split("\n")[:-1]
    assert len(lines) == len(set(findings))
    assert all(line.isprintable() for line in lines)
