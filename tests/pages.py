"""A page of the documentation as the story it tells: files that it shows, commands that it runs, what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_FILE = re.compile(r"# ([\w./-]+)\n")


@dataclass(frozen=True)
class File:
    """A file that the page shows."""

    path: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command that the page runs, and what it says it prints; a line ``…`` stands for anything."""

    line: str
    output: str

    @property
    def needs_engine(self) -> bool:
        """Whether it builds, runs or asks a Docker engine."""
        return bool(
            re.search(
                r"bakegen (build|test)\b|docker (?!buildx bake -f - --print)|scripts/engine|bakegen check", self.line
            )
        )


def story(page: Path) -> list[File | Command]:
    """The steps of a page, in order. Raises ValueError for a block that is neither a file, a command nor a listing."""
    steps: list[File | Command] = []
    for kind, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind in {"toml", "dockerfile"}:
            path = _FILE.match(body)
            if path is None:
                raise ValueError(f"{page.name}: a block that names no file: {body[:60]}")
            steps.append(File(path[1], body))
        elif kind == "console":
            for part in re.split(r"^\$ ", body, flags=re.M)[1:]:
                line, _, output = part.partition("\n")
                steps.append(Command(line, output))
        elif kind not in {"json", "hcl", "markdown", "diff"}:
            raise ValueError(f"{page.name}: a block of kind {kind!r}")
    return steps


def tell(page: Path, folder: Path, environment: Mapping[str, str]) -> None:
    """Live through a page in an empty folder; asserts that every command prints what the page says."""
    (folder / "scripts").symlink_to(ROOT / "scripts")
    path = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    for step in story(page):
        if isinstance(step, File):
            file = folder / step.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, encoding="utf-8")
            continue
        command, where = step.line, folder
        if command.startswith(("make ", "pip ")):
            # The gate runs these themselves; here it is enough that they exist.
            command, where = (
                command.replace("make ", "make -n ").replace(
                    "install .", "install --dry-run --no-deps --no-build-isolation ."
                ),
                ROOT,
            )
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=where,
            env={**environment, "PATH": path, "COLUMNS": "200"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if where is ROOT or not step.output:
            assert done.returncode == 0, f"{page.name}: $ {command}\n{done.stdout}"
            continue
        pattern = "".join(
            r"(?:.*\n)*" if line.strip() == "…" else re.escape(line.rstrip()) + r"[ ]*\n"
            for line in step.output.rstrip("\n").split("\n")
        )
        assert re.fullmatch(pattern, done.stdout), f"{page.name}: $ {command}\n{done.stdout}"
        failed = re.search(r"^\d+ problems?$", step.output, re.M) is not None
        assert (done.returncode != 0) == failed, f"{page.name}: $ {command} ended with {done.returncode}\n{done.stdout}"
