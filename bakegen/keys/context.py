"""A build context as BuildKit would send it -> one digest. Each file is read once, however many contexts hold it."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections.abc import Iterator
from pathlib import Path

from bakegen.errors import Problem
from bakegen.keys.ignore import IgnoreError, Pattern, excluded, patterns


class Contexts:
    """Digests of folders and files of one project, by their paths from its root (POSIX separators).

    What cannot be read is noted in ``problems``, and its digest is empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = os.fspath(root.resolve())
        self.problems: dict[Problem, None] = {}
        self._rules: dict[str, tuple[Pattern, ...] | None] = {}
        self._trees: dict[tuple[str, tuple[Pattern, ...]], str] = {}
        self._files: dict[str, str] = {}

    def main(self, context: str, dockerfile: str) -> str:
        """The digest of a target's own context.

        ``<Dockerfile>.dockerignore`` beside the Dockerfile takes the place of the context's .dockerignore; an empty
        one does not, as BuildKit reads it.
        """
        return self._tree(context, self._rules_of(context, dockerfile))

    def named(self, folder: str) -> str:
        """The digest of a folder that is a named context: its own .dockerignore counts."""
        return self._tree(folder, self._rules_of(folder))

    def sent(self, context: str, dockerfile: str = "") -> tuple[str, ...]:
        """What a context sends that is no folder, by paths below it, sorted; a named context has no Dockerfile."""
        walked = self._walked(posixpath.join(self.root, context), self._rules_of(context, dockerfile))
        return tuple(sorted(path for path, entry in walked if entry is not None))

    def _rules_of(self, context: str, dockerfile: str = "") -> tuple[Pattern, ...]:
        own = self._read(f"{dockerfile}.dockerignore") if dockerfile else None
        return own or self._read(_inside(context)) or ()

    def file(self, path: str) -> str:
        """The digest of one file's bytes; a symbolic link is followed."""
        return self._file(posixpath.join(self.root, path), path)

    def _read(self, path: str) -> tuple[Pattern, ...] | None:
        """The rules of an ignore file; None where there is none or it holds no bytes."""
        if path not in self._rules:
            self._rules[path] = self._parsed(path)
        return self._rules[path]

    def _parsed(self, path: str) -> tuple[Pattern, ...] | None:
        try:
            data = Path(self.root, path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self._note(path, 0, f"cannot be read: {error.strerror}")
            return None
        try:
            return patterns(os.fsdecode(data)) if data else None
        except IgnoreError as error:
            for line, message in error.problems:
                self._note(path, line, message)
            return None

    def _tree(self, folder: str, rules: tuple[Pattern, ...]) -> str:
        key = (posixpath.normpath(folder), rules)
        if key not in self._trees:
            whole = hashlib.sha256()
            top = posixpath.join(self.root, folder)
            # Whole paths are put in order, so that neither the file system's order nor a locale's counts.
            for path, entry in sorted(self._walked(top, rules), key=lambda one: os.fsencode(one[0])):
                for part in self._parts(path, entry):
                    whole.update(len(part).to_bytes(8, "big") + part)
            self._trees[key] = whole.hexdigest()
        return self._trees[key]

    def _walked(self, top: str, rules: tuple[Pattern, ...]) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
        """What is sent of a folder: paths and entries. A folder stands there, as None, only where it is empty."""
        exceptions = any(rule.exception for rule in rules)
        waiting: list[tuple[str, tuple[bool, ...]]] = [("", ())]
        sent: set[str] = set()
        filled: set[str] = set()
        while waiting:
            below, above = waiting.pop()
            for entry in self._listed(posixpath.join(top, below)):
                path = f"{below}/{entry.name}" if below else entry.name
                out, held = excluded(rules, path, above)
                if not out:
                    filled.update(_ancestors(path))
                if entry.is_dir(follow_symlinks=False):
                    sent.update(() if out else (path,))
                    # What is kept out as a whole is not even looked at: it may be large, or not for us to read.
                    if not out or exceptions:
                        waiting.append((path, held))
                elif not out:
                    yield path, entry
        for path in sent - filled:
            yield path, None

    def _listed(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as listing:
                return list(listing)
        except OSError as error:
            self._note(self._shown(folder), 0, f"cannot be read: {error.strerror}")
            return []

    def _parts(self, path: str, entry: os.DirEntry[str] | None) -> tuple[bytes, ...]:
        """Path, kind and content of what is sent; nothing for a socket, which is not."""
        name = os.fsencode(path)
        if entry is None:
            return name, b"folder", b""
        if entry.is_symlink():
            return name, b"link", os.fsencode(os.readlink(entry.path))  # noqa: PTH115 - a Path would rewrite it
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            # Of the mode only this is kept by version control; the rest is the umask of whoever checked it out.
            kind = b"program" if mode & stat.S_IXUSR else b"file"
            return name, kind, self._file(entry.path, self._shown(entry.path)).encode()
        return () if stat.S_ISSOCK(mode) else (name, b"special", str(stat.S_IFMT(mode)).encode())

    def _file(self, real: str, shown: str) -> str:
        if real not in self._files:
            try:
                with open(real, "rb") as stream:  # noqa: PTH123 - the path is made once for each of many files
                    self._files[real] = hashlib.file_digest(stream, "sha256").hexdigest()
            except OSError as error:
                self._note(shown, 0, f"cannot be read: {error.strerror}")
                return ""
        return self._files[real]

    def _shown(self, path: str) -> str:
        return os.path.relpath(path, self.root)

    def _note(self, path: str, line: int, message: str) -> None:
        self.problems[Problem(path, line, "", message)] = None


def _ancestors(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def _inside(folder: str) -> str:
    return posixpath.join(folder, ".dockerignore")
