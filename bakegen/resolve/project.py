"""The whole project -> the plan, with every problem of every stack in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bakegen import labels
from bakegen.errors import ConfigurationError, Problem
from bakegen.load import Loaded
from bakegen.names import InvalidName, normalise_platform
from bakegen.plan import Attestations, Axis, LayerShape, Plan, Registry, Tag, Target
from bakegen.resolve.axes import Scope, scope
from bakegen.resolve.binding import caches
from bakegen.resolve.files import Files
from bakegen.resolve.shapes import Shape, shapes
from bakegen.resolve.tagging import Claim, claims, owners, registries, repository_problems
from bakegen.resolve.targets import Built, Ground, build, in_order
from bakegen.resolve.whole import cache_problems, default_problems, name_problems, project_problems


def resolve(loaded: Loaded) -> Plan:
    """The plan of a project. Raises ConfigurationError with all that is wrong with it."""
    problems: list[Problem] = [*loaded.problems, *project_problems(loaded)]
    files = Files(loaded.tree, loaded.project.network, problems)
    places = registries(loaded.project)
    known = dict.fromkeys(platform for word in loaded.project.platforms if (platform := _platform(word)))
    ground = Ground(loaded, files, tuple(known), len(known) == len(loaded.project.platforms))
    targets: list[Target] = []
    claimed: list[Claim] = []
    axes: list[Axis] = []
    layers: list[LayerShape] = []
    for stack in loaded.stacks:
        draft = scope(stack, problems)
        built: dict[str, Built] = {}
        for name, shape in shapes(draft).items():
            one = built[name] = build(draft, shape, built, ground)
            if one.sound:
                problems += [draft.loaded.source.problem(*found) for found in repository_problems(one, places)]
            claimed += claims(draft, shape, one)
            layers.append(_layer(draft, shape))
        targets += in_order(built)
        axes += [Axis(stack.name, name, table.words.role, table.choices) for name, table in draft.axes.items()]
    tags, clashes = owners(claimed, places)
    problems += clashes
    targets = [_finished(loaded, target, tags.get(target.name, ()), places) for target in targets]
    problems += name_problems(loaded, targets)
    problems += cache_problems(loaded, targets, places)
    if not problems:
        problems += default_problems(loaded, targets)
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


def _platform(word: str) -> str:
    try:
        return normalise_platform(word)
    except InvalidName:
        return ""


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
    marks = dict(target.labels)
    coordinates = "-".join([value for _, value in target.coordinates])
    marks.setdefault(labels.VERSION, tags[0].tag if tags else coordinates or target.layer)
    published = f"{places[tags[0].registry].prefix}{tags[0].repository}:{tags[0].tag}" if tags else None
    return replace(
        target,
        tags=tags,
        labels=tuple(sorted(marks.items())),
        cache_from=caches(loaded.project, target.name, published, write=False),
        cache_to=caches(loaded.project, target.name, published, write=True),
    )
