"""What only the whole project can prove: the words of bakegen.toml, and names that all stacks share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakegen import labels
from bakegen.errors import Problem, did_you_mean
from bakegen.load import Loaded, Source
from bakegen.matchers import glob
from bakegen.names import InvalidName, normalise_platform, parse_reference, tag_problem
from bakegen.plan import Registry, Target, group_clashes
from bakegen.resolve.axes import Path, joined, spelled
from bakegen.resolve.files import arg_problem, secret_id_problem, variable_problem
from bakegen.resolve.tagging import registry_problems

_CACHE_WORDS = {"ref": ("registry",), "folder": ("local",), "mode": ("registry", "local", "gha")}


def project_problems(loaded: Loaded) -> Iterator[Problem]:
    """What is wrong with the words of bakegen.toml."""
    source = loaded.source
    for path, message in _project_problems(loaded):
        yield source.problem(path, message)


def _project_problems(loaded: Loaded) -> Iterator[tuple[Path, str]]:
    project, tree = loaded.project, loaded.tree
    yield from registry_problems(project)
    seen: set[str] = set()
    for index, word in enumerate(project.platforms):
        try:
            platform = normalise_platform(word)
        except InvalidName as error:
            yield ("platforms", index), str(error)
            continue
        if platform in seen:
            same = "stands here twice" if word == platform else f'is "{platform}", which stands here already'
            yield ("platforms", index), f'"{word}" {same}'
        seen.add(platform)
    for key, value in project.labels.items():
        if problem := labels.secret_problem(key, value) or labels.key_problem(key):
            yield ("labels", key), problem
    for key, value in project.annotations.items():
        if problem := labels.secret_problem(key, value) or labels.annotation_problem(key):
            yield ("annotations", key), problem
    if project.template is not None and tree.kind(joined(".", project.template)) != "file":
        yield ("template",), f'no file "{project.template}" in the project'
    yield from _cache_words(loaded)
    for key, variable in project.network.files.items():
        if problem := secret_id_problem(key) or variable_problem(variable):
            yield ("network", "files", key), problem
    for key, variable in project.network.args.items():
        problem = arg_problem(key) or variable_problem(variable)
        if problem or (problem := labels.secret_problem(key, "") or labels.secret_problem(variable, "")):
            yield ("network", "args", key), problem
        elif variable in project.network.files.values():
            yield ("network", "args", key), f'"{variable}" holds a file\'s path already: a variable is one or the other'


def _cache_words(loaded: Loaded) -> Iterator[tuple[Path, str]]:
    words = loaded.project.cache
    for key, types in _CACHE_WORDS.items():
        if key in words.model_fields_set and words.type not in types:
            yield ("cache", key), f'means nothing for a cache of type "{words.type}": it is for {", ".join(types)}'
    if words.type == "registry" and words.ref is None:
        yield ("cache",), 'a registry cache needs ref = "registry/path/cache"'
    elif words.type == "registry":
        try:
            parse_reference(f"{words.ref}:x")
        except InvalidName:
            yield ("cache", "ref"), f'"{words.ref}" is no repository: write it without a tag'
    if words.type == "local" and loaded.tree.kind(joined(".", words.folder)) == "outside":
        yield ("cache", "folder"), f'"{words.folder}" lies outside the project'


def _source(loaded: Loaded, file: str) -> Source:
    return next(stack.source for stack in loaded.stacks if stack.source.file == file)


def name_problems(loaded: Loaded, targets: Sequence[Target]) -> list[Problem]:
    """Two targets, or a target and a group, of one name; each pair of layers once."""
    problems = []
    owner: dict[str, Target] = {}
    pairs = set()
    for target in targets:
        first = owner.setdefault(target.name, target)
        pair = (first.origin, target.origin)
        if first is target or pair in pairs:
            continue
        pairs.add(pair)
        there = _source(loaded, first.origin.file).problem(first.origin.path, "")
        problems.append(
            _source(loaded, target.origin.file).problem(
                target.origin.path,
                f"two targets are called {target.name}: {_whole(first)} ({there.file}:{there.line}) "
                f"and {_whole(target)}; a name holds letters, digits, - and _ only",
            )
        )
    if not problems:
        for target, message in group_clashes(targets):
            problems.append(_source(loaded, target.origin.file).problem(target.origin.path, message))
    return problems


def _whole(target: Target) -> str:
    return f"{target.layer_path} {spelled(target.coordinates)}".rstrip()


def cache_problems(loaded: Loaded, targets: Sequence[Target], places: Sequence[Registry]) -> Iterator[Problem]:
    """Cache references that no registry accepts, or that are an image's tag: the first of each layer."""
    words = loaded.project.cache
    if words.type != "registry":
        return
    published = {
        f"{places[tag.registry].prefix}{tag.repository}:{tag.tag}": target for target in targets for tag in target.tags
    }
    seen = set()
    for target in targets:
        problem = tag_problem(target.name)
        other = published.get(f"{words.ref}:{target.name}")
        if problem:
            message = f"the cache of {target.name} has no tag: {problem}"
        elif other is not None:
            message = f"the cache of {target.name} would have the name of an image: {other.name} has this tag"
        else:
            continue
        if target.origin not in seen:
            seen.add(target.origin)
            yield loaded.source.problem(("cache", "ref"), message)


def default_problems(loaded: Loaded, targets: Sequence[Target]) -> Iterator[Problem]:
    """Patterns of the default selection that take nothing."""
    names = [target.name for target in targets]
    paths = list(dict.fromkeys(target.layer_path for target in targets))
    stacks = list(dict.fromkeys(target.stack for target in targets))
    for index, pattern in enumerate(loaded.project.default):
        if not (glob(pattern, stacks) or glob(pattern, paths) or glob(pattern, names)):
            near = did_you_mean(pattern, [*paths, *stacks, *names])
            yield loaded.source.problem(("default", index), f'"{pattern}" matches no stack, layer or target{near}')
