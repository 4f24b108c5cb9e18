"""Runs smoke tests, each in a container of its own that is gone afterwards, whatever happens."""

from __future__ import annotations

import io
import re
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from bakegen.engine import devices
from bakegen.engine.advice import EMULATE
from bakegen.engine.client import docker
from bakegen.engine.lines import readable
from bakegen.engine.process import LIMIT, Ran
from bakegen.engine.references import references
from bakegen.errors import ToolFailed, counted
from bakegen.outcome import TestReport, TestResult, TestState
from bakegen.plan import Plan, Target, Test

_TAIL = 20
_SCRIPT = "bakegen-test"
_REFUSED = "Error response from daemon: "
# How engines and registries say that an image, or this platform of it, is not there.
_MISSING = (
    "not found",
    "no such image",
    "no matching manifest",
    "manifest unknown",
    "does not provide the specified platform",
    "was found but does not match",
    "failed to resolve reference",
    "pull access denied",
    "connection refused",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One test of one image on one platform; ``layer`` is where the test is written."""

    target: str
    reference: str
    layer: str
    platform: str
    test: Test


def cases(
    plan: Plan, targets: Sequence[Target], environment: Mapping[str, str]
) -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """The tests of published images, those of what they stand on first; and the targets that have none."""
    found: list[Case] = []
    untested: list[str] = []
    for target in targets:
        if not target.tags:
            continue
        reference = references(plan, target, environment)[0]
        own = [
            Case(target.name, reference, layer.layer_path, platform, test)
            for platform in target.platforms
            for layer in lineage(plan, target)
            for test in layer.tests
            if platform in (test.platforms or (platform,))
        ]
        found += own
        if not own:
            untested.append(target.name)
    return tuple(found), tuple(untested)


def lineage(plan: Plan, target: Target) -> tuple[Target, ...]:
    """A target and what it stands on through the contexts named ``base``, the lowest first."""
    found = [target]
    while below := next((x.ref for x in found[-1].links if x.name == "base" and x.kind == "target"), None):
        found.append(plan.by_name[below])
    return tuple(reversed(found))


def smoke(
    root: Path,
    todo: Sequence[Case],
    untested: Sequence[str],
    jobs: int,
    tell: Callable[[TestResult], None],
) -> TestReport:
    """Runs the tests, ``jobs`` at a time; ``tell`` hears of each as it ends.

    Raises ToolFailed when the engine does not answer. On KeyboardInterrupt the running containers are removed.
    """
    local = _local(root)
    running = _Running(root)
    results: dict[int, TestResult] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting: dict[Future[TestResult], int] = {}
        try:
            for number, case in enumerate(todo):
                waiting[pool.submit(_run, root, case, running, local=local)] = number
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=waiting.__getitem__):
                    number = waiting.pop(future)
                    results[number] = future.result()
                    tell(results[number])
        except BaseException:
            for future in waiting:
                future.cancel()
            running.stop()
            raise
    return TestReport(tuple(results[number] for number in sorted(results)), tuple(untested))


class _Running:
    """The containers that are there now, so that all of them can be removed at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: set[str] = set()
        self.over = threading.Event()

    def remove(self, *names: str) -> None:
        docker(self.root, "rm", "--force", "--volumes", *names)
        self.names.difference_update(names)

    def stop(self) -> None:
        self.over.set()
        if left := sorted(self.names):
            self.remove(*left)


def _local(root: Path) -> bool:
    said = docker(root, "version", "--format", "{{.Server.Version}}")
    if said.code != 0:
        raise ToolFailed(f"the Docker engine does not answer: {readable(said.complaint)}")
    said = docker(root, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    return said.stdout.startswith(b"unix://")


def _run(root: Path, case: Case, running: _Running, *, local: bool) -> TestResult:
    flags: tuple[str, ...] = ()
    if case.test.needs is not None:
        device = devices.find(case.test.needs, local=local)
        if device.lacking:
            return _result(case, "unavailable", f"needs {case.test.needs}: {device.lacking}")
        flags = device.flags
    name = f"bakegen-test-{uuid.uuid4().hex[:12]}"
    running.names.add(name)
    try:
        return _in_container(root, case, name, flags, running.over)
    finally:
        running.remove(name)


def _in_container(root: Path, case: Case, name: str, flags: Sequence[str], over: threading.Event) -> TestResult:
    test = case.test
    script = (root / test.script).read_bytes() if test.script is not None else b""
    command = _command(test, script)
    user = () if test.user is None else ("--user", test.user)
    made = docker(
        root, "create", "--interactive", "--rm", "--name", name, "--platform", case.platform, "--pull", "missing",
        "--network", "none", "--log-driver", "none", *user, *flags,
        "--entrypoint", command[0], case.reference, *command[1:],
        stop=over,
    )  # fmt: skip
    if made.code != 0:
        return _result(case, "error", _no_container(case, made))
    if test.script is not None:
        copied = docker(root, "cp", "-", f"{name}:/", stdin=_archive(script))
        if copied.code != 0:
            return _result(case, "error", f"the script cannot be copied into the container: {_said(copied)}")
    stdin = (test.stdin or "").encode()
    ran = docker(root, "start", "--attach", "--interactive", name, stdin=stdin, timeout=test.timeout, stop=over)
    return _result(case, "not run", "interrupted") if over.is_set() else judge(case, ran)


def judge(case: Case, ran: Ran) -> TestResult:
    """What a test's command did, held against what it must do."""
    if ran.code is None:
        reason = f"it did not end within {counted(case.test.timeout, 'second')}"
        return _seen(_result(case, "failed", reason), ran)
    err = ran.stderr.decode("utf-8", "replace")
    if ran.code != case.test.exit_code and (trouble := _trouble(case, ran.code, err)):
        return _seen(_result(case, "error", trouble), ran)
    reasons = list(_broken(case.test, ran))
    return _seen(_result(case, "failed" if reasons else "passed", "; ".join(reasons)), ran)


def _broken(test: Test, ran: Ran) -> Iterator[str]:
    if ran.code != test.exit_code:
        yield f"it ended with {ran.code}, not {test.exit_code}"
    streams = (
        ("stdout", ran.stdout, test.stdout_contains, test.stdout_matches),
        ("stderr", ran.stderr, test.stderr_contains, test.stderr_matches),
    )
    for name, data, contains, matches in streams:
        text = data.decode("utf-8", "replace")
        short = f" (only its first {LIMIT >> 20} MiB was looked at)" if len(data) >= LIMIT else ""
        for wanted in contains:
            if wanted not in text:
                yield f"{name} does not contain {readable(repr(wanted))}{short}"
        for pattern in matches:
            if re.search(pattern, text, re.MULTILINE) is None:
                yield f"{name} does not match {readable(repr(pattern))}{short}"
    if test.stderr_empty and ran.stderr:
        yield "stderr is not empty"


def _trouble(case: Case, code: int, err: str) -> str:
    """Why the command could not even be started, or nothing."""
    if "exec format error" in err and code in (1, 126, 127, 255):
        return f"the engine cannot run {case.platform}: {EMULATE}"
    refused = next((line for line in err.splitlines() if line.startswith(_REFUSED)), "")
    return f"the command could not be started: {readable(refused.removeprefix(_REFUSED))}" if refused else ""


def _no_container(case: Case, made: Ran) -> str:
    text = made.stderr.decode("utf-8", "replace").lower()
    if any(sign in text for sign in _MISSING):
        what = f"there is no image {case.reference} for {case.platform}"
        return f"{what}: make it with bakegen build --load ({_said(made)})"
    return f"no container can be made: {_said(made)}"


def _said(ran: Ran) -> str:
    lines = [line for line in ran.stderr.decode("utf-8", "replace").splitlines() if line.startswith(_REFUSED)]
    return readable(lines[-1].removeprefix(_REFUSED) if lines else ran.complaint)


def _command(test: Test, script: bytes) -> tuple[str, ...]:
    """What the container runs in place of the image's entrypoint: a script itself where the kernel can start it."""
    if test.script is None:
        return test.run
    path = f"/{_SCRIPT}"
    return (path,) if script.startswith((b"#!", b"\x7fELF")) else ("/bin/sh", path)


def _archive(script: bytes) -> bytes:
    """A tar archive with the script, executable by every user; the image may have no such user as ours."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        entry = tarfile.TarInfo(_SCRIPT)
        entry.size, entry.mode = len(script), 0o755
        archive.addfile(entry, io.BytesIO(script))
    return held.getvalue()


def _result(case: Case, state: TestState, reason: str) -> TestResult:
    return TestResult(
        target=case.target, reference=case.reference, layer=case.layer, test=case.test.name, platform=case.platform,
        state=state, seconds=0.0, reason=reason, stdout=(), stderr=(),
    )  # fmt: skip


def _seen(result: TestResult, ran: Ran) -> TestResult:
    return replace(result, seconds=ran.seconds, stdout=_last(ran.stdout), stderr=_last(ran.stderr))


def _last(data: bytes) -> tuple[str, ...]:
    lines = data[-(1 << 16) :].decode("utf-8", "replace").splitlines()
    return tuple(map(readable, lines[-_TAIL:]))
