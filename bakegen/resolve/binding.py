"""A layer's words bound to its axes: every string of it as a table, so that a target costs only look-ups."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bakegen import labels
from bakegen.expand import Combination
from bakegen.load import Loaded, Source
from bakegen.lock import Lock, Pin
from bakegen.model import Link as LinkWords
from bakegen.model import Project
from bakegen.model import Test as TestWords
from bakegen.plan import Cache, LinkKind, Pairs, Service, Test
from bakegen.resolve.axes import Path, Scope, joined, platforms
from bakegen.resolve.shapes import Shape
from bakegen.templates import Compiled, TemplateError, bind

_EMPTY = Compiled(("",))
OUTSIDE: tuple[Literal["image", "directory", "git"], ...] = ("image", "directory", "git")
PairTable = tuple[tuple[str, Compiled], ...]


class Binder:
    """Binds the strings of one layer, for the combinations that it has, or for some of them."""

    def __init__(self, scope: Scope, shape: Shape, combinations: Sequence[Combination] | None = None) -> None:
        self.scope, self.shape = scope, shape
        self._constants = {"stack": scope.loaded.name, "layer": shape.words.name}
        self._fields = {name: table.fields for name, table in scope.axes.items()}
        places = zip(*(shape.combinations if combinations is None else combinations), strict=True)
        self._reach: dict[str, Collection[int]] = dict.fromkeys(shape.axes, ())
        self._reach.update(zip(shape.axes, map(frozenset, places), strict=False))

    def text(self, path: Path, words: str, source: Source | None = None) -> Compiled:
        """A template of the layer's; what is wrong with it is noted. ``source``: the file, if not the stack's."""
        if "{" not in words and "}" not in words and words.isascii():
            return Compiled((words,))
        try:
            return bind(words, self._constants, self.shape.axes, self._fields, self._reach)
        except TemplateError as error:
            self.scope.problems.append((source or self.scope.loaded.source).problem(path, str(error)))
            return _EMPTY

    def optional(self, path: Path, words: str | None) -> Compiled | None:
        """The same for a key that may be missing."""
        return None if words is None else self.text(path, words)

    def pairs(self, path: Path, words: Mapping[str, str], source: Source | None = None) -> PairTable:
        """A table of templates, sorted by key."""
        return tuple((key, self.text((*path, key), words[key], source)) for key in sorted(words))


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
            run=tuple(words.run or ()),
            script=None if self.script is None else joined(folder, self.script(one)),
            user=words.user,
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
        own = {key: value for key, value in inherited if key not in labels.OF_THE_IMAGE}
        own.update((key, text(one)) for key, text in self.own)
        whole = {**own, **standard}
        whole.update((key, text(one)) for key, text in self.everywhere)
        whole.update((key, text(one)) for key, text in self.own)
        whole[labels.REVISION] = ""
        return tuple(sorted(whole.items())), tuple(sorted(own.items()))


def bind_description(binder: Binder, loaded: Loaded) -> Described:
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
            if not problem and path[-1] == "annotations":
                problem = labels.annotation_problem(key)
            elif not problem and path[-1] == "labels":
                problem = labels.key_problem(key)
            if problem:
                scope.problem((*path, key), problem)
    given = loaded.source
    own = (*shape.path, "annotations")
    everywhere = {
        **dict(binder.pairs(("labels",), loaded.project.labels, given)),
        **dict(binder.pairs(("labels",), stack.labels)),
    }
    annotations = {
        **dict(binder.pairs(("annotations",), loaded.project.annotations, given)),
        **dict(binder.pairs(("annotations",), stack.annotations)),
        **dict(binder.pairs(own, shape.words.annotations)),
    }
    return Described(
        tuple(sorted(everywhere.items())),
        binder.pairs((*shape.path, "labels"), shape.words.labels),
        tuple(sorted(annotations.items())),
    )


@dataclass(frozen=True)
class BoundLink:
    """A named context that is no parent."""

    name: str
    words: LinkWords
    kind: LinkKind
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
        given = [key for key in ("layer", *OUTSIDE) if getattr(words, key) is not None]
        if len(given) != 1:
            scope.problem(path, "a link is one of layer, image, directory and git: give one of them")
            continue
        if name == "base" and shape.words.parent:
            scope.problem(path, 'the context "base" is the parent: give the link another name')
            continue
        if words.layer is None:
            kind: LinkKind = next(key for key in OUTSIDE if getattr(words, key) is not None)
            found.append(BoundLink(name, words, kind, path, None, binder.text((*path, kind), getattr(words, kind))))
            continue
        linked = known[words.layer]
        missing = [axis for axis in linked.axes if axis not in shape.axes]
        if missing:
            scope.problem(
                path,
                f'layer "{words.layer}" also has the axis {", ".join(missing)}, which this layer lacks: '
                "which of its targets is meant?",
            )
            continue
        found.append(BoundLink(name, words, "target", path, linked, _EMPTY))
    return tuple(found)


@dataclass(frozen=True)
class PlatformTable:
    """Which platforms a combination has: the declared or inherited ones, less what its values lack."""

    declared: tuple[str, ...]
    inherits: bool
    limits: tuple[tuple[int, tuple[frozenset[str] | None, ...]], ...]

    def __call__(self, one: Sequence[int], parents: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        """The platforms of a combination: the layer's own, or else those of its ``parents`` that all of them have."""
        left = self.declared
        inherited = [*parents] if self.inherits else []
        if inherited:
            left = inherited[0]
        for place, table in self.limits:
            limit = table[one[place]]
            if limit is not None:
                left = tuple(platform for platform in left if platform in limit)
        for parent in inherited[1:]:
            left = tuple(platform for platform in left if platform in parent)
        return left


def bind_platforms(scope: Scope, shape: Shape, project: tuple[str, ...]) -> PlatformTable:
    """The platforms that the layer, the stack or the project declares, with the limits of the axes' values."""
    words = shape.words.platforms
    if words is not None:
        declared = platforms(scope, (*shape.path, "platforms"), words)
        scope.unsure |= len(declared) < len(words)
    else:
        declared = project if scope.platforms is None else scope.platforms
    limits = tuple(
        (place, scope.axes[axis].platforms)
        for place, axis in enumerate(shape.axes)
        if any(limit is not None for limit in scope.axes[axis].platforms)
    )
    return PlatformTable(declared, words is None, limits)


def pin_of(lock: Lock, reference: str) -> Pin | None:
    """What the lock knows of an image: by the reference as it is written, or, where that has a digest, by that."""
    name, _, digest = reference.partition("@")
    found = lock.images.get(reference) or lock.images.get(name)
    return found if found is None or not digest or found.digest == digest else None


def pinned(lock: Lock, reference: str) -> str:
    """An image reference with the digest that the lock knows for it."""
    pin = pin_of(lock, reference)
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
