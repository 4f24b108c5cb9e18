"""`bakegen policy emit` and `policy check`: policies of Backend.AI's jail."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, cast

import typer

from bakegen.cli.emitting import CheckOption, OutputOption
from bakegen.cli.frame import check_file, ends, put, read_text, tell, write_whole
from bakegen.cli.labels import FindingFormat
from bakegen.errors import ConfigurationError, ExitCode, UsageError, counted, near_or_all

_ABOUT = """Write and check jail policies.

\b
Examples:
  bakegen policy emit policy.toml --dialect rust-2023 -o policy.yml
  bakegen policy check policy.yml --dialect go-2018
"""
app = typer.Typer(no_args_is_help=True, help=_ABOUT, rich_markup_mode=None)


class Emitted(str, Enum):  # noqa: UP042 - typer reads the values
    """Which generation of the jail a policy is written for, if any."""

    none = "none"
    go = "go-2018"
    rust = "rust-2023"


class Checked(str, Enum):  # noqa: UP042 - typer reads the values
    """Which generation of the jail reads a policy."""

    go = "go-2018"
    rust = "rust-2023"


@ends
def emit(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="The declaration, such as policy.toml.")],
    dialect: Annotated[
        Emitted, typer.Option("--dialect", help="The jail that reads it; none writes nothing.")
    ] = Emitted.none,
    output: OutputOption = None,
    check: CheckOption = None,
) -> None:
    """Print a policy for a generation of Backend.AI's jail; for none, if no dialect is given.

    Today's platform hands no policy to the jail, and the jail of today reads no file of the older generation: a policy
    is for those who run a jail of their own.

    \b
    Examples:
      bakegen policy emit policy.toml --dialect rust-2023 -o policy.yml
      bakegen policy emit policy.toml --dialect go-2018 --check policy.yml
    """
    from bakegen import jail
    from bakegen.load import read_policy

    if output is not None and check is not None:
        raise UsageError("--output writes a file and --check compares one: give one of them")
    source, words = read_policy(policy)
    if dialect is Emitted.none:
        if output is not None or check is not None:
            raise UsageError("no policy is written without a dialect: give --dialect go-2018 or rust-2023")
        tell("no policy: today's Backend.AI hands none to its jail; --dialect writes one for a jail of your own")
        return
    kind = cast("jail.Dialect", dialect.value)
    problems = jail.problems(words, kind)
    if problems:
        raise ConfigurationError(source.problem(path, message) for path, message in problems)
    text = jail.written(words, kind)
    if check is not None:
        check_file(check, text, f"make it anew with bakegen policy emit --dialect {dialect.value} -o")
    elif output is not None:
        write_whole(output, text)
        tell(f"{output}: a policy for the jail {dialect.value}")
    else:
        put(text)


@ends
def check(
    policy: Annotated[Path, typer.Argument(metavar="FILE", help="The policy that a jail reads, such as policy.yml.")],
    dialect: Annotated[Checked, typer.Option("--dialect", help="The jail that reads it.")],
    format_: Annotated[
        FindingFormat, typer.Option("--format", help="A line a finding, JSON, or SARIF for code hosts.")
    ] = FindingFormat.text,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="RULE", help="Leave this rule out.", show_default=False)
    ] = None,
) -> None:
    """Find what a jail would refuse or overlook in a policy file. Exit 2 if anything is found.

    \b
    Examples:
      bakegen policy check policy.yml --dialect go-2018
      bakegen policy check policy.yml --dialect rust-2023 --format json
    """
    from bakegen import jail
    from bakegen.render import findings as render

    for rule in ignore or ():
        if rule not in jail.RULES:
            raise UsageError(f'no rule "{rule}"{near_or_all(rule, jail.RULES)}')
    judged = jail.check(str(policy), read_text(policy).removeprefix("\ufeff"), dialect.value)
    found = [one for one in judged if one.rule not in (ignore or ())]
    if format_ is FindingFormat.text:
        put(render.text(found))
    else:
        put(render.as_json(found) if format_ is FindingFormat.json else render.as_sarif(found, jail.RULES))
    tell(counted(len(found), "finding"))
    if found:
        raise typer.Exit(ExitCode.CONFIGURATION)


app.command("emit")(emit)
app.command("check")(check)
