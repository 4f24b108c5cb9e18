"""The whole project -> the plan, with every problem of every stack in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bakegen import labels
from bakegen.errors import ConfigurationError, Problem
from bakegen.load import Loaded, Source
from bakegen.names import InvalidName, normalise_platform, parse_reference, tag_problem
from bakegen.plan import Attestations, Axis, LayerShape, Plan, Registry, Tag, Target
from bakegen.resolve.axes import Scope, scope
from bakegen.resolve.binding import caches
from bakegen.resolve.files import Files, joined
from bakegen.resolve.shapes import Shape, shapes
from bakegen.resolve.tagging import Claim, claims, owners, registries, registry_problems, repository_problems
from bakegen.resolve.targets import Built, build, in_order


def resolve(loaded: Loaded) -> Plan:
    """The plan of a project. Raises ConfigurationError with all that is wrong with it."""
    problems: list[Problem] = list(_project_problems(loaded))
    files = Files(loaded.tree, loaded.project.network, problems)
    targets: list[Target] = []
    claimed: list[Claim] = []
    axes: list[Axis] = []
    layers: list[LayerShape] = []
    for stack in loaded.stacks:
        own: list[Problem] = []
        draft = scope(stack, own)
        if not own:
            found = shapes(draft)
            if found:
                built = _build(draft, found, loaded, files, claimed)
                targets += in_order(built)
                layers += [_layer(draft, shape) for shape in found.values()]
                axes += [Axis(stack.name, name, table.words.role, table.choices) for name, table in draft.axes.items()]
        problems += own
    places = registries(loaded.project)
    tags, clashes = owners(claimed, places)
    problems += clashes
    targets = [_finished(loaded, target, tags.get(target.name, ()), places) for target in targets]
    problems += _name_problems(loaded, targets)
    problems += _cache_problems(loaded, targets)
    if problems:
        raise ConfigurationError(problems)
    attest = loaded.project.attest
    return Plan(
        targets=tuple(targets),
        registries=places,
        axes=tuple(axes),
        layers=tuple(layers),
        attestations=Attestations(attest.provenance, attest.sbom),
        default=tuple(loaded.project.default),
    )


def _build(
    draft: Scope, found: dict[str, Shape], loaded: Loaded, files: Files, claimed: list[Claim]
) -> dict[str, Built]:
    built: dict[str, Built] = {}
    for name, shape in found.items():
        one = build(draft, shape, built, loaded, files)
        built[name] = one
        for path, message in repository_problems(draft, one):
            draft.problem(path, message)
        if not draft.problems:
            claimed += claims(draft, shape, one)
    return built


def _layer(draft: Scope, shape: Shape) -> LayerShape:
    return LayerShape(
        stack=draft.loaded.name,
        name=shape.words.name,
        origin=draft.origin(shape.path),
        parents=tuple(
            choice.words.layer if choice.words.layer is not None else str(choice.words.image)
            for choice in shape.choices
        ),
        axes=shape.axes,
        nogoods=shape.nogoods,
    )


def _finished(loaded: Loaded, target: Target, tags: tuple[Tag, ...], places: Sequence[Registry]) -> Target:
    published = f"{places[tags[0].registry].prefix}{tags[0].repository}:{tags[0].tag}" if tags else None
    return replace(
        target,
        tags=tags,
        cache_from=caches(loaded.project, target.name, published, write=False),
        cache_to=caches(loaded.project, target.name, published, write=True),
    )


def _source(loaded: Loaded, file: str) -> Source:
    return next(stack.source for stack in loaded.stacks if stack.source.file == file)


def _name_problems(loaded: Loaded, targets: Sequence[Target]) -> list[Problem]:
    """Two targets, or a target and a group, of one name."""
    problems = []
    owner: dict[str, Target] = {}
    for target in targets:
        first = owner.setdefault(target.name, target)
        if first is target:
            continue
        there = _source(loaded, first.origin.file).problem(first.origin.path, "")
        problems.append(
            _source(loaded, target.origin.file).problem(
                target.origin.path,
                f"two targets are called {target.name}: {_spelled(first)} ({there.file}:{there.line}) "
                f"and {_spelled(target)}; a name holds letters, digits, - and _ only",
            )
        )
    return problems


def _spelled(target: Target) -> str:
    values = " ".join(f"{axis}={value}" for axis, value in target.coordinates)
    return f"{target.layer_path} {values}".rstrip()


def _project_problems(loaded: Loaded) -> list[Problem]:
    project, source = loaded.project, loaded.source
    found = [source.problem(path, message) for path, message in registry_problems(project)]
    for index, word in enumerate(project.platforms):
        try:
            normalise_platform(word)
        except InvalidName as error:
            found.append(source.problem(("platforms", index), str(error)))
    for kind in ("labels", "annotations"):
        for key, value in getattr(project, kind).items():
            problem = labels.key_problem(key) or labels.secret_problem(key, value)
            if problem:
                found.append(source.problem((kind, key), problem))
    if project.cache.type == "registry":
        if project.cache.ref is None:
            found.append(source.problem(("cache",), 'a registry cache needs ref = "registry/path/cache"'))
        else:
            try:
                parse_reference(f"{project.cache.ref}:x")
            except InvalidName:
                found.append(
                    source.problem(("cache", "ref"), f'"{project.cache.ref}" is no repository: write it without a tag')
                )
    if project.template is not None and loaded.tree.kind(joined(".", project.template)) != "file":
        found.append(source.problem(("template",), f'no file "{project.template}" in the project'))
    if project.cache.type == "local" and loaded.tree.kind(joined(".", project.cache.folder)) == "outside":
        found.append(source.problem(("cache", "folder"), f'"{project.cache.folder}" lies outside the project'))
    for kind in ("files", "args"):
        for key, variable in getattr(project.network, kind).items():
            problem = Files.secret_problem(key, variable)
            if problem:
                found.append(source.problem(("network", kind, key), problem))
    return found


def _cache_problems(loaded: Loaded, targets: Sequence[Target]) -> list[Problem]:
    if loaded.project.cache.type != "registry":
        return []
    return [
        loaded.source.problem(("cache",), f"the cache's tag for {target.name} is none: {tag_problem(target.name)}")
        for target in targets
        if tag_problem(target.name)
    ]
