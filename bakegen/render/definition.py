"""Plan -> the bake file's content as data: variables, groups and targets, before it is HCL or JSON.

Values are text, lists, tables, and ``Expression`` for the few places where bake itself decides when it reads the file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bakegen import labels
from bakegen.plan import DEFAULT_GROUP, Attestations, Cache, Link, Plan, Secret, Target
from bakegen.plan import groups as groups_of

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
    """Targets that are built together.

    ``targets`` is what the file says, names of targets and of other groups; ``members`` the targets that these are.
    """

    name: str
    description: str
    targets: tuple[str, ...]
    members: tuple[str, ...]


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
    """The bake file that builds ``selected``; ``closure`` holds these and all that they stand on."""
    attestations: Value = list(attest(plan.attestations))
    return Definition(
        comment=_comment(closure),
        variables=_variables(plan, closure),
        groups=groups(selected, closure),
        targets=tuple(_block(plan, target, attestations, write_cache=write_cache) for target in closure),
    )


def _comment(closure: Sequence[Target]) -> tuple[str, ...]:
    objects = any(secret.kind == "file-env" for target in closure for secret in target.secrets)
    oldest = "0.20" if objects else "0.13"
    return (
        "Made by bakegen from the files below. Change those, not this.",
        "  bakegen.toml",
        *(f"  {file}" for file in dict.fromkeys(target.origin.file for target in closure)),
        "Its paths start at the project's root: build it there.",
        f"Needs buildx {oldest} or newer; before 0.24 the variables' types are not checked.",
    )


def _variables(plan: Plan, closure: Sequence[Target]) -> tuple[Variable, ...]:
    used = {tag.registry for target in closure for tag in target.tags}
    paths = {s.source for target in closure for s in target.secrets if s.kind == "file-env"}
    given = {variable for target in closure for _, variable in target.network_args}
    found = [
        *(
            Variable(place.variable, place.prefix, "What published names start with: empty, or ending in a slash.")
            for number, place in enumerate(plan.registries)
            if number in used
        ),
        Variable(REVISION, "", "The revision of the sources, for the label of that name."),
        *(Variable(name, "", "Path of a file that builds get as a secret; none if empty.") for name in sorted(paths)),
        *(Variable(name, "", "Handed to builds as an argument; not at all if empty.") for name in sorted(given)),
    ]
    return tuple({variable.name: variable for variable in reversed(found)}.values())[::-1]


def groups(selected: Sequence[Target], closure: Sequence[Target]) -> tuple[Group, ...]:
    """What the names of groups build: what was selected by default, and each stack, layer and image of the closure.

    Of what was selected, internal targets that others stand on are built with these. A group that would hold only
    the target of its name is left out; that no group is called like another target is proven with the plan.
    """
    names = {target.name for target in closure}
    stood_on = {parent for target in closure for parent in target.parents}
    wanted = tuple(target.name for target in selected if target.tags or target.name not in stood_on)
    every = [group for group in groups_of(closure) if group.name not in names]
    layers = {group.name: group.members for group in every if group.kind == "layer"}
    stacks = {group.name: group.members for group in every if group.kind == "stack"}
    found: dict[str, Group] = {}
    for group in every:
        listed = group.members if group.kind == "layer" else _shortest(group.members, layers)
        found.setdefault(group.name, Group(group.name, f"{group.kind.title()} {group.of}.", listed, group.members))
    default = Group(DEFAULT_GROUP, "What was selected.", _shortest(wanted, {**stacks, **layers}), wanted)
    return (default, *found.values())


def _shortest(wanted: tuple[str, ...], parts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """``wanted`` with names of groups in place of several targets, groups first."""
    left = dict.fromkeys(wanted)
    whole = []
    for name, members in parts.items():
        if len(members) > 1 and all(member in left for member in members):
            whole.append(name)
            for member in members:
                del left[member]
    return (*whole, *left)


def _block(plan: Plan, target: Target, attestations: Value, *, write_cache: bool) -> Block:
    attributes: list[tuple[str, Value]] = [
        ("description", target.title),
        ("context", target.context),
        ("dockerfile", dockerfile(target)),
    ]
    if target.stage is not None:
        attributes.append(("target", target.stage))
    if target.links:
        attributes.append(("contexts", {link.name: context(link) for link in target.links}))
    if target.args or target.network_args:
        attributes.append(("args", _args(target)))
    marks: dict[str, Value] = dict(target.labels)
    if labels.REVISION in marks:
        marks[labels.REVISION] = Expression(REVISION)
    attributes.append(("labels", marks))
    if target.annotations:
        attributes.append(("annotations", [f"{key}={value}" for key, value in target.annotations]))
    if target.tags:
        registries = plan.registries
        attributes.append(
            (
                "tags",
                [Prefixed(registries[one.registry].variable, f"{one.repository}:{one.tag}") for one in target.tags],
            )
        )
    attributes.append(("platforms", target.platforms))
    if target.secrets:
        attributes.append(("secret", _secrets(target.secrets)))
    if target.cache_from:
        attributes.append(("cache-from", [cache(one) for one in target.cache_from]))
    if target.cache_to and write_cache:
        attributes.append(("cache-to", [cache(one) for one in target.cache_to]))
    attributes.append(("attest", attestations))
    coordinates = " ".join([f"{axis}={value}" for axis, value in target.coordinates])
    return Block(target.name, f"{target.layer_path} {coordinates}".rstrip(), tuple(attributes))


def _args(target: Target) -> dict[str, Value]:
    args: dict[str, Value] = dict(target.args)
    args.update((name, Expression(f'{variable} == "" ? null : {variable}')) for name, variable in target.network_args)
    return dict(sorted(args.items()))


def _secrets(secrets: Sequence[Secret]) -> Value:
    """Secrets as a list, or, where a variable decides whether there is one, as an expression that gives a list."""
    always = [
        csv(("id", s.id), ("env" if s.kind == "env" else "src", s.source)) for s in secrets if s.kind != "file-env"
    ]
    optional = [
        f'{s.source} == "" ? [] : [{{ id = {quoted(s.id)}, src = {s.source} }}]'
        for s in secrets
        if s.kind == "file-env"
    ]
    if not optional:
        return always
    parts = [*([f"[{', '.join(map(quoted, always))}]"] if always else []), *optional]
    if len(parts) == 1:
        return Expression(parts[0])
    return Expression("concat(\n" + "".join(f"    {part},\n" for part in parts) + "  )")


def dockerfile(target: Target) -> str:
    """The Dockerfile's path from the context, as bake wants it."""
    return _from(target.context, target.dockerfile)


@lru_cache(maxsize=1024)
def _from(folder: str, path: str) -> str:
    # Both start at the project's root: with one in front, the working directory plays no part.
    return posixpath.relpath(f"/{path}", f"/{folder}")


def context(link: Link) -> str:
    """A link as bake writes it."""
    if link.kind == "target":
        return f"target:{link.ref}"
    return f"docker-image://{link.ref}" if link.kind == "image" else link.ref


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
