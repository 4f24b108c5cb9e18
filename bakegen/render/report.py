"""Outcomes -> tables for people, JSON and JUnit XML for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bakegen.errors import counted, printable
from bakegen.outcome import BuildResult, Failure, TestReport, TestResult
from bakegen.render.tables import table

SCHEMA = 1
# What XML 1.0 cannot hold, not even escaped: control characters, surrogates and two non-characters.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEST_ORDER = ("passed", "failed", "error", "unavailable", "not run")
_BUILD_ORDER = ("built", "cached", "failed", "canceled", "not run")


def built(results: Sequence[BuildResult]) -> str:
    """A row a target, and a count."""
    rows = []
    for result in results:
        more = f" (+{len(result.tags) - 1})" if len(result.tags) > 1 else ""
        sizes = ", ".join(f"{platform.removeprefix('linux/')} {weight(size)}" for platform, size in result.sizes)
        rows.append(
            (
                result.target,
                result.state,
                f"{result.seconds:.1f} s" if result.steps_run or result.steps_cached or result.seconds else "-",
                sizes or "-",
                result.tags[0] + more if result.tags else "-",
            )
        )
    counts = _counted([result.state for result in results], _BUILD_ORDER)
    return table(("TARGET", "RESULT", "TIME", "SIZE", "TAGS"), rows) + f"{counts}\n"


def built_json(results: Sequence[BuildResult]) -> str:
    """Build results for programs: ``schema`` 1, a ``targets`` list, times in seconds and sizes in bytes."""
    return _json(
        {
            "schema": SCHEMA,
            "kind": "build",
            "counts": _numbers([result.state for result in results], _BUILD_ORDER),
            "targets": [
                {
                    "target": result.target,
                    "result": result.state,
                    "seconds": round(result.seconds, 3),
                    "sizes": dict(result.sizes),
                    "tags": list(result.tags),
                    "digest": result.digest,
                    "steps": {"run": result.steps_run, "cached": result.steps_cached},
                    "failure": _failure_json(result.failure),
                }
                for result in results
            ],
        }
    )


def broken(target: str, failure: Failure) -> str:
    """What broke a target: the step, its platform, why, where in the Dockerfile, and the last lines it printed."""
    where = f"{target} ({failure.platform})" if failure.platform else target
    lines = [f"{where}: {failure.step or 'the build'} failed", f"  {failure.message}"]
    lines += [f"  {line}" for line in failure.excerpt]
    if failure.log:
        lines.append(f"  the last {counted(len(failure.log), 'line')} of the step:")
        lines += [f"    {line}" for line in failure.log]
    return "".join(f"{printable(line)}\n" for line in lines)


def tested(report: TestReport) -> str:
    """A row a test, the reasons of those that did not pass, the targets without tests, and a count."""
    rows = [
        (
            one.target,
            one.platform.removeprefix("linux/"),
            f"{one.layer}: {one.test}",
            one.state,
            f"{one.seconds:.1f} s",
        )
        for one in report.results
    ]
    text = table(("TARGET", "PLATFORM", "TEST", "RESULT", "TIME"), [*rows, *_untested_rows(report)])
    counts = _counted([one.state for one in report.results], _TEST_ORDER)
    return text + "".join(_told(one) for one in report.results if one.state != "passed") + f"{counts}\n"


def tested_json(report: TestReport) -> str:
    """Test results for programs: ``schema`` 1, a ``tests`` list, times in seconds, ``untested`` target names."""
    return _json(
        {
            "schema": SCHEMA,
            "kind": "test",
            "counts": _numbers([one.state for one in report.results], _TEST_ORDER),
            "tests": [
                {
                    "target": one.target,
                    "image": one.reference,
                    "layer": one.layer,
                    "test": one.test,
                    "platform": one.platform,
                    "result": one.state,
                    "seconds": round(one.seconds, 3),
                    "reason": one.reason or None,
                    "stdout": list(one.stdout),
                    "stderr": list(one.stderr),
                }
                for one in report.results
            ],
            "untested": list(report.untested),
        }
    )


def tested_junit(report: TestReport) -> str:
    """Test results as JUnit XML: a suite for each target and platform; what was not run is skipped."""
    suites: dict[tuple[str, str], list[TestResult]] = {}
    for one in report.results:
        suites.setdefault((one.target, one.platform), []).append(one)
    body = "".join(_suite(name, platform, cases) for (name, platform), cases in suites.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites{_totals(report.results)}>\n{body}</testsuites>\n'


def weight(size: int) -> str:
    """Bytes for people, in powers of ten as registries and docker count: ``512 B``, ``59.9 MB``."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 999.95:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def _untested_rows(report: TestReport) -> list[tuple[str, ...]]:
    return [(name, "-", "-", "no tests", "-") for name in report.untested]


def _told(one: TestResult) -> str:
    lines = [f"{one.target} ({one.platform}) {one.layer}: {one.test}: {one.state}: {one.reason}"]
    for name, stream in (("stdout", one.stdout), ("stderr", one.stderr)):
        if stream:
            lines += [f"  {name}:", *(f"    {line}" for line in stream)]
    return "".join(f"{printable(line)}\n" for line in lines)


def _suite(name: str, platform: str, cases: Sequence[TestResult]) -> str:
    text = f"  <testsuite name={_attribute(f'{name} {platform}')}{_totals(cases)}>\n"
    for one in cases:
        text += f"    <testcase classname={_attribute(f'{name}.{platform}')}"
        text += f" name={_attribute(f'{one.layer}: {one.test}')} time={_attribute(f'{one.seconds:.3f}')}>\n"
        if one.state in ("failed", "error"):
            tag = "failure" if one.state == "failed" else "error"
            text += f"      <{tag} message={_attribute(one.reason)}/>\n"
        elif one.state != "passed":
            text += f"      <skipped message={_attribute(f'{one.state}: {one.reason}')}/>\n"
        for tag, stream in (("system-out", one.stdout), ("system-err", one.stderr)):
            if stream:
                text += f"      <{tag}>{_text(chr(10).join(stream))}</{tag}>\n"
        text += "    </testcase>\n"
    return text + "  </testsuite>\n"


def _totals(cases: Sequence[TestResult]) -> str:
    states = [one.state for one in cases]
    numbers = {
        "tests": len(states),
        "failures": states.count("failed"),
        "errors": states.count("error"),
        "skipped": states.count("unavailable") + states.count("not run"),
    }
    seconds = sum(one.seconds for one in cases)
    return "".join(f' {key}="{number}"' for key, number in numbers.items()) + f' time="{seconds:.3f}"'


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("", text))


def _text(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def _failure_json(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "step": failure.step or None,
        "platform": failure.platform or None,
        "message": failure.message,
        "excerpt": list(failure.excerpt),
        "log": list(failure.log),
    }


def _numbers(states: Sequence[str], order: Sequence[str]) -> dict[str, int]:
    return {state: states.count(state) for state in order}


def _counted(states: Sequence[str], order: Sequence[str]) -> str:
    return ", ".join(f"{count} {state}" for state, count in _numbers(states, order).items() if count) or "nothing"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
