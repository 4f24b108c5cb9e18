"""`bakegen tag parse` and `bakegen tag check`: tags of named schemes, read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bakegen.cli.frame import ends, put
from bakegen.errors import BakegenError, NothingSelected, UsageError, near_or_all, short

if TYPE_CHECKING:
    from bakegen.tags import Scheme

_ABOUT = """Read and check tags of named schemes.

\b
Examples:
  bakegen tag parse pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2
  bakegen tag check tags.txt --scheme oeep-0014
"""
app = typer.Typer(no_args_is_help=True, help=_ABOUT, rich_markup_mode=None)


@app.command("parse")
@ends
def parse(
    tag: Annotated[str, typer.Argument(metavar="TAG", help="A tag, without its repository.")],
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme", metavar="NAME", help="oeep-0014, nvidia, rocm or backendai; each that can, if not given."
        ),
    ] = None,
) -> None:
    """Print what a tag says, as JSON: as the scheme reads it, or a list with every scheme that can.

    Backend.AI's platform reads nearly any tag, so that its reading alone says little.

    \b
    Examples:
      bakegen tag parse pytorch2.1.0-cann7.0.RC1.alpha002-oe2203sp2
      bakegen tag parse 3.6-py36-cuda9 --scheme backendai
    """
    from bakegen.tags import SCHEMES, described, readings, refused

    one = None if scheme is None else _scheme(scheme)
    if problem := refused(tag):
        raise UsageError(f'"{short(tag)}" is no tag: {problem}')
    found, refusals = readings(tag, SCHEMES.values() if one is None else (one,))
    if not found and one is not None:
        raise UsageError(f'"{short(tag)}" is no tag of the scheme "{one.name}": {refusals[one.name]}')
    if not found:
        reasons = (f"  {name}: {why}" for name, why in refusals.items())
        raise UsageError(f'"{short(tag)}" is no tag of any scheme:', *reasons)
    _put_json([described(reading) for reading in found] if one is None else described(found[0]))


@app.command("check")
@ends
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file with one tag a line; - is standard input.")],
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme", metavar="NAME", help="Whose tags they are: oeep-0014, nvidia, rocm or backendai.  [required]"
        ),
    ] = None,
) -> None:
    """Print a verdict on each tag, as a JSON list: what it is of, or "violates" and why. Exit 2 if any violates.

    \b
    Examples:
      bakegen tag check tags.txt --scheme oeep-0014
      bakegen list --format tags | sed 's/.*://' | bakegen tag check - --scheme backendai
    """
    from bakegen.tags import SCHEMES, VIOLATES, listed, verdict

    if scheme is None:
        # Backend.AI's grammar takes nearly anything, so that a tag of any scheme is no promise.
        raise UsageError(f"whose tags are they to be? Give --scheme {listed(tuple(SCHEMES))}")
    one = _scheme(scheme)
    lines = [(number, line.strip(" \t\r")) for number, line in enumerate(_read(file).split("\n"), 1)]
    tags = [(number, tag) for number, tag in lines if tag]
    if not tags:
        raise NothingSelected(f"no tags in {_named(file)}: it holds one a line")
    rows = [{"line": number, **verdict(tag, one)} for number, tag in tags]
    put("[\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n]\n")
    wrong = [row["verdict"] for row in rows].count(VIOLATES)
    if wrong:
        are = "is" if wrong == 1 else "are"
        raise BakegenError(f'{wrong} of {len(tags)} in {_named(file)} {are} no tag of the scheme "{one.name}"')


def _scheme(name: str) -> Scheme[Any]:
    from bakegen.tags import SCHEMES

    if name not in SCHEMES:
        raise UsageError(f'no tag scheme "{name}"{near_or_all(name, SCHEMES)}')
    return SCHEMES[name]


def _named(file: str) -> str:
    return "standard input" if file == "-" else f'"{file}"'


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {_named(file)}: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{_named(file)} is not UTF-8 (byte {error.start}): save it as UTF-8") from None


def _put_json(document: object) -> None:
    put(json.dumps(document, indent=2) + "\n")
