"""One layer's combinations -> its targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bakegen import labels
from bakegen.expand import Combination
from bakegen.load import Loaded
from bakegen.names import InvalidName, parse_reference
from bakegen.plan import Link, LinkKind, Pairs, Secret, Status, Target, Test
from bakegen.resolve.axes import Masks, Path, Scope, joined, spelled
from bakegen.resolve.binding import (
    Binder,
    bind_description,
    bind_links,
    bind_platforms,
    bind_services,
    bind_tests,
    pin_of,
    pinned,
)
from bakegen.resolve.files import Files, secret_id_problem, variable_problem
from bakegen.resolve.labelled import LabelProof
from bakegen.resolve.shapes import Choice, Shape
from bakegen.templates import Compiled

_GIT = ("https://", "http://", "git://", "ssh://", "git@")
_SEVERITY: tuple[Status, ...] = ("supported", "experimental", "deprecated", "unsupported", "wip", "planned")


Outside = tuple[str, Path, LinkKind, str]
Below = tuple[list[Link], list[Target], Pairs, list[Outside]]


@dataclass
class Built:
    """A layer's targets by combination, and the labels that their children inherit.

    ``sound``: whether the layer's words could all be read, so that its tags can be proven.
    """

    shape: Shape
    sound: bool
    targets: dict[Combination, Target] = field(default_factory=dict)
    inherited: dict[Combination, Pairs] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """What is the same for all layers: the project's words, its files, its platforms and whether those are known."""

    loaded: Loaded
    files: Files
    platforms: tuple[str, ...]
    sure: bool


def build(scope: Scope, shape: Shape, built: Mapping[str, Built], ground: Ground) -> Built:
    """The targets of ``shape``; those of the layers it stands on are in ``built``."""
    return _Layer(scope, shape, built, ground).run()


class _Layer:
    """The words of a layer, bound once, and what is the same for all its targets."""

    def __init__(self, scope: Scope, shape: Shape, built: Mapping[str, Built], ground: Ground) -> None:
        words, path = shape.words, shape.path
        stack = scope.loaded.words
        self.scope, self.shape, self.built = scope, shape, built
        self.lock, self.files = ground.loaded.lock, ground.files
        self.sure = ground.sure
        before = len(scope.problems)
        binder = Binder(scope, shape)
        self.image = binder.optional((*path, "image"), words.image)
        self.context = binder.text((*path, "context"), words.context or words.name)
        self.dockerfile = binder.optional((*path, "dockerfile"), words.dockerfile)
        self.stage = binder.optional((*path, "target"), words.target)
        self.args = binder.pairs((*path, "args"), words.args)
        self.links = bind_links(binder, {name: one.shape for name, one in built.items()})
        self.images = tuple(
            self._within(binder, choice).text((*choice.path, "image"), choice.words.image)
            if choice.words.image is not None
            else None
            for choice in shape.choices
        )
        # Proofs about a layer whose words cannot be read would only repeat that.
        self.sound = len(scope.problems) == before
        self.title = (
            binder.text((*path, "title"), words.title) if words.title else _plain(f"{stack.title}: {words.name}")
        )
        self.description = (
            binder.text((*path, "description"), words.description)
            if words.description
            else _plain(stack.description or stack.title)
        )
        self.described = bind_description(binder, ground.loaded)
        self.label_proof = LabelProof(scope, shape, ground.loaded)
        self.tests = bind_tests(binder)
        self.services = bind_services(scope, shape)
        self.secrets = self._secrets()
        self.platforms = bind_platforms(scope, shape, ground.platforms)
        self.projections = {
            name: tuple(shape.axes.index(axis) for axis in one.shape.axes)
            for name, one in built.items()
            if all(axis in shape.axes for axis in one.shape.axes)
        }
        self.statuses = self._statuses()
        self.lifecycle: list[tuple[Masks, Status, str]] = []
        for index, entry in enumerate(stack.lifecycle if not scope.shaky else ()):
            masks = scope.masks(("lifecycle", index, "match"), entry.match) or ()
            if masks and shape.covers(masks):
                self.lifecycle.append((masks, entry.status, entry.reason))
        self.shared: dict[tuple[Path, str], tuple[Pairs, int]] = {}

    def _within(self, binder: Binder, choice: Choice) -> Binder:
        """A binder for the combinations that a choice of a parent is for."""
        shape = self.shape
        if not choice.when:
            return binder
        return Binder(self.scope, shape, [one for one in shape.combinations if shape.holds(choice.when, one)])

    def run(self) -> Built:
        done = Built(self.shape, self.sound)
        for one in self.shape.combinations:
            target, inherited = self.target(one)
            if target is not None:
                done.targets[one] = target
                done.inherited[one] = inherited
        for (path, message), (names, count) in self.shared.items():
            more = f" and {count - 1} more" if count > 1 else ""
            self.scope.problem(path, f"{message}: {spelled(names)}{more}" if names else message)
        for test in self.tests:
            if test.platforms and not any(
                platform in target.platforms for target in done.targets.values() for platform in test.platforms
            ):
                self._doubtful(
                    (*test.path, "platforms"), f'test "{test.words.name}" never runs: no target has its platforms'
                )
        return done

    def target(self, one: Combination) -> tuple[Target | None, Pairs]:
        scope, shape = self.scope, self.shape
        axes = scope.axes
        names = tuple([(axis, axes[axis].choices.names[i]) for axis, i in zip(shape.axes, one, strict=True)])
        name = "-".join(
            [scope.loaded.name, shape.words.name, *[axes[a].slugs[i] for a, i in zip(shape.axes, one, strict=True)]]
        )
        status, why = self._status(one)
        below = self._below(one, names, needed=status != "planned")
        if below is None:
            return None, ()
        links, parents, inherited, outside = below
        for above in parents:
            if above.status == "planned" and status != "planned":
                status, why = "planned", f'it stands on "{above.name}", which is planned'
        found = self.platforms(one, [parent.platforms for parent in parents])
        proven = status != "planned" and self.sound
        links += self._links(outside, proven=proven)
        whole = len(links) == len(parents) + len(outside)
        if len(links) > 1:
            links.sort(key=lambda link: (link.name != "base", link.name))
        context = joined(scope.loaded.folder, self.context(one))
        dockerfile = joined(scope.loaded.folder, self.dockerfile(one)) if self.dockerfile else f"{context}/Dockerfile"
        args: Pairs = tuple([(key, text(one)) for key, text in self.args])
        stage = self.stage(one) if self.stage else None
        tests = tuple([test(one, scope.loaded.folder) for test in self.tests])
        secrets = self.secrets
        network_args: Pairs = ()
        if proven:
            self._prove_platforms(found, parents, links, names)
            self._prove_scripts(tests)
        if proven and whole:
            asked = self.files.ask(scope, shape, links, context, dockerfile, args, stage, found)
            secrets += asked.secrets
            network_args = asked.network_args
        title = self.title(one)
        all_labels, own_labels = self.described.labels(
            one, inherited, {f"{labels.OCI}title": title, f"{labels.OCI}description": self.description(one)}
        )
        if proven:
            self.label_proof.prove(all_labels, published=self.image is not None)
        number = shape.included.get(one)
        target = Target(
            name=name,
            stack=scope.loaded.name,
            layer=shape.words.name,
            coordinates=names,
            origin=scope.origin(shape.path),
            title=title,
            status=status,
            status_reason=why,
            included_by=None if number is None else scope.loaded.words.include[number].reason,
            image=None if self.image is None else scope.loaded.words.image_prefix + self.image(one),
            platforms=found,
            links=tuple(links),
            context=context,
            dockerfile=dockerfile,
            stage=stage,
            args=args,
            labels=all_labels,
            annotations=tuple([(key, text(one)) for key, text in self.described.annotations]),
            secrets=secrets,
            network_args=network_args,
            tags=(),
            tests=tests,
            services=self.services,
            cache_from=(),
            cache_to=(),
        )
        return target, own_labels

    def _once(self, path: Path, message: str, names: Pairs) -> None:
        """A problem that many combinations may share: told with the first of them and how many there are."""
        first, count = self.shared.get((path, message), (names, 0))
        self.shared[path, message] = (first, count + 1)

    def _doubtful(self, path: Path, message: str, names: Pairs = ()) -> None:
        """A problem with combinations or platforms, where these are what the user means them to be."""
        if self.sure and not self.scope.shaky and not self.scope.unsure:
            self._once(path, message, names) if names else self.scope.problem(path, message)

    def _choice(self, one: Combination, names: Pairs, *, needed: bool) -> tuple[int, Choice] | None:
        choices = self.shape.choices
        if len(choices) == 1 and not choices[0].when:
            return 0, choices[0]
        holding = [(n, choice) for n, choice in enumerate(choices) if self.shape.holds(choice.when, one)]
        if len(holding) == 1:
            return holding[0]
        if choices and needed:
            path: Path = (*self.shape.path, "parent")
            if not holding:
                self._doubtful(path, "no choice of a parent holds", names)
            else:
                both = " and ".join(str(n + 1) for n, _ in holding)
                self._doubtful(path, f"of the choices of a parent, {both} hold, and exactly one must", names)
        return None

    def _below(self, one: Combination, names: Pairs, *, needed: bool) -> Below | None:
        """What a combination stands on; None, with the problem noted if one is ``needed``, when that is not there."""
        links: list[Link] = []
        parents: list[Target] = []
        inherited: Pairs = ()
        outside: list[Outside] = []
        chosen = self._choice(one, names, needed=needed)
        if chosen is None and self.shape.choices:
            return None
        if chosen is not None:
            number, choice = chosen
            image = self.images[number]
            if image is not None:
                outside.append(("base", choice.path, "image", image(one)))
            elif choice.shape is not None:
                parent = self._at(choice.shape, one)
                if parent is None:
                    return None
                inherited = self.built[choice.shape.words.name].inherited[self._project(choice.shape, one)]
                links.append(Link("base", "target", parent.name))
                parents.append(parent)
        for bound in self.links:
            if bound.shape is None:
                outside.append((bound.name, bound.path, bound.kind, bound.text(one)))
                continue
            linked = self._at(bound.shape, one)
            if linked is None:
                if needed and self._project(bound.shape, one) not in bound.shape.combinations:
                    self._doubtful(bound.path, f'layer "{bound.words.layer}" has no such target to link to', names)
                return None
            parents.append(linked)
            links.append(Link(bound.name, "target", linked.name))
        return links, parents, inherited, outside

    def _links(self, outside: Sequence[Outside], *, proven: bool) -> Iterator[Link]:
        for name, path, kind, text in outside:
            if proven and (problem := self._outside_problem(kind, text)):
                self._once((*path, kind), problem, ())
            elif kind == "image":
                yield Link(name, kind, pinned(self.lock, text))
            else:
                yield Link(name, kind, text if kind == "git" else joined(self.scope.loaded.folder, text))

    def _project(self, shape: Shape, one: Combination) -> Combination:
        return tuple([one[place] for place in self.projections[shape.words.name]])

    def _at(self, shape: Shape, one: Combination) -> Target | None:
        return self.built[shape.words.name].targets.get(self._project(shape, one))

    def _outside_problem(self, kind: LinkKind, text: str) -> str:
        if kind == "image":
            try:
                parse_reference(text)
            except InvalidName as error:
                return str(error)
            return ""
        if kind == "directory":
            return self.files.folder_problem(joined(self.scope.loaded.folder, text))
        if (
            not text.startswith(("https://", "http://", "git://", "ssh://", "git@"))
            or " " in text
            or not text.isprintable()
        ):
            return f'"{text}" is no git URL: write https://…, ssh://… or git@…'
        if labels.holds_secret(text):
            return "the URL holds a password, which the bake file would give away: let the builder's git have it"
        return ""

    def _secrets(self) -> tuple[Secret, ...]:
        found = []
        seen: set[str] = set()
        for index, words in enumerate(self.shape.words.secrets):
            path: Path = (*self.shape.path, "secrets", index)
            given = [key for key in ("env", "file", "file_env") if getattr(words, key) is not None]
            if len(given) > 1:
                self.scope.problem(path, "a secret comes from one place: give one of env, file and file-env")
                continue
            problem = secret_id_problem(words.id)
            if not problem and words.file is None:
                problem = variable_problem(words.env or words.file_env or words.id)
                if problem and not given:
                    problem += ': say which one with env = "…"'
            if problem:
                self.scope.problem(path, problem)
            if words.id in seen:
                self.scope.problem(path, f'secret "{words.id}" stands twice')
            seen.add(words.id)
            if words.file is not None:
                file = joined(self.scope.loaded.folder, words.file)
                if self.files.tree.kind(file) == "outside":
                    self.scope.problem((*path, "file"), f'"{file}" lies outside the project: use file-env for that')
                found.append(Secret(words.id, "file", file))
            elif words.file_env is not None:
                found.append(Secret(words.id, "file-env", words.file_env))
            else:
                found.append(Secret(words.id, "env", words.env or words.id))
        return tuple(found)

    def _statuses(self) -> tuple[tuple[int, tuple[tuple[Status, str | None], ...]], ...]:
        return tuple(
            (place, tuple((value.status, value.reason) for value in self.scope.axes[axis].words.values))
            for place, axis in enumerate(self.shape.axes)
            if any(value.status != "supported" for value in self.scope.axes[axis].words.values)
        )

    def _status(self, one: Combination) -> tuple[Status, str | None]:
        words = self.shape.words
        status: Status = words.status
        why = words.reason
        for place, table in self.statuses:
            candidate, reason = table[one[place]]
            if _SEVERITY.index(candidate) > _SEVERITY.index(status):
                status, why = candidate, reason
        for masks, given, reason in self.lifecycle:
            if self.shape.holds(masks, one):
                status, why = given, reason
        return status, why

    def _prove_platforms(
        self, found: tuple[str, ...], parents: Sequence[Target], links: Sequence[Link], names: Pairs
    ) -> None:
        path: Path = (*self.shape.path, "platforms")
        if not found and all(parent.platforms for parent in parents):
            self._doubtful(
                path, "no platform is left: the layer, its values and what it stands on have none in common", names
            )
        for parent in parents:
            if parent.platforms == found or not parent.platforms:
                continue
            missing = [platform for platform in found if platform not in parent.platforms]
            if missing:
                where = f'"{parent.layer_path}", which it stands on, is built for {", ".join(parent.platforms)} only'
                self._doubtful(path, f"not for {', '.join(missing)}: {where}", names)
        for link in links if self.lock.images else ():
            pin = pin_of(self.lock, link.ref) if link.kind == "image" else None
            missing = [platform for platform in found if pin is not None and platform not in pin.platforms]
            if pin is not None and missing:
                where = f'the image "{link.ref.partition("@")[0]}" exists for {", ".join(pin.platforms)} only'
                self._doubtful(self._link_path(link.name), f"not for {', '.join(missing)}: {where}", names)

    def _link_path(self, name: str) -> Path:
        return (*self.shape.path, "parent") if name == "base" else (*self.shape.path, "links", name)

    def _prove_scripts(self, tests: Sequence[Test]) -> None:
        for bound, test in zip(self.tests, tests, strict=True):
            if test.script is not None and (problem := self.files.file_problem(test.script)):
                self._once((*bound.path, "script"), problem, ())


def _plain(text: str) -> Compiled:
    return Compiled((text,))


def in_order(built: Mapping[str, Built]) -> Iterator[Target]:
    """All targets, layer by layer."""
    for one in built.values():
        yield from one.targets.values()
