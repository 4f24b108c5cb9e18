"""Tag rules -> tags, and the proof that each tag has one owner in the whole project."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bakegen import versions
from bakegen.errors import Problem, near_or_all
from bakegen.expand import Combination
from bakegen.matchers import Choices
from bakegen.model import Project, TagRule
from bakegen.names import REGISTRY_PREFIX, REPOSITORY_PATH, tag_problem
from bakegen.plan import BUILT_BY_DEFAULT, Origin, Registry, Tag, Target
from bakegen.resolve.axes import Masks, Path, Scope
from bakegen.resolve.binding import Binder
from bakegen.resolve.shapes import Shape
from bakegen.resolve.targets import Built
from bakegen.templates import TemplateError

_ORDERS = ("semver", "calendar", "pep440", "cann")
"""The schemes that have an order, the strictest first."""


@dataclass(frozen=True)
class Claim:
    """One target's claim to one tag."""

    repository: str
    tag: str
    target: Target
    rule: TagRule
    scope: Scope
    path: Path


def registries(project: Project) -> tuple[Registry, ...]:
    """Where images go: the project's registries with their variables, or the local engine's own store."""
    found = []
    for words in project.registries:
        variable = "BAKEGEN_REGISTRY" + (f"_{words.name.upper().replace('-', '_')}" if words.name else "")
        found.append(Registry(variable, words.prefix, words.floating))
    return tuple(found) or (Registry("BAKEGEN_REGISTRY", "", floating=True),)


def registry_problems(project: Project) -> Iterator[tuple[Path, str]]:
    """What is wrong with the project's registries."""
    variables: dict[str, str | None] = {}
    prefixes: set[str] = set()
    for index, (words, place) in enumerate(zip(project.registries, registries(project), strict=False)):
        path: Path = ("registries", index)
        if not REGISTRY_PREFIX.match(words.prefix):
            mend = ": it ends in /" if REGISTRY_PREFIX.match(words.prefix + "/") else ""
            yield (
                (*path, "prefix"),
                f'"{words.prefix}" is no prefix of image names, such as "registry.example:5000/ai/"{mend}',
            )
        if place.variable not in variables:
            variables[place.variable] = words.name
        elif words.name is None:
            yield path, "two registries without a name: give one a name"
        elif variables[place.variable] == words.name:
            yield (*path, "name"), f'registry "{words.name}" stands twice'
        else:
            other = variables[place.variable]
            yield (*path, "name"), f'"{words.name}" and "{other}" both have the variable {place.variable}'
        if words.prefix in prefixes:
            yield (*path, "prefix"), f'"{words.prefix}" stands twice'
        prefixes.add(words.prefix)


def claims(scope: Scope, shape: Shape, built: Built) -> Iterator[Claim]:
    """What the layer's tag rules give its targets; what is wrong with the rules is noted."""
    words = shape.words
    if words.image is None:
        for index in range(len(words.tags)):
            scope.problem(
                (*shape.path, "tags", index), f'layer "{words.name}" has no image to tag: give it image = "…"'
            )
        return
    if not words.tags:
        scope.problem(
            (*shape.path, "image"), f'image "{words.image}" has no tag rule: say how it is called with tags = […]'
        )
    for index, rule in enumerate(words.tags):
        yield from _claims(scope, shape, built, rule, (*shape.path, "tags", index))


def _claims(scope: Scope, shape: Shape, built: Built, rule: TagRule, path: Path) -> Iterator[Claim]:
    masks = _masks(scope, shape, rule, path)
    limited = [one for one in shape.combinations if masks is None or shape.holds(masks, one)]
    render = _renderer(scope, shape, rule, path, limited)
    if masks is None or render is None or scope.shaky or not built.sound:
        return
    if rule.only and not limited:
        scope.problem((*path, "only"), "matches nothing: the layer has no such combination")
    rendered: dict[tuple[str, str], list[tuple[Combination, Target]]] = {}
    for one in limited:
        target = built.targets.get(one)
        if target is None or target.image is None:
            continue
        try:
            tag = render(one)
        except TemplateError as error:
            scope.problem(path, f"{error} (for {target.name}); or limit the rule with only")
            return
        problem = tag_problem(tag)
        if problem:
            scope.problem(path, f'"{tag}" is no tag: {problem} (for {target.name})')
            return
        rendered.setdefault((target.image, tag), []).append((one, target))
    for (repository, tag), candidates in rendered.items():
        owners = candidates if rule.newest is None else _newest(scope, shape, rule.newest, candidates)
        for _, target in owners:
            yield Claim(repository, tag, target, rule, scope, path)


def _masks(scope: Scope, shape: Shape, rule: TagRule, path: Path) -> Masks | None:
    before = len(scope.problems)
    for axis in rule.only:
        if axis in scope.axes and axis not in shape.axes:
            scope.problem((*path, "only", axis), _foreign(axis, shape))
    newest = rule.newest
    if newest is not None and newest not in scope.axes:
        scope.problem((*path, "newest"), f'unknown axis "{newest}"{near_or_all(newest, shape.axes)}')
    elif newest is not None and newest not in shape.axes:
        scope.problem((*path, "newest"), _foreign(newest, shape))
    elif newest is not None and scope.axes[newest].choices.scheme == "text":
        scope.problem((*path, "newest"), f'axis "{newest}" has no order: {_ordered(scope.axes[newest].choices)}')
    masks = scope.masks((*path, "only"), rule.only)
    return masks if len(scope.problems) == before else None


def _ordered(choices: Choices) -> str:
    """How the values of an axis get an order."""
    for scheme in _ORDERS:
        try:
            for version in choices.versions:
                versions.key(version, scheme)
        except versions.VersionError:
            continue
        return f'give it scheme = "{scheme}", which takes all its values'
    return f"no scheme takes all its values: give each a version, and the axis a scheme ({', '.join(_ORDERS)})"


def _foreign(axis: str, shape: Shape) -> str:
    known = ", ".join(shape.axes) or "it has none"
    return f'axis "{axis}" is not among the axes of layer "{shape.words.name}" ({known})'


def _renderer(
    scope: Scope, shape: Shape, rule: TagRule, path: Path, limited: Sequence[Combination]
) -> Callable[[Combination], str] | None:
    if (rule.pattern is None) == (rule.scheme is None):
        scope.problem(path, "a tag rule has a pattern or a named scheme: give one of them")
        return None
    if rule.pattern is None:
        # Few projects name a scheme, and the schemes take time to import.
        from bakegen.resolve import schemes

        return schemes.renderer(scope, shape, rule, path, limited)
    before = len(scope.problems)
    for key in ("segments", "dev"):
        if getattr(rule, key):
            scope.problem((*path, key), f"{key} goes with a named scheme: a pattern says it itself")
    pattern = Binder(scope, shape, limited).text((*path, "pattern"), rule.pattern)
    return pattern if len(scope.problems) == before else None


def _newest(
    scope: Scope, shape: Shape, axis: str, candidates: Sequence[tuple[Combination, Target]]
) -> list[tuple[Combination, Target]]:
    """Of the targets built by default, those with the highest released version, else the highest prerelease."""
    choices = scope.axes[axis].choices
    place = shape.axes.index(axis)
    built = [item for item in candidates if item[1].status in BUILT_BY_DEFAULT]
    if not built:
        return []

    def rank(item: tuple[Combination, Target]) -> tuple[bool, object]:
        version = choices.versions[item[0][place]]
        return not versions.is_prerelease(version, choices.scheme), versions.key(version, choices.scheme)

    best = max(map(rank, built))
    return [item for item in built if rank(item) == best]


def owners(claims: Sequence[Claim], places: Sequence[Registry]) -> tuple[dict[str, tuple[Tag, ...]], list[Problem]]:
    """Each target's tags in every registry, and a problem for each pair of rules that gives one tag two owners."""
    claimed: dict[tuple[str, str], list[Claim]] = {}
    tags: dict[str, list[Tag]] = {}
    problems = []
    clashes: set[tuple[str, Path, str, Path]] = set()
    for claim in claims:
        claimed.setdefault((claim.repository, claim.tag), []).append(claim)
    for same in claimed.values():
        first, *others = same
        floating = first.rule.newest is not None
        origin = Origin(first.scope.loaded.source.file, first.path)
        tags.setdefault(first.target.name, []).extend(
            Tag(number, first.repository, first.tag, floating, origin)
            for number, registry in enumerate(places)
            if registry.floating or not floating
        )
        for claim in others:
            pair = (first.scope.loaded.name, first.path, claim.scope.loaded.name, claim.path)
            if claim.target.name != first.target.name and pair not in clashes:
                clashes.add(pair)
                problems.append(_clash(first, claim, same))
    return {name: tuple(found) for name, found in tags.items()}, problems


def _clash(first: Claim, second: Claim, same: Sequence[Claim]) -> Problem:
    """``same``: all claims to the tag."""
    from bakegen.resolve.schemes import apart

    advice = apart(second.rule, [claim.target.coordinates for claim in same if claim.rule is second.rule])
    there = first.scope.loaded.source.problem(first.path, "")
    return second.scope.loaded.source.problem(
        second.path,
        f'tag "{second.repository}:{second.tag}" has two owners: {first.target.name} ({there.file}:{there.line}) and '
        f"{second.target.name}; {advice}, or limit one with only or newest",
    )


def repository_problems(built: Built, places: Sequence[Registry]) -> Iterator[tuple[Path, str]]:
    """Published names that no registry accepts: the first of each layer."""
    path: Path = (*built.shape.path, "image")
    longest = max(len(place.prefix) for place in places)
    for image in dict.fromkeys(target.image for target in built.targets.values() if target.image is not None):
        if not REPOSITORY_PATH.match(image):
            yield path, f'"{image}" is no image name: lower-case letters and digits, with . _ - and / between them'
            return
        if longest + len(image) > 255:
            whole = longest + len(image)
            yield path, f'"{image}" is too long: with its registry it has {whole} characters, and 255 are the most'
            return
