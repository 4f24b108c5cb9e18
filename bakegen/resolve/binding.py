"""A layer's words bound to its axes: every string of it as a table, so that a target costs only look-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bakegen import labels
from bakegen.lock import Lock
from bakegen.model import Link as LinkWords
from bakegen.model import Project
from bakegen.model import Test as TestWords
from bakegen.plan import Cache, Pairs, Service, Test
from bakegen.resolve.axes import Path, Scope, platforms
from bakegen.resolve.shapes import Shape
from bakegen.templates import Compiled, TemplateError, bind

_EMPTY = Compiled(("",))
PairTable = tuple[tuple[str, Compiled], ...]


@dataclass(frozen=True)
class Binder:
    """Binds the strings of one layer."""

    scope: Scope
    shape: Shape

    def text(self, path: Path, words: str) -> Compiled:
        """A template of the layer's; what is wrong with it is noted."""
        constants = {"stack": self.scope.loaded.name, "layer": self.shape.words.name}
        fields = {name: table.fields for name, table in self.scope.axes.items()}
        try:
            return bind(words, constants, self.shape.axes, fields)
        except TemplateError as error:
            self.scope.problem(path, str(error))
            return _EMPTY

    def optional(self, path: Path, words: str | None) -> Compiled | None:
        """The same for a key that may be missing."""
        return None if words is None else self.text(path, words)

    def pairs(self, path: Path, words: Mapping[str, str]) -> PairTable:
        """A table of templates, sorted by key."""
        return tuple((key, self.text((*path, key), words[key])) for key in sorted(words))


@dataclass(frozen=True)
class BoundTest:
    """A smoke test and its templates."""

    words: TestWords
    path: Path
    script: Compiled | None
    stdout_contains: tuple[Compiled, ...]
    stderr_contains: tuple[Compiled, ...]
    platforms: tuple[str, ...]

    def __call__(self, one: Sequence[int], folder: str) -> Test:
        """The test of one combination; ``folder`` is the stack's."""
        words = self.words
        return Test(
            name=words.name,
            run=_command(words),
            script=None if self.script is None else f"{folder}/{self.script(one)}",
            stdin=words.stdin,
            exit_code=words.exit_code,
            stdout_contains=tuple(text(one) for text in self.stdout_contains),
            stdout_matches=tuple(words.stdout_matches),
            stderr_contains=tuple(text(one) for text in self.stderr_contains),
            stderr_matches=tuple(words.stderr_matches),
            stderr_empty=words.stderr_empty,
            timeout=words.timeout,
            needs=words.needs,
            platforms=self.platforms,
        )


def _command(words: TestWords) -> tuple[str, ...]:
    if words.run is None:
        return ()
    return ("/bin/sh", "-c", words.run[0]) if len(words.run) == 1 else tuple(words.run)


def bind_tests(binder: Binder) -> tuple[BoundTest, ...]:
    """The layer's tests, checked: each has one thing to run, and regular expressions that compile."""
    import re

    found = []
    scope, shape = binder.scope, binder.shape
    seen: set[str] = set()
    for index, words in enumerate(shape.words.tests):
        path: Path = (*shape.path, "tests", index)
        if words.name in seen:
            scope.problem((*path, "name"), f'test "{words.name}" stands twice in layer "{shape.words.name}"')
        seen.add(words.name)
        if (words.run is None) == (words.script is None):
            scope.problem(path, "a test runs a command or a script: give one of run and script")
        for key in ("stdout_matches", "stderr_matches"):
            for number, pattern in enumerate(getattr(words, key)):
                try:
                    re.compile(pattern)
                except (re.error, OverflowError, RecursionError) as error:
                    scope.problem((*path, key.replace("_", "-"), number), f"no regular expression: {error}")
        if words.stderr_empty and (words.stderr_contains or words.stderr_matches):
            scope.problem((*path, "stderr-empty"), "standard error cannot be empty and hold something")
        found.append(
            BoundTest(
                words,
                path,
                binder.optional((*path, "script"), words.script),
                tuple(binder.text((*path, "stdout-contains", n), t) for n, t in enumerate(words.stdout_contains)),
                tuple(binder.text((*path, "stderr-contains", n), t) for n, t in enumerate(words.stderr_contains)),
                platforms(scope, (*path, "platforms"), words.platforms or ()),
            )
        )
    return tuple(found)


def bind_services(scope: Scope, shape: Shape) -> tuple[Service, ...]:
    """The layer's services, each name and port once."""
    names: set[str] = set()
    ports: set[int] = set()
    for index, words in enumerate(shape.words.services):
        path: Path = (*shape.path, "services", index)
        if words.name in names:
            scope.problem((*path, "name"), f'service "{words.name}" stands twice')
        if words.port in ports:
            scope.problem((*path, "port"), f"port {words.port} stands twice")
        names.add(words.name)
        ports.add(words.port)
    return tuple(Service(words.name, words.port, words.protocol) for words in shape.words.services)


@dataclass(frozen=True)
class Described:
    """Labels and annotations of a layer: what is written for it anew, and what its children inherit."""

    everywhere: PairTable
    own: PairTable
    annotations: PairTable

    def labels(self, one: Sequence[int], inherited: Pairs, standard: Mapping[str, str]) -> tuple[Pairs, Pairs]:
        """The image's labels, sorted, and those that its children inherit."""
        own = dict(inherited)
        own.update((key, text(one)) for key, text in self.own)
        whole = {**own, **standard}
        whole.update((key, text(one)) for key, text in self.everywhere)
        whole.update((key, text(one)) for key, text in self.own)
        whole[labels.REVISION] = ""
        return tuple(sorted(whole.items())), tuple(sorted(own.items()))


def bind_description(binder: Binder, project: Project) -> Described:
    """Labels and annotations, checked for reserved keys and for secrets."""
    scope, shape = binder.scope, binder.shape
    stack = scope.loaded.words
    for path, words in (
        (("labels",), stack.labels),
        (("annotations",), stack.annotations),
        ((*shape.path, "labels"), shape.words.labels),
        ((*shape.path, "annotations"), shape.words.annotations),
        ((*shape.path, "args"), shape.words.args),
    ):
        for key, value in words.items():
            problem = labels.secret_problem(key, value)
            if not problem and path[-1] != "args":
                problem = labels.key_problem(key)
            if not problem and path[-1] == "annotations" and (key.startswith("[") or ":" in key.split(".")[0]):
                problem = f'"{key}" is no annotation: a key starts with a domain, such as org.example.key'
            if problem:
                scope.problem((*path, key), problem)
    everywhere = {**project.labels, **stack.labels}
    annotations = {**project.annotations, **stack.annotations, **shape.words.annotations}

    def places(key: str, kind: str, own: Mapping[str, str]) -> Path:
        return (*shape.path, kind, key) if key in own else (kind, key)

    return Described(
        tuple((key, binder.text(places(key, "labels", {}), everywhere[key])) for key in sorted(everywhere)),
        binder.pairs((*shape.path, "labels"), shape.words.labels),
        tuple(
            (key, binder.text(places(key, "annotations", shape.words.annotations), annotations[key]))
            for key in sorted(annotations)
        ),
    )


@dataclass(frozen=True)
class BoundLink:
    """A named context that is no parent."""

    name: str
    words: LinkWords
    path: Path
    shape: Shape | None
    text: Compiled


def bind_links(binder: Binder, known: Mapping[str, Shape]) -> tuple[BoundLink, ...]:
    """The layer's links, sorted by name; a linked layer's axes are all among this layer's own."""
    scope, shape = binder.scope, binder.shape
    found = []
    for name in sorted(shape.words.links):
        words = shape.words.links[name]
        path: Path = (*shape.path, "links", name)
        given = [key for key in ("layer", "image", "directory", "git") if getattr(words, key) is not None]
        if len(given) != 1:
            scope.problem(path, "a link is one of layer, image, directory and git: give one of them")
            continue
        if name == "base" and shape.words.parent:
            scope.problem(path, 'the context "base" is the parent: give the link another name')
        linked = known.get(words.layer) if words.layer is not None else None
        if linked is not None:
            missing = [axis for axis in linked.axes if axis not in shape.axes]
            if missing:
                scope.problem(
                    path,
                    f'layer "{words.layer}" also has the axis {", ".join(missing)}, which this layer lacks: '
                    "which of its targets is meant?",
                )
                continue
        key = given[0]
        found.append(BoundLink(name, words, path, linked, binder.text((*path, key), getattr(words, key))))
    return tuple(found)


@dataclass(frozen=True)
class PlatformTable:
    """Which platforms a combination may have: the declared ones, less what its values lack."""

    declared: tuple[str, ...]
    limits: tuple[tuple[int, tuple[frozenset[str] | None, ...]], ...]

    def __call__(self, one: Sequence[int], parents: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        """The platforms of a combination, in the declared order, that all ``parents`` have too."""
        left = self.declared
        for place, table in self.limits:
            limit = table[one[place]]
            if limit is not None:
                left = tuple(platform for platform in left if platform in limit)
        for parent in parents:
            if left != parent:
                left = tuple(platform for platform in left if platform in parent)
        return left


def bind_platforms(
    scope: Scope, shape: Shape, project: tuple[str, ...], stack: tuple[str, ...] | None
) -> PlatformTable:
    """The platforms that the layer, the stack or the project declares, with the limits of the axes' values."""
    words = shape.words.platforms
    if words is not None:
        declared = platforms(scope, (*shape.path, "platforms"), words)
    else:
        declared = project if stack is None else stack
    limits = tuple(
        (place, scope.axes[axis].platforms)
        for place, axis in enumerate(shape.axes)
        if any(limit is not None for limit in scope.axes[axis].platforms)
    )
    return PlatformTable(declared, limits)


def pinned(lock: Lock, reference: str) -> str:
    """An image reference with the digest that the lock knows for it."""
    pin = lock.images.get(reference)
    return reference if pin is None or "@" in reference else f"{reference}@{pin.digest}"


def caches(project: Project, name: str, published: str | None, *, write: bool) -> tuple[Cache, ...]:
    """Where the target ``name`` reads (or, with ``write``, writes) its cache: a place of its own.

    ``published``: the target's first published reference, from which an inline cache is read.
    """
    words = project.cache
    if words.type == "none" or (words.type == "inline" and published is None):
        return ()
    mode = (("mode", words.mode),) if write else ()
    if words.type == "inline":
        return (Cache("inline", ()) if write else Cache("registry", (("ref", str(published)),)),)
    if words.type == "local":
        folder = f"{words.folder.rstrip('/')}/{name}"
        return (Cache("local", (("dest" if write else "src", folder), *mode)),)
    if words.type == "registry":
        ignore = (("ignore-error", "true"),) if write else ()
        return (Cache("registry", (("ref", f"{words.ref}:{name}"), *mode, *ignore)),)
    ignore = (("ignore-error", "true"),) if write else ()
    return (Cache("gha", (("scope", name), *mode, *ignore)),)
