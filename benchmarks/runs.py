"""Runs of commands and of pipes: what each took, and medians of many that ran in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# As a user has it: byte code is kept, and what is imported is what is installed.
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
}

Command = Sequence[str]


class CannotMeasure(Exception):
    """Something that the benchmark needs is not there, or does not do what it should."""


@dataclass(frozen=True)
class Sample:
    """One run: seconds on the clock and on the processors, and the peak memory of its largest process in MB."""

    wall: float
    cpu: float
    memory: float


@dataclass
class Measured:
    """All runs of one command or pipe."""

    samples: list[Sample] = field(default_factory=list)

    @property
    def wall(self) -> float:
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float:
        return statistics.median(sample.cpu for sample in self.samples)

    @property
    def memory(self) -> float:
        return max(sample.memory for sample in self.samples)


@dataclass(frozen=True)
class Subject:
    """A command, or a pipe of two, and the folder it runs in."""

    commands: Sequence[Command]
    folder: Path


def run_once(subject: Subject, output: Path | None = None) -> Sample:
    """Run it to its end. Raises CannotMeasure when a process of it fails."""
    with (output or Path(os.devnull)).open("wb") as sink, tempfile.TemporaryFile() as talk:
        start = time.perf_counter()
        processes: list[subprocess.Popen[bytes]] = []
        source = None
        for command in subject.commands:
            last = command is subject.commands[-1]
            process = subprocess.Popen(
                command,
                cwd=subject.folder,
                env=ENVIRONMENT,
                stdin=source or subprocess.DEVNULL,
                stdout=sink if last else subprocess.PIPE,
                stderr=talk,
            )
            if source:
                source.close()
            source = process.stdout
            processes.append(process)
        usages = []
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            usages.append(usage)
        wall = time.perf_counter() - start
        for command, process in zip(subject.commands, processes, strict=True):
            if process.returncode != 0:
                talk.seek(0)
                said = talk.read().decode("utf-8", "replace").strip()[-2000:]
                raise CannotMeasure(f"{' '.join(command)}: exit code {process.returncode}\n{said}")
    per_megabyte = 1 << 20 if sys.platform == "darwin" else 1 << 10
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return Sample(wall, cpu, max(usage.ru_maxrss for usage in usages) / per_megabyte)


def in_turns(subjects: Mapping[str, Subject], repeats: int) -> dict[str, Measured]:
    """Every subject once to warm up, then all of them in turns, ``repeats`` times."""
    measured = {name: Measured() for name in subjects}
    for turn in range(repeats + 1):
        for name, subject in subjects.items():
            sample = run_once(subject)
            if turn:
                measured[name].samples.append(sample)
    return measured
