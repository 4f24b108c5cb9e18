"""One layer's combinations -> its targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from bakegen import labels
from bakegen.expand import Combination
from bakegen.load import Loaded
from bakegen.names import InvalidName, parse_reference
from bakegen.plan import Link, Pairs, Secret, Status, Target
from bakegen.resolve.axes import Masks, Path, Scope, platforms
from bakegen.resolve.binding import (
    Binder,
    bind_description,
    bind_links,
    bind_platforms,
    bind_services,
    bind_tests,
    pinned,
)
from bakegen.resolve.files import Files, joined
from bakegen.resolve.shapes import Choice, Shape
from bakegen.templates import Compiled

_SEVERITY: tuple[Status, ...] = ("supported", "experimental", "deprecated", "unsupported", "wip", "planned")


@dataclass
class Built:
    """A layer's targets by combination, and the labels that their children inherit."""

    shape: Shape
    targets: dict[Combination, Target] = field(default_factory=dict)
    inherited: dict[Combination, Pairs] = field(default_factory=dict)


def build(scope: Scope, shape: Shape, built: Mapping[str, Built], loaded: Loaded, files: Files) -> Built:
    """The targets of ``shape``; those of the layers it stands on are in ``built``."""
    return _Layer(scope, shape, built, loaded, files).run()


class _Layer:
    """The words of a layer, bound once, and what is the same for all its targets."""

    def __init__(self, scope: Scope, shape: Shape, built: Mapping[str, Built], loaded: Loaded, files: Files) -> None:
        words, path = shape.words, shape.path
        stack = scope.loaded.words
        binder = Binder(scope, shape)
        self.scope, self.shape, self.built, self.loaded, self.files = scope, shape, built, loaded, files
        self.title = (
            binder.text((*path, "title"), words.title) if words.title else Compiled((f"{stack.title}: {words.name}",))
        )
        described = words.description or stack.description or stack.title
        self.description = (
            binder.text((*path, "description"), words.description) if words.description else Compiled((described,))
        )
        self.image = binder.optional((*path, "image"), words.image)
        self.context = binder.text((*path, "context"), words.context or words.name)
        self.dockerfile = binder.optional((*path, "dockerfile"), words.dockerfile)
        self.stage = binder.optional((*path, "target"), words.target)
        self.args = binder.pairs((*path, "args"), words.args)
        self.described = bind_description(binder, loaded.project)
        self.tests = bind_tests(binder)
        self.services = bind_services(scope, shape)
        self.secrets = self._secrets(binder)
        self.links = bind_links(binder, {name: one.shape for name, one in built.items()})
        self.images = tuple(
            binder.text((*choice.path, "image"), choice.words.image) if choice.words.image is not None else None
            for choice in shape.choices
        )
        project = platforms(scope, (), loaded.project.platforms) if loaded.project.platforms else ()
        of_stack = None if stack.platforms is None else platforms(scope, ("platforms",), stack.platforms)
        self.platforms = bind_platforms(scope, shape, project, of_stack)
        self.projections = {
            name: tuple(shape.axes.index(axis) for axis in one.shape.axes)
            for name, one in built.items()
            if all(axis in shape.axes for axis in one.shape.axes)
        }
        self.statuses = self._statuses()
        self.lifecycle: list[tuple[Masks, Status, str]] = []
        for index, entry in enumerate(stack.lifecycle):
            masks = scope.masks(("lifecycle", index, "match"), entry.match) or ()
            if masks and shape.covers(masks):
                self.lifecycle.append((masks, entry.status, entry.reason))
        self.common_args = all(text.constant for _, text in self.args)
        self.unhappy: Counter[str] = Counter()

    def run(self) -> Built:
        done = Built(self.shape)
        for one in self.shape.combinations:
            target, inherited = self.target(one)
            if target is not None:
                done.targets[one] = target
                done.inherited[one] = inherited
        return done

    def target(self, one: Combination) -> tuple[Target | None, Pairs]:
        scope, shape = self.scope, self.shape
        axes = scope.axes
        names = tuple((axis, axes[axis].choices.names[i]) for axis, i in zip(shape.axes, one, strict=True))
        name = "-".join(
            [scope.loaded.name, shape.words.name, *(axes[a].slugs[i] for a, i in zip(shape.axes, one, strict=True))]
        )
        links: list[Link] = []
        parents: list[Target] = []
        inherited: Pairs = ()
        chosen = self._choice(one, names)
        if shape.choices and chosen is None:
            return None, ()
        if chosen is not None:
            link, parent, inherited = self._parent(*chosen, one, names)
            if link is None:
                return None, ()
            links.append(link)
            if parent is not None:
                parents.append(parent)
        for bound in self.links:
            if bound.shape is not None:
                linked = self._at(bound.shape, one)
                if linked is None:
                    self._once(bound.path, f'layer "{bound.words.layer}" has no target for', names)
                    return None, ()
                parents.append(linked)
                links.append(Link(bound.name, "target", linked.name))
                continue
            link = self._outside_link(bound.name, bound.path, bound.words.image, bound.words.git, bound.text(one))
            if link is not None:
                links.append(link)
        status, why = self._status(one, parents)
        found = self.platforms(one, [] if shape.words.platforms is not None else [p.platforms for p in parents])
        self._prove_platforms(found, parents, links, names)
        context = joined(scope.loaded.folder, self.context(one))
        dockerfile = joined(scope.loaded.folder, self.dockerfile(one)) if self.dockerfile else f"{context}/Dockerfile"
        args: Pairs = tuple((key, text(one)) for key, text in self.args)
        stage = self.stage(one) if self.stage else None
        secrets = self.secrets
        network_args: Pairs = ()
        if status != "planned":
            asked = self.files.ask(scope, shape, links, context, dockerfile, args, stage, found)
            secrets += asked.secrets
            network_args = asked.network_args
        title = self.title(one)
        standard = {
            f"{labels.OCI}title": title,
            f"{labels.OCI}description": self.description(one),
            f"{labels.OCI}version": "-".join(value for _, value in names) or "latest",
        }
        all_labels, own_labels = self.described.labels(one, inherited, standard)
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
            annotations=tuple((key, text(one)) for key, text in self.described.annotations),
            secrets=secrets,
            network_args=network_args,
            tags=(),
            tests=tuple(test(one, scope.loaded.folder) for test in self.tests),
            services=self.services,
            cache_from=(),
            cache_to=(),
        )
        return target, own_labels

    def _once(self, path: Path, message: str, names: Pairs) -> None:
        """A problem that many combinations may share, noted with the first of them."""
        if not self.unhappy[f"{path}{message}"]:
            self.scope.problem(path, f"{message} {spelled(names)}")
        self.unhappy[f"{path}{message}"] += 1

    def _choice(self, one: Combination, names: Pairs) -> tuple[int, Choice] | None:
        choices = self.shape.choices
        if len(choices) == 1 and not choices[0].when:
            return 0, choices[0]
        holding = [(n, choice) for n, choice in enumerate(choices) if self.shape.holds(choice.when, one)]
        if len(holding) == 1:
            return holding[0]
        if choices:
            path: Path = (*self.shape.path, "parent")
            if not holding:
                self._once(path, "no choice holds for", names)
            else:
                both = " and ".join(str(n + 1) for n, _ in holding)
                self._once(path, f"choices {both} both hold, and exactly one must, for", names)
        return None

    def _parent(
        self, number: int, choice: Choice, one: Combination, names: Pairs
    ) -> tuple[Link | None, Target | None, Pairs]:
        image = self.images[number]
        if image is not None:
            return self._outside_link("base", choice.path, choice.words.image, None, image(one)), None, ()
        if choice.shape is None:
            return None, None, ()
        parent = self._at(choice.shape, one)
        if parent is None:
            self._once(choice.path, f'layer "{choice.words.layer}" has no target for', names)
            return None, None, ()
        done = self.built[choice.shape.words.name]
        return Link("base", "target", parent.name), parent, done.inherited[self._project(choice.shape, one)]

    def _project(self, shape: Shape, one: Combination) -> Combination:
        return tuple([one[place] for place in self.projections[shape.words.name]])

    def _at(self, shape: Shape, one: Combination) -> Target | None:
        return self.built[shape.words.name].targets.get(self._project(shape, one))

    def _outside_link(self, name: str, path: Path, image: str | None, git: str | None, text: str) -> Link | None:
        if image is not None:
            try:
                parse_reference(text)
            except InvalidName as error:
                self._once((*path, "image"), str(error), ())
                return None
            return Link(name, "image", pinned(self.loaded.lock, text))
        if git is not None:
            if (
                not text.startswith(("https://", "http://", "git://", "ssh://", "git@"))
                or not text.isprintable()
                or " " in text
            ):
                self._once((*path, "git"), f'"{text}" is no git URL: write https://…, ssh://… or git@…', ())
                return None
            return Link(name, "git", text)
        folder = joined(self.scope.loaded.folder, text)
        problem = self.files.folder_problem(folder)
        if problem:
            self._once((*path, "directory"), problem, ())
            return None
        return Link(name, "directory", folder)

    def _secrets(self, binder: Binder) -> tuple[Secret, ...]:
        found = []
        seen: set[str] = set()
        for index, words in enumerate(self.shape.words.secrets):
            path: Path = (*self.shape.path, "secrets", index)
            given = [key for key in ("env", "file", "file_env") if getattr(words, key) is not None]
            if len(given) > 1:
                self.scope.problem(path, "a secret comes from one place: give one of env, file and file-env")
                continue
            problem = self.files.secret_problem(words.id, words.env or words.file_env or "X")
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

    def _status(self, one: Combination, parents: list[Target]) -> tuple[Status, str | None]:
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
        for parent in parents:
            if parent.status == "planned" and status != "planned":
                status, why = cast("Status", "planned"), f'it stands on "{parent.name}", which is planned'
        return status, why

    def _prove_platforms(self, found: tuple[str, ...], parents: list[Target], links: list[Link], names: Pairs) -> None:
        path: Path = (*self.shape.path, "platforms")
        if not found:
            self._once(path, "no platform is left for", names)
        for parent in parents:
            missing = [platform for platform in found if platform not in parent.platforms]
            if missing:
                self._once(
                    path, f'{", ".join(missing)}: "{parent.layer_path}", which it stands on, is not built for it', names
                )
        for link in links:
            if link.kind == "image":
                pin = self.loaded.lock.images.get(link.ref.split("@")[0])
                missing = [p for p in found if pin is not None and p not in pin.platforms]
                if missing:
                    self._once(path, f'{", ".join(missing)}: the image "{link.ref}" does not have it', names)


def spelled(names: Pairs) -> str:
    """Coordinates as people write them."""
    return " ".join(f"{axis}={value}" for axis, value in names)


def in_order(built: Mapping[str, Built]) -> Iterator[Target]:
    """All targets, layer by layer."""
    for one in built.values():
        yield from one.targets.values()
