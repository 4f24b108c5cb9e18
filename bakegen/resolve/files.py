"""What targets ask of the project's files: folders, Dockerfiles, and whether those agree with what they are given."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bakegen.dockerfile import PREDEFINED_ARGS, Dockerfile, DockerfileError, Needs, needs, parse
from bakegen.errors import Problem, did_you_mean
from bakegen.load import Kind, Tree
from bakegen.model import Network
from bakegen.names import BAKE_WORDS, InvalidName, parse_reference
from bakegen.plan import Link, Pairs, Secret
from bakegen.resolve.axes import Path, Scope
from bakegen.resolve.shapes import Shape

_SECRET_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Asked:
    """What a Dockerfile takes of the project's network settings."""

    secrets: tuple[Secret, ...] = ()
    network_args: Pairs = ()


def secret_id_problem(identifier: str) -> str:
    """Why a secret cannot have this id, or an empty string."""
    return "" if _SECRET_ID.match(identifier) else f'"{identifier}" is no secret id: letters, digits, _ . and -'


def variable_problem(variable: str) -> str:
    """Why an environment variable cannot have this name in a bake file, or an empty string."""
    if variable in BAKE_WORDS:
        return f'"{variable}" means something else in a bake file: call the environment variable another name'
    return "" if _VARIABLE.match(variable) else f'"{variable}" is no name of an environment variable'


def arg_problem(name: str) -> str:
    """Why a build argument cannot have this name, or an empty string."""
    return "" if _VARIABLE.match(name) else f'"{name}" is no name of a build argument'


class Files:
    """Answers about files, each worked out once however many targets ask."""

    def __init__(self, tree: Tree, network: Network, problems: list[Problem]) -> None:
        self.tree = tree
        self.network = network
        self.problems = problems
        self._answers: dict[object, Asked] = {}
        self._dockerfiles: dict[str, Dockerfile | None] = {}
        self._usable: dict[tuple[str, int | str, str, str], bool] = {}

    def folder_problem(self, folder: str) -> str:
        """Why ``folder`` is no directory of the project that a bake file can name, or an empty string."""
        return self._problem(folder, "directory", "folder")

    def file_problem(self, path: str) -> str:
        """The same for a file."""
        return self._problem(path, "file", "file")

    def _problem(self, path: str, wanted: Kind, what: str) -> str:
        if not path.isprintable() or unicodedata.normalize("NFC", path) != path:
            return f'"{path}" cannot be named in a bake file: it holds control characters or is not in Unicode NFC'
        kind = self.tree.kind(path)
        if kind == "outside" or posixpath.isabs(path):
            return f'"{path}" lies outside the project'
        if kind != wanted:
            return f'no {what} "{path}"' if kind == "missing" else f'"{path}" is no {what}'
        return ""

    def ask(
        self,
        scope: Scope,
        shape: Shape,
        links: Sequence[Link],
        context: str,
        dockerfile: str,
        args: Pairs,
        stage: str | None,
        platforms: tuple[str, ...],
    ) -> Asked:
        """What the Dockerfile takes; where it and the layer's words disagree is noted as problems, once."""
        parsed = self._dockerfile(scope, shape, context, dockerfile)
        if parsed is None:
            return Asked()
        contexts = tuple(link.name for link in links)
        relevant = args if _depends_on_args(parsed) else tuple(key for key, _ in args)
        key = (scope.loaded.name, shape.path[1], dockerfile, contexts, relevant, stage, platforms)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._compare(
                scope, shape, links, dockerfile, parsed, dict(args), stage, platforms
            )
        return answer

    def _dockerfile(self, scope: Scope, shape: Shape, context: str, path: str) -> Dockerfile | None:
        """The parsed Dockerfile; None, with the problems noted, when it or its context cannot be used."""
        key = (scope.loaded.name, shape.path[1], context, path)
        usable = self._usable.get(key)
        if usable is None:
            usable = self._usable[key] = self._check(scope, shape, context, path)
        return self._dockerfiles[path] if usable else None

    def _check(self, scope: Scope, shape: Shape, context: str, path: str) -> bool:
        words = shape.words
        problem = self.folder_problem(context)
        if problem:
            missing = self.tree.kind(context) == "missing"
            mend = f', which layer "{words.name}" is built from: make it, or name another with context = "…"'
            at: Path = (*shape.path, "context") if words.context else shape.path
            scope.problem(at, problem if words.context or not missing else problem + mend)
            return False
        problem = self.file_problem(path)
        if problem:
            missing = self.tree.kind(path) == "missing"
            at = (*shape.path, "dockerfile") if words.dockerfile else shape.path
            mend = f', the Dockerfile of layer "{words.name}": write it, or name another with dockerfile = "…"'
            scope.problem(at, problem if words.dockerfile or not missing else problem + mend)
            return False
        if path not in self._dockerfiles:
            self._dockerfiles[path] = self._parsed(path)
        return self._dockerfiles[path] is not None

    def _parsed(self, path: str) -> Dockerfile | None:
        try:
            return parse(self.tree.text(path))
        except DockerfileError as error:
            self.problems.append(Problem(path, error.line, "", str(error)))
        except UnicodeDecodeError as error:
            self.problems.append(Problem(path, 0, "", f"is not UTF-8 (byte {error.start}): save it as UTF-8"))
        except OSError as error:
            self.problems.append(Problem(path, 0, "", f"cannot be read: {error.strerror}"))
        return None

    def _compare(
        self,
        scope: Scope,
        shape: Shape,
        links: Sequence[Link],
        path: str,
        parsed: Dockerfile,
        args: Mapping[str, str],
        stage: str | None,
        platforms: Sequence[str],
    ) -> Asked:
        contexts = [link.name for link in links]
        reached = []
        for platform in platforms or ("linux/amd64",):
            try:
                reached.append(needs(parsed, args, stage, contexts, platform=platform))
            except DockerfileError as error:
                if error.line:
                    self.problems.append(Problem(path, error.line, "", str(error)))
                else:
                    scope.problem((*shape.path, "target"), f"{path}: {error}")
                return Asked()
        declared = frozenset().union(*(one.args for one in reached))
        used = frozenset().union(*(one.used_contexts for one in reached))
        mounted = frozenset(secret for one in reached for secret in one.secrets)
        for name in args:
            if name not in declared and name not in PREDEFINED_ARGS:
                at: Path = (*shape.path, "args", name)
                if name in parsed.declared_args():
                    scope.problem(at, f'{path} declares ARG "{name}" only in stages that this layer does not build')
                else:
                    scope.problem(at, f'{path} declares no ARG "{name}"{did_you_mean(name, declared)}')
        for number, link in enumerate(links):
            if link.name not in used:
                at = (
                    (*shape.path, "parent")
                    if number == 0 and link.name == "base"
                    else (*shape.path, "links", link.name)
                )
                hint = ": its FROM is to say base" if link.name == "base" else ""
                scope.problem(at, f'{path} never uses the context "{link.name}"{hint}')
        for index in sorted({index for one in reached for index in one.replaced}):
            found = parsed.stages[index]
            self.problems.append(
                Problem(
                    path,
                    found.line,
                    "",
                    f'stage "{found.name}" is never built: the context of that name takes its place; rename the stage',
                )
            )
        self._prove_names(path, reached, contexts)
        for index, secret in enumerate(shape.words.secrets):
            if secret.id not in mounted:
                scope.problem(
                    (*shape.path, "secrets", index),
                    f'{path} never mounts the secret "{secret.id}"{did_you_mean(secret.id, mounted)}',
                )
        own = {secret.id for secret in shape.words.secrets}
        network_args = {name: name for name in _PROXIES} if self.network.proxies else {}
        network_args |= {name: variable for name, variable in self.network.args.items() if name in declared}
        return Asked(
            tuple(
                Secret(identifier, "file-env", variable)
                for identifier, variable in sorted(self.network.files.items())
                if identifier in mounted and identifier not in own
            ),
            tuple(sorted((name, variable) for name, variable in network_args.items() if name not in args)),
        )

    def _prove_names(self, path: str, reached: Sequence[Needs], contexts: Sequence[str]) -> None:
        for use in dict.fromkeys(use for one in reached for use in one.names):
            if use.name in contexts:
                continue
            try:
                parse_reference(use.name)
            except InvalidName:
                if any(use.name == name or name in _familiar(use.name) for name in contexts):
                    continue
                mend = "give the layer a parent" if use.name == "base" else "give the layer such a link"
                self.problems.append(
                    Problem(
                        path,
                        use.line,
                        "",
                        f'{use.how} "{use.name}": nobody gives this context{did_you_mean(use.name, contexts)}; {mend}, '
                        "or write an image with its tag",
                    )
                )


def _familiar(name: str) -> tuple[str, ...]:
    return (f"{name}:latest", f"docker.io/library/{name}", f"docker.io/library/{name}:latest")


def _depends_on_args(parsed: Dockerfile) -> bool:
    return any(
        "$" in text
        for stage in parsed.stages
        for text in (stage.base.name, stage.platform or "", *stage.secrets, *(use.name for use in stage.uses))
    ) or any(step.kind == "ONBUILD" for stage in parsed.stages for step in stage.steps)
