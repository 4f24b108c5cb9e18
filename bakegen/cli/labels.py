"""`bakegen labels lint` and `labels add`: the labels of Dockerfiles that are nobody's stack."""

from __future__ import annotations

import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bakegen.cli.frame import ends, put, read_text, tell, write_whole
from bakegen.errors import ConfigurationError, ExitCode, NothingSelected, Problem, UsageError, counted, near_or_all

if TYPE_CHECKING:
    from bakegen.dockerfile.labelled import Described

_ABOUT = """Lint and add labels of Dockerfiles.

\b
Examples:
  bakegen labels lint .
  bakegen labels add Dockerfile --profile python
"""
app = typer.Typer(no_args_is_help=True, help=_ABOUT, rich_markup_mode=None)


class FindingFormat(str, Enum):  # noqa: UP042 - typer reads the values
    """How findings are written."""

    text = "text"
    json = "json"
    sarif = "sarif"


class Profile(str, Enum):  # noqa: UP042 - typer reads the values
    """What kind of image a Dockerfile makes."""

    app = "app"
    inference = "inference"
    python = "python"
    system = "system"


@ends
def lint(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Dockerfiles, and folders of them.")],
    format_: Annotated[
        FindingFormat, typer.Option("--format", help="A line a finding, JSON, or SARIF for code hosts.")
    ] = FindingFormat.text,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave this rule out.", show_default=False)
    ] = None,
) -> None:
    """Find what Backend.AI would refuse or overlook in Dockerfiles and beside them. Exit 2 if anything is found.

    \b
    Examples:
      bakegen labels lint .
      bakegen labels lint vendor/ngc-pytorch --ignore copy-source-missing
      bakegen labels lint . --format sarif > labels.sarif
    """
    from bakegen import lint as linting
    from bakegen.render import findings as render

    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - False for every path that no file can have
            raise UsageError(f'no file or folder "{path}"')
    for rule in ignore or ():
        if rule not in linting.RULES:
            raise UsageError(f'no rule "{rule}"{near_or_all(rule, linting.RULES)}')
    linted = linting.lint(paths)
    if not linted.files:
        names = "Dockerfile, Dockerfile.TAG, NAME.Dockerfile or Containerfile"
        raise NothingSelected(f"no Dockerfile there: they are called {names}")
    found = [one for one in linted.findings if one.rule not in (ignore or ())]
    if format_ is FindingFormat.text:
        put(render.text(found))
    else:
        put(render.as_json(found) if format_ is FindingFormat.json else render.as_sarif(found, linting.RULES))
    bare = f"; {linted.unlabelled} without labels of Backend.AI" if linted.unlabelled else ""
    tell(f"{counted(linted.files, 'Dockerfile')}: {counted(len(found), 'finding')}{bare}")
    if found:
        raise typer.Exit(ExitCode.CONFIGURATION)


@ends
def add(
    dockerfile: Annotated[Path, typer.Argument(metavar="DOCKERFILE", help="The Dockerfile to label.")],
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="A label to set.", show_default=False),
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option("--profile", help="What kind of image it is: sets what the Dockerfile does not say itself."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="STAGE", help="The stage to label; the last, if not given.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write this file, all of it or none.")
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write the Dockerfile itself.")] = False,
) -> None:
    """Print a Dockerfile with labels on its image; one that is there already is changed where it stands.

    \b
    Examples:
      bakegen labels add Dockerfile --profile python
      bakegen labels add Dockerfile --profile app -l ai.backend.service-ports=web:http:8080 -o Dockerfile.labelled
      bakegen labels add Dockerfile -l org.opencontainers.image.vendor=Example --in-place
    """
    from bakegen.dockerfile import DockerfileError
    from bakegen.dockerfile.edit import add_labels
    from bakegen.dockerfile.labelled import describe

    if output is not None and in_place:
        raise UsageError("--output writes another file and --in-place this one: give one of them")
    wanted = _pairs(label or [])
    if not wanted and profile is None:
        raise UsageError("nothing to add: give --label KEY=VALUE or --profile")
    text = read_text(dockerfile)
    try:
        before = describe(text, target)
        filled = {**(_filled(before, profile.value, wanted) if profile else {}), **wanted}
        labelled = add_labels(text, filled, target)
        after = describe(labelled, target)
    except DockerfileError as error:
        raise ConfigurationError([Problem(str(dockerfile), error.line, "", str(error))]) from None
    _judge(dockerfile, before, after, filled, complete=profile is not None)
    if profile is not None:
        _tell_of_profile(dockerfile, before, after, filled, wanted)
    if in_place or output is not None:
        path = dockerfile if output is None else output
        if labelled != text or output is not None:
            write_whole(path, labelled)
        changed = sum(before.values().get(key) != value for key, value in filled.items())
        tell(f"{path}: {counted(changed, 'label')} added or changed")
    else:
        put(labelled)


def _pairs(labels: Sequence[str]) -> dict[str, str]:
    from bakegen.labels import key_problem, secret_problem, value_problem

    pairs: dict[str, str] = {}
    wrong = []
    for one in labels:
        key, given, value = one.partition("=")
        problem = key_problem(key) or value_problem(key, value) or secret_problem(key, value).partition(": ")[0]
        if not given:
            wrong.append(f'"{one}" is no label: write KEY=VALUE')
        elif problem:
            wrong.append(problem)
        elif pairs.get(key, value) != value:
            wrong.append(f'"{key}" is given twice')
        pairs[key] = value
    if wrong:
        raise UsageError(*wrong)
    return pairs


def _filled(before: Described, profile: str, wanted: dict[str, str]) -> dict[str, str]:
    """The labels of a profile that the Dockerfile does not have."""
    from bakegen.labels.backendai import BASE_DISTRO
    from bakegen.labels.kinds import defaults

    there = {label.key for label in before.labels} | set(wanted)
    found = defaults(profile, before.base)
    if BASE_DISTRO not in there and BASE_DISTRO not in found:
        base = f'its name, "{before.base}", does not' if before.base else "FROM takes it from the build's arguments"
        raise UsageError(
            f"which system the base image is must be said, since {base}: "
            f"give --label {BASE_DISTRO}=ubuntu24.04 or the like"
        )
    return {key: value for key, value in found.items() if key not in there}


def _tell_of_profile(
    dockerfile: Path, before: Described, after: Described, filled: dict[str, str], wanted: dict[str, str]
) -> None:
    """Says why the base distribution is what it is, and what of the labels that were there before is wrong."""
    from bakegen.labels import backendai, distros

    distro = filled.get(backendai.BASE_DISTRO)
    if distro is not None and backendai.BASE_DISTRO not in wanted:
        library = "" if distros.system(before.base) == distro else ", and the agent goes by the C library"
        tell(f'{backendai.BASE_DISTRO} is "{distro}": the image stands on "{before.base}"{library}')
    lines = {label.key: label.line for label in after.labels}
    for fault in backendai.faults(after.values()):
        tell(f"{dockerfile}:{lines.get(fault.key, 0)}: stays as it was, and is wrong: {fault}")


def _judge(dockerfile: Path, before: Described, after: Described, wanted: dict[str, str], *, complete: bool) -> None:
    """Raises ConfigurationError for what would be wrong with the labels that are set, or because of them."""
    from bakegen.labels import backendai

    old = set(backendai.faults(before.values()))
    faults = [fault for fault in backendai.faults(after.values()) if fault.key in wanted or fault not in old]
    if complete:
        keys = {label.key: label.value or "" for label in after.labels}
        faults += backendai.missing(keys)
    if faults:
        raise ConfigurationError(Problem(str(dockerfile), 0, "", str(fault)) for fault in faults)


app.command("lint")(lint)
app.command("add")(add)
