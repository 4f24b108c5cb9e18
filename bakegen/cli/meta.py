"""`bakegen meta emit`, `lint` and `import`: the files that openEuler publishes images from."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bakegen.cli.frame import (
    ProjectOption,
    SelectArgument,
    StatusOption,
    WhereOption,
    asked_for,
    ends,
    open_project,
    put,
    tell,
)
from bakegen.errors import (
    ConfigurationError,
    ExitCode,
    NothingSelected,
    Problem,
    UsageError,
    counted,
    near_or_all,
    printable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakegen.findings import Finding
    from bakegen.meta import Image, Tree

app = typer.Typer(
    no_args_is_help=True,
    help="""Emit, lint and import openEuler's meta.yml.

    \b
    Examples:
      bakegen meta emit -o ../openeuler-docker-images --prefix openeuler/
      bakegen meta lint ../openeuler-docker-images/AI
      bakegen meta import ../openeuler-docker-images/AI/cann -o project
    """,
    rich_markup_mode=None,
)


class FindingFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How findings are written."""

    text = "text"
    json = "json"
    sarif = "sarif"


@app.command("emit")
@ends
def emit(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="The root of the tree, such as a clone of openEuler's."),
    ],
    select: SelectArgument = None,
    where: WhereOption = None,
    status: StatusOption = None,
    scene: Annotated[str, typer.Option("--scene", metavar="NAME", help="The folder of the scene.")] = "AI",
    prefix: Annotated[
        str | None,
        typer.Option(
            "--prefix", metavar="PREFIX", help="What published names start with; the first registry's, if not given."
        ),
    ] = None,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where the tree will be read: readmes link to it there.")
    ] = "",
    check: Annotated[bool, typer.Option("--check", help="Compare only: exit 4 and a diff if a file is stale.")] = False,
    project: ProjectOption = None,
) -> None:
    """Write what EulerPublisher publishes the selected images from: meta.yml, Dockerfiles, image-list.yml, README.md.

    \b
    Examples:
      bakegen meta emit -o ../openeuler-docker-images --prefix openeuler/
      bakegen meta emit openeuler/cann -o out --scene AI
      bakegen meta emit -o ../openeuler-docker-images --check
    """
    from bakegen.cli import publishing
    from bakegen.names import REGISTRY_PREFIX
    from bakegen.plan import select as choose

    if not re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", scene):
        raise UsageError(f'"{scene}" is no name of a folder for a scene, such as AI')
    if prefix is not None and not REGISTRY_PREFIX.match(prefix):
        raise UsageError(f'"{prefix}" is no prefix of image names, such as openeuler/: it ends in a slash')
    if url and not re.match(r"https://[A-Za-z0-9./~%_-]+/\Z", url):
        raise UsageError(f'"{url}" is no place to link to: write https://… and a slash at the end')
    loaded, plan = open_project(project)
    selected = choose(plan, asked_for(select, where, None, status))
    made = publishing.emitted(loaded, plan, selected, output, scene, prefix, url)
    if check:
        publishing.compare(output, made.files, _again(output, select, where, status, scene, prefix, url, project))
        return
    publishing.write(output, made.files)
    for line in made.talk:
        tell(printable(line))
    tell(f"{printable(str(output))}: {counted(made.tags, 'tag')} of {counted(made.images, 'image')}")


def _again(
    output: Path,
    select: list[str] | None,
    where: list[str] | None,
    status: list[str] | None,
    scene: str,
    prefix: str | None,
    url: str,
    project: Path | None,
) -> str:
    """The command line that writes what was compared."""
    import shlex

    words = ["bakegen", "meta", "emit", *(select or ()), "-o", str(output)]
    for option, values in (("--where", where), ("--status", status)):
        words += [word for value in values or () for word in (option, value)]
    words += ["--scene", scene] if scene != "AI" else []
    words += ["--prefix", prefix] if prefix is not None else []
    words += ["--url", url] if url else []
    words += ["-C", str(project)] if project is not None else []
    return shlex.join(words)


@app.command("lint")
@ends
def lint(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="A clone of openEuler's repository, a scene in it, an image.")
    ],
    format_: Annotated[
        FindingFormat, typer.Option("--format", help="A line a finding, JSON, or SARIF for code hosts.")
    ] = FindingFormat.text,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave this rule out.", show_default=False)
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="PREFIX", help="What the names of the published images start with.")
    ] = "openeuler/",
) -> None:
    """Find what is wrong with meta.yml files, image lists and bases, as EulerPublisher takes them. Exit 2 if any is.

    \b
    Examples:
      bakegen meta lint openeuler-docker-images
      bakegen meta lint openeuler-docker-images/AI/cann --ignore latest-claims
      bakegen meta lint . --format sarif > meta.sarif
    """
    from bakegen import meta
    from bakegen.render import findings as render

    for rule in ignore or ():
        if rule not in meta.RULES:
            raise UsageError(f'no rule "{rule}"{near_or_all(rule, meta.RULES)}')
    images = 0
    found: list[Finding] = []
    for root, asked in _by_root(paths).items():
        below = [path.resolve().relative_to(root).as_posix().removeprefix(".") for path in asked]
        tree = meta.read(root, below)
        inside = [image for image in tree.images if any(_is_below(image, folder) for folder in below)]
        images += len(inside)
        found += [
            _shown(one, root, asked[0]) for one in meta.lint(tree, below, prefix) if one.rule not in (ignore or ())
        ]
    if not images and not found:
        raise NothingSelected("no meta.yml there: name a clone of openEuler's repository, a scene or an image")
    if format_ is FindingFormat.text:
        put(render.text(found))
    else:
        put(render.as_json(found) if format_ is FindingFormat.json else render.as_sarif(found, meta.RULES))
    tell(f"{counted(images, 'image')}: {counted(len(set(found)), 'finding')}")
    if found:
        raise typer.Exit(ExitCode.CONFIGURATION)


def _is_below(image: Image, folder: str) -> bool:
    return not folder or image.file == folder or f"{image.folder}/".startswith(f"{folder}/")


def _by_root(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    from bakegen.meta import root_of

    found: dict[Path, list[Path]] = {}
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - False for every path that no file can have
            raise UsageError(f'no file or folder "{path}"')
        root = root_of(path if path.is_dir() else path.parent)
        found.setdefault(root, []).append(path)
    return found


def _shown(one: Finding, root: Path, asked: Path) -> Finding:
    """A finding whose file is written as the user wrote the path."""
    return replace(one, file=_as_given(one.file, root, asked))


def _as_given(file: str, root: Path, asked: Path) -> str:
    return str(root / file) if asked.is_absolute() else os.path.relpath(root / file)


@app.command("import")
@ends
def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="An image's folder, with its meta.yml.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="A project to put the stack into, with copies of its files."
        ),
    ] = None,
) -> None:
    """Print the stack.toml that has the tags of an image's meta.yml, to stand beside it.

    \b
    Examples:
      bakegen meta import openeuler-docker-images/AI/cann
      bakegen meta import openeuler-docker-images/AI/cann -o project && bakegen list -C project
    """
    from bakegen import meta
    from bakegen.cli import publishing
    from bakegen.dockerfile import DockerfileError
    from bakegen.names import IDENTIFIER

    if not (path / "meta.yml").is_file():
        raise UsageError(f'no meta.yml in "{path}": name the folder of an image')
    root = meta.root_of(path)
    folder = path.resolve().relative_to(root).as_posix()
    tree = meta.read(root, [folder])
    image = next((one for one in tree.images if one.folder == folder), None)
    problems = _unread(tree, folder) if image is None else meta.problems(tree, image)
    if image is not None and not IDENTIFIER.match(image.name):
        problems = (*problems, Problem(image.file, 0, "", f'"{image.name}" is no name for a stack: a-z, 0-9, - and _'))
    if image is None or problems:
        raise ConfigurationError(replace(one, file=_as_given(one.file, root, path)) for one in problems)
    try:
        text = meta.stack(image, meta.words(tree, image))
    except DockerfileError as error:
        file = _as_given(image.folder, root, path)
        raise ConfigurationError([Problem(file, 0, "", f"a Dockerfile of it cannot be read: {error}")]) from None
    if output is None:
        put(text)
        return
    files, told = publishing.imported(output, root, tree, image, text)
    publishing.write(output, files)
    if told:
        tell(told)
    tell(f"{printable(str(output))}: {counted(len(image.entries), 'tag')}")


def _unread(tree: Tree, folder: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(one.file, one.line, "", one.message) for one in tree.unread if one.file == f"{folder}/meta.yml"
    )
