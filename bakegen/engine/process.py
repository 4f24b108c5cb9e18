"""Child processes: bounded output, a timeout, no child left behind; and signals that end a command cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import IO

LIMIT = 1 << 20
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: its exit code (None: it was killed), the first ``LIMIT`` bytes of each stream, the seconds
    it took."""

    code: int | None
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def complaint(self) -> str:
        """The last line of standard error that says something."""
        lines = [line.strip() for line in self.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].removeprefix("ERROR: ") if lines else f"exit code {self.code}"


class _Sink(threading.Thread):
    """Reads a stream to its end, keeping its start."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self.stream = stream
        self.kept = bytearray()
        self.start()

    def run(self) -> None:
        with suppress(ValueError, OSError):
            while chunk := os.read(self.stream.fileno(), 1 << 16):
                self.kept += chunk[: LIMIT - len(self.kept)]


def run(
    command: Sequence[str], *, stdin: bytes = b"", timeout: float | None = None, stop: threading.Event | None = None
) -> Ran:
    """Runs ``command`` to its end, or kills it after ``timeout`` seconds or when ``stop`` is set.

    No process of it is left either way. It has a session of its own, so that a Ctrl-C on the terminal reaches bakegen
    alone, which then cleans up.
    """
    began = time.monotonic()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        out, err = _Sink(child.stdout), _Sink(child.stderr)
        threading.Thread(target=_write, args=(child.stdin, stdin), daemon=True).start()
        try:
            code = _await(child, timeout, stop)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        out.join()
        err.join()
    return Ran(code, bytes(out.kept), bytes(err.kept), time.monotonic() - began)


def _await(child: subprocess.Popen[bytes], timeout: float | None, stop: threading.Event | None) -> int | None:
    if stop is None:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(timeout)
        return None
    until = None if timeout is None else time.monotonic() + timeout
    while not stop.is_set() and (until is None or time.monotonic() < until):
        with suppress(subprocess.TimeoutExpired):
            return child.wait(0.1 if until is None else max(0.0, min(0.1, until - time.monotonic())))
    return None


def _write(stream: IO[bytes], data: bytes) -> None:
    with suppress(OSError, ValueError):
        stream.write(data)
        stream.close()


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, a request to end (SIGTERM, SIGHUP) raises KeyboardInterrupt as Ctrl-C does, so that all is cleaned up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handling(interrupt):
        yield


@contextmanager
def passing_on(child: Child) -> Iterator[None]:
    """Inside, a request to end goes to ``child``; when it has ended, KeyboardInterrupt is raised.

    Whatever else is raised inside ends the child, too.
    """

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        child.end()

    with _handling(pass_on):
        try:
            yield
        except BaseException:
            child.finish()
            raise
        finally:
            child.ended.set()
            if child.asked:
                raise KeyboardInterrupt


class Child:
    """A process of which only the file that its pid is written to is known."""

    PATIENCE = 10.0

    def __init__(self, pid_file: os.PathLike[str]) -> None:
        self.pid_file = pid_file
        self.asked = 0
        self.ended = threading.Event()

    def end(self) -> None:
        """Asks the process to end, in the background; the second time, or after ``PATIENCE`` seconds, it is killed."""
        self.asked += 1
        number = signal.SIGINT if self.asked == 1 else signal.SIGKILL
        threading.Thread(target=self._send, args=(number,), daemon=True).start()

    def finish(self) -> None:
        """Ends the process and waits until it has ended."""
        pid = self._pid()
        if pid is not None:
            threading.Thread(target=self._send, args=(signal.SIGINT,), daemon=True).start()
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _send(self, number: signal.Signals) -> None:
        # The pid is written just after the process starts, which may be after the signal came.
        while (pid := self._pid()) is None:
            if self.ended.wait(0.05):
                return
        if not self.ended.is_set():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if number == signal.SIGINT and not self.ended.wait(self.PATIENCE):
            self._send(signal.SIGKILL)

    def _pid(self) -> int | None:
        try:
            with open(self.pid_file, encoding="ascii") as file:  # noqa: PTH123 - any path
                text = file.read()
        except FileNotFoundError:
            return None
        return int(text) if text.endswith("\n") else None


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {}
    for number in ENDING:
        # What the caller told us to ignore (nohup, a job in the background) stays ignored.
        if signal.getsignal(number) != signal.SIG_IGN:
            before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
