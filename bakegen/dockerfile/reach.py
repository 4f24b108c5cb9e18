"""What building one stage reaches: names, named contexts, arguments and secrets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bakegen.dockerfile.declared import Dockerfile, Stage, Step, Use, context_key, mount_id, stage_index, steps_of
from bakegen.dockerfile.text import instructions_of
from bakegen.dockerfile.words import DockerfileError, expand
from bakegen.errors import did_you_mean
from bakegen.names import normalise_platform

_PROXIES = [f"{kind}_PROXY" for kind in ("ALL", "FTP", "HTTP", "HTTPS", "NO")]
# Dockerfile reference, "Predefined ARGs" and "BuildKit built-in build args". BUILDKIT_SBOM_SCAN_CONTEXT and _STAGE are
# not among them: BuildKit ignores both unless the Dockerfile declares them.
PREDEFINED_ARGS: frozenset[str] = frozenset(
    [*_PROXIES, *map(str.lower, _PROXIES), "SOURCE_DATE_EPOCH"]
    + [f"BUILDKIT_{name}" for name in ("BUILD_NAME", "CACHE_MOUNT_NS", "CONTEXT_KEEP_GIT_DIR", "DOCKERFILE_CHECK")]
    + [f"BUILDKIT_{name}" for name in ("GIT_ADVICE", "INLINE_CACHE", "MULTI_PLATFORM", "SANDBOX_HOSTNAME", "SYNTAX")]
)
_PLATFORM_PARTS = ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
PLATFORM_ARGS: frozenset[str] = frozenset(
    ["TARGETSTAGE", *(side + part for side in ("BUILD", "TARGET") for part in _PLATFORM_PARTS)]
)
_NO_CONTEXT = {"scratch", "context"}  # stages of these names are never replaced by a named context
_MOUNT_TYPES = {"bind", "cache", "secret", "ssh", "tmpfs"}
_MOUNT_SWITCHES = {"readonly", "ro", "readwrite", "rw", "required"}
_MOUNT_NAMES = {"id", "source", "src", "target", "dst", "destination"}  # from which a secret has its id
_MOUNT_KEYS = _MOUNT_SWITCHES | _MOUNT_NAMES | {"type", "from", "sharing", "size", "mode", "uid", "gid", "env"}


@dataclass(frozen=True, slots=True)
class Needs:
    """What building one target reaches.

    ``names`` are neither a stage nor ``scratch``; those that a named context satisfies are among them.
    ``used_contexts`` are the given keys that take effect. ``args`` are what the reached stages and the global scope
    declare. ``replaced`` are those of the reached ``stages`` whose place a named context takes, so that nothing in
    them is run, although what they copy from is still loaded.
    """

    names: tuple[Use, ...]
    used_contexts: frozenset[str]
    args: frozenset[str]
    secrets: tuple[str, ...]
    ssh: tuple[str, ...]
    stages: tuple[int, ...]
    replaced: tuple[int, ...]


def needs(
    dockerfile: Dockerfile,
    args: Mapping[str, str],
    target: str | None,
    contexts: Collection[str],
    *,
    platform: str = "linux/amd64",
    build_platform: str = "linux/amd64",
) -> Needs:
    """What building the stage ``target`` (None: the last one) reaches with these build arguments and named contexts.

    TARGETPLATFORM and its parts come from ``platform``, BUILDPLATFORM and its parts from ``build_platform``. What the
    ENV and ONBUILD of a base image say is not known here: what only they could set counts as unset. A named context
    replaces the stage of its name, and an image when its key is the image's ``context_key``.
    Raises InvalidName for a platform that is none, and DockerfileError for an unknown target, an empty base, a name
    that no image can have, a stage used before it is built, and what BuildKit refuses to expand in a reached stage.
    """
    stages, escape = dockerfile.stages, dockerfile.escape
    named = {stage.name: stage.index for stage in stages if stage.name}
    final = len(stages) - 1 if target is None else named.get(target.lower())
    if final is None:
        known = f"the stages are {', '.join(named)}" if named else "no stage has a name"
        raise DockerfileError(f'no stage is called "{target}"{did_you_mean(str(target), named)}: {known}', 0)
    scope = _global_scope(dockerfile, args, target, normalise_platform(platform), normalise_platform(build_platform))
    bases, parents = _bases(dockerfile, scope)
    given = frozenset(contexts)
    replaced = {s.index for s in stages if s.name and s.name not in _NO_CONTEXT and context_key(s.name) in given}
    steps = {stage.index: stage.steps for stage in stages}
    reached: set[int] = set()
    waiting = [final]
    while waiting:
        index = waiting.pop()
        if index in reached:
            continue
        reached.add(index)
        parent = None if index in replaced else parents[index]
        if parent is not None:
            steps[index] = triggered(stages[parent], stages[index].line) + stages[index].steps
            waiting.append(parent)
        uses = [step.use for step in steps[index] if step.use]
        waiting += [i for use in uses if (i := stage_index(use, named, stages)) is not None]
    acting = reached - replaced
    walk = _Walk(args, scope, escape)
    names: list[Use] = []
    for stage in stages:
        index = stage.index
        found = [bases[index]] if parents[index] is None and index not in replaced else []
        for use in (step.use for step in steps[index] if step.use):
            other = stage_index(use, named, stages)
            if other is None:
                found.append(use)
            elif other >= index and index in acting and other not in replaced:
                raise DockerfileError(f'{use.how}: "{use.name}" is no stage before this one', use.line)
        for use in found:
            if use.name != "scratch" and not context_key(use.name):
                raise DockerfileError(f'{use.how}: "{use.name}" is neither a stage nor a possible image', use.line)
        names += [use for use in found if index in reached and use.name != "scratch"]
        if index in acting:
            walk.stage(index, parents[index], steps[index], is_scratch=bases[index].name == "scratch")
    shadowed = sorted(reached & replaced)
    wanted = {context_key(name) for name in [*(use.name for use in names), *(stages[i].name or "" for i in shadowed)]}
    return Needs(
        names=tuple(names),
        used_contexts=given & wanted,
        args=frozenset(walk.args).union(arg.name for arg in dockerfile.global_args),
        secrets=tuple(dict.fromkeys(walk.secrets)),
        ssh=tuple(dict.fromkeys(walk.ssh)),
        stages=tuple(sorted(reached)),
        replaced=tuple(shadowed),
    )


def _global_scope(
    dockerfile: Dockerfile, args: Mapping[str, str], target: str | None, platform: str, build_platform: str
) -> dict[str, str]:
    """The variables that FROM sees: those of the platforms, and the global ARGs."""
    scope = {"TARGETSTAGE": target or dockerfile.stages[-1].name or "default"}
    for side, whole in (("BUILD", build_platform), ("TARGET", platform)):
        system, arch, variant = (*whole.split("/"), "")[:3]
        parts = zip(_PLATFORM_PARTS, (whole, system, "", arch, variant), strict=True)
        scope |= {side + part: value for part, value in parts}
    scope = {name: args.get(name, value) for name, value in scope.items()}
    for arg in dockerfile.global_args:
        value = args.get(arg.name)
        if value is None and arg.default is not None:
            value = expand(arg.default, scope, escape=dockerfile.escape, line=arg.line)
        if value is not None:
            scope[arg.name] = value
    return scope


def _bases(dockerfile: Dockerfile, scope: Mapping[str, str]) -> tuple[list[Use], list[int | None]]:
    """Each stage's base with its variables replaced, and the earlier stage that it is, by its exact name."""
    bases: list[Use] = []
    parents: list[int | None] = []
    named: dict[str, int] = {}
    for stage in dockerfile.stages:
        base = expand(stage.base.name, scope, escape=dockerfile.escape, line=stage.line)
        if not base:
            raise DockerfileError(f'FROM: "{stage.base.name}" is empty with these arguments', stage.line)
        if stage.platform and not expand(stage.platform, scope, escape=dockerfile.escape, line=stage.line):
            raise DockerfileError(f'FROM --platform: "{stage.platform}" is empty with these arguments', stage.line)
        bases.append(Use(base, stage.line, "FROM"))
        parents.append(named.get(base))
        if stage.name:
            named[stage.name] = stage.index
    return bases, parents


def triggered(parent: Stage, line: int) -> tuple[Step, ...]:
    """The steps that a stage's ONBUILDs put at the front of a stage made from it, all at the line of its FROM."""
    steps: list[Step] = []
    for text in (step.pairs[0][0] for step in parent.steps if step.kind == "ONBUILD"):
        try:
            _, escape, instructions = instructions_of(text)
            found = [step for item in instructions for step in steps_of(item, escape)]
        except DockerfileError as error:
            raise DockerfileError(f"ONBUILD of the base: {error}", line) from None
        steps += [replace(s, line=line, use=s.use and replace(s.use, line=line)) for s in found]
    return tuple(steps)


class _Walk:
    """Acts out the steps of the reached stages, in order, for what they declare."""

    def __init__(self, given: Mapping[str, str], scope: Mapping[str, str], escape: str) -> None:
        self.given, self.scope, self.escape = given, scope, escape
        self.args: list[str] = []
        self.secrets: list[str] = []
        self.ssh: list[str] = []
        self.variables: dict[int | None, dict[str, str]] = {}
        self.is_known: dict[int | None, bool] = {}

    def stage(self, index: int, parent: int | None, steps: Sequence[Step], *, is_scratch: bool) -> None:
        variables = dict(self.variables.get(parent, {}))
        strict = self.is_known.get(parent, is_scratch and parent is None)
        for step in steps:
            self.step(step, variables, strict=strict)
        self.variables[index], self.is_known[index] = variables, strict

    def step(self, step: Step, variables: dict[str, str], *, strict: bool) -> None:
        def value(text: str) -> str:
            return expand(text, variables, escape=self.escape, line=step.line, strict=strict)

        if step.kind == "ARG":
            for name, default in step.pairs:
                self.args.append(name)
                given = self.given.get(name)
                if given is None:
                    given = self.scope.get(name) if default is None else value(default)
                if given is not None:
                    variables[name] = given
        elif step.kind in {"ENV", "LABEL"}:
            pairs = {value(key): value(text or "") for key, text in step.pairs}
            variables.update(pairs if step.kind == "ENV" else {})
        elif step.kind == "MOUNT":
            self.mount({key: text and value(text) for key, text in step.pairs}, step.line, is_known=strict)

    def mount(self, mount: Mapping[str, str | None], line: int, *, is_known: bool) -> None:
        kind = (mount.get("type") or "").lower() if "type" in mount else "bind"
        wrong = [key for key, text in mount.items() if key not in (_MOUNT_SWITCHES if text is None else _MOUNT_KEYS)]
        if wrong:
            raise DockerfileError(f'--mount: "{wrong[0]}" is no key{did_you_mean(wrong[0], _MOUNT_KEYS)}', line)
        if kind not in _MOUNT_TYPES and (kind or is_known):
            raise DockerfileError(f'--mount: "{kind}" is no type{did_you_mean(kind, _MOUNT_TYPES)}', line)
        source = mount.get("source") or mount.get("src")
        if kind == "secret" and (mount.get("from") or (mount.get("id") and source)):
            raise DockerfileError("--mount=type=secret takes no from, and no source beside an id", line)
        if kind == "secret" and not mount_id(mount) and (is_known or not mount.keys() & _MOUNT_NAMES):
            raise DockerfileError("--mount=type=secret needs an id or a target", line)
        if kind == "secret":
            self.secrets.append(mount_id(mount))
        elif kind == "ssh" and source:
            raise DockerfileError("--mount=type=ssh takes no source", line)
        elif kind == "ssh":
            self.ssh.append(mount.get("id") or "default")
