"""Plan -> the bake file's content as data: variables, groups and targets, before it is HCL or JSON.

Values are text, lists, tables, and ``Expression`` for the few places where bake itself decides when it reads the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bakegen import labels
from bakegen.errors import ConfigurationError, Problem
from bakegen.names import slug
from bakegen.plan import Attestations, Cache, Link, Plan, Secret, Tag, Target

REVISION = "BAKEGEN_REVISION"


@dataclass(frozen=True, slots=True)
class Expression:
    """An HCL expression, written by bakegen and never by the user."""

    hcl: str


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Text that starts with a variable's value."""

    variable: str
    text: str


Value = str | Expression | Prefixed | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A typed variable: the environment's value of the same name overrides the default."""

    name: str
    default: str
    description: str


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that are built together."""

    name: str
    description: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One target: its name, where it comes from, and its attributes in the order they are written."""

    name: str
    comment: str
    attributes: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """A whole bake file."""

    comment: tuple[str, ...]
    variables: tuple[Variable, ...]
    groups: tuple[Group, ...]
    targets: tuple[Block, ...]


def define(plan: Plan, selected: Sequence[Target], closure: Sequence[Target], *, write_cache: bool) -> Definition:
    """The bake file that builds ``selected``; ``closure`` holds these and all that they stand on.

    Internal targets are built because others link to them; the groups name what is published, or, where nothing is,
    what was selected. Raises ConfigurationError when a group and another target would share a name.
    """
    return Definition(
        comment=_comment(closure),
        variables=_variables(plan, closure),
        groups=_groups(selected, closure),
        targets=tuple(_block(plan, target, write_cache=write_cache) for target in closure),
    )


def _comment(closure: Sequence[Target]) -> tuple[str, ...]:
    files = dict.fromkeys(target.origin.file for target in closure)
    return (
        "Made by bakegen from the files below. Change those, not this.",
        *(f"  {file}" for file in files),
        "Build it from the project's root: docker buildx bake -f -",
        "Needs buildx 0.13 or newer. Before 0.24 the variables' types are not checked.",
    )


def _variables(plan: Plan, closure: Sequence[Target]) -> tuple[Variable, ...]:
    used = {tag.registry for target in closure for tag in target.tags}
    found = [
        Variable(
            registry.variable, registry.prefix, "What the published names start with; ends in / unless it is empty."
        )
        for number, registry in enumerate(plan.registries)
        if number in used
    ]
    found.append(Variable(REVISION, "", "The revision of the sources, for the label of that name."))
    paths = {s.source for target in closure for s in target.secrets if s.kind == "file-env"}
    found += [
        Variable(name, "", "Path of a file that builds get as a secret; none if empty.") for name in sorted(paths)
    ]
    given = {variable for target in closure for _, variable in target.network_args}
    found += [
        Variable(name, "", "Handed to builds as a build argument; not at all if empty.") for name in sorted(given)
    ]
    return tuple(found)


def _groups(selected: Sequence[Target], closure: Sequence[Target]) -> tuple[Group, ...]:
    targets = {target.name for target in closure}
    found = {"default": Group("default", "What was selected.", _published(selected))}

    def add(name: str, description: str, members: Sequence[Target]) -> None:
        if name in targets and _published(members) == (name,):
            return
        first = found.get(name)
        if first is not None and first.targets == _published(members):
            return
        if first is not None or name in targets:
            other = f"the group {first.description.rstrip('.')}" if first else "a target"
            raise ConfigurationError(
                [
                    Problem(
                        members[0].origin.file,
                        0,
                        "",
                        f'the group "{name}" ({description.rstrip(".")}) has the name of {other}',
                    )
                ]
            )
        found[name] = Group(name, description, _published(members))

    for stack in dict.fromkeys(target.stack for target in closure):
        add(stack, f"Stack {stack}.", [target for target in closure if target.stack == stack])
    for path, members in _by(closure, lambda target: target.layer_path).items():
        add(path.replace("/", "-"), f"Layer {path}.", members)
    for image, members in _by(closure, lambda target: target.image or "").items():
        if image:
            add(f"image-{slug(image)}", f"Image {image}.", members)
    return tuple(found.values())


def _by(targets: Iterable[Target], key) -> dict[str, list[Target]]:  # type: ignore[no-untyped-def]
    found: dict[str, list[Target]] = {}
    for target in targets:
        found.setdefault(key(target), []).append(target)
    return found


def _published(targets: Sequence[Target]) -> tuple[str, ...]:
    return tuple(target.name for target in targets if target.tags) or tuple(target.name for target in targets)


def _block(plan: Plan, target: Target, *, write_cache: bool) -> Block:
    coordinates = " ".join(f"{axis}={value}" for axis, value in target.coordinates)
    attributes: list[tuple[str, Value]] = [
        ("description", target.title),
        ("context", target.context),
        ("dockerfile", dockerfile(target)),
    ]
    if target.stage is not None:
        attributes.append(("target", target.stage))
    if target.links:
        attributes.append(("contexts", {link.name: context(link) for link in target.links}))
    args: dict[str, Value] = dict(target.args)
    args.update((name, Expression(f'{variable} == "" ? null : {variable}')) for name, variable in target.network_args)
    if args:
        attributes.append(("args", args))
    marks: dict[str, Value] = dict(target.labels)
    if labels.REVISION in marks:
        marks[labels.REVISION] = Expression(REVISION)
    attributes.append(("labels", marks))
    if target.annotations:
        attributes.append(("annotations", [f"{key}={value}" for key, value in target.annotations]))
    if target.tags:
        attributes.append(("tags", [_tag(plan, tag) for tag in target.tags]))
    attributes.append(("platforms", list(target.platforms)))
    attributes += _secrets(target.secrets)
    if target.cache_from:
        attributes.append(("cache-from", [cache(one) for one in target.cache_from]))
    if target.cache_to and write_cache:
        attributes.append(("cache-to", [cache(one) for one in target.cache_to]))
    attributes.append(("attest", list(attest(plan.attestations))))
    return Block(target.name, f"{target.layer_path} {coordinates}".rstrip(), tuple(attributes))


def _tag(plan: Plan, tag: Tag) -> Prefixed:
    return Prefixed(plan.registries[tag.registry].variable, f"{tag.repository}:{tag.tag}")


def _secrets(secrets: Sequence[Secret]) -> list[tuple[str, Value]]:
    always = [
        csv(("id", s.id), ("env" if s.kind == "env" else "src", s.source)) for s in secrets if s.kind != "file-env"
    ]
    optional = [
        Expression(f'{s.source} == "" ? [] : ["id={s.id},src=${{{s.source}}}"]')
        for s in secrets
        if s.kind == "file-env"
    ]
    if not optional:
        return [("secret", always)] if always else []
    if len(optional) == 1 and not always:
        return [("secret", optional[0])]
    listed = f"[{', '.join(quoted(one) for one in always)}]"
    parts = [*([listed] if always else []), *(one.hcl for one in optional)]
    return [("secret", Expression(f"concat({', '.join(parts)})"))]


def dockerfile(target: Target) -> str:
    """The Dockerfile's path from the context, as bake wants it."""
    import posixpath

    return posixpath.relpath(target.dockerfile, target.context)


def context(link: Link) -> str:
    """A link as bake writes it."""
    prefix = {"target": "target:", "image": "docker-image://"}.get(link.kind, "")
    return prefix + link.ref


def cache(one: Cache) -> str:
    """A cache as bake writes it."""
    return csv(("type", one.type), *one.attributes)


def attest(attestations: Attestations) -> tuple[str, str]:
    """The attestations, each stated, so that no builder's default decides."""
    provenance = "disabled=true" if attestations.provenance == "none" else f"mode={attestations.provenance}"
    return f"type=provenance,{provenance}", "type=sbom" if attestations.sbom else "type=sbom,disabled=true"


def csv(*pairs: tuple[str, str]) -> str:
    """Pairs as one line of CSV, which is how bake's short forms are read."""
    fields = [f"{key}={value}" for key, value in pairs]
    return ",".join('"' + f.replace('"', '""') + '"' if any(c in f for c in ',"\n\r') else f for f in fields)


def quoted(text: str) -> str:
    """``text`` as an HCL string.

    HCL knows the escapes \\\\n, \\\\r, \\\\t, \\\\", \\\\\\\\ and \\\\u, and reads ``${`` and ``%{`` as templates.
    """
    if text.isprintable() and '"' not in text and "\\" not in text and "{" not in text:
        return f'"{text}"'
    escaped = "".join(_ESCAPES.get(char) or _escaped(char) for char in text)
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
