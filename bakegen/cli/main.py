"""The command line: wires the stages, writes, prints, exits."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from bakegen import __version__
from bakegen.cli import building, catalog, emitting, labels, meta, policy, showing, tagging
from bakegen.cli.frame import Group

app = typer.Typer(
    name="bakegen",
    cls=Group,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"bakegen {__version__}")
        raise typer.Exit


@app.callback()
def _bakegen(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One TOML file per family of container images, proven, and emitted as a docker-bake file.

    \b
    Examples:
      bakegen check
      bakegen list 'backendai/*' --where os=debian12
      bakegen emit backendai/c | docker buildx bake -f - --load
    """


app.command("check")(showing.check)
app.command("list")(showing.list_)
app.command("plan")(showing.plan)
app.command("emit")(emitting.emit)
app.command("catalog")(catalog.catalog)
app.command("explain")(showing.explain)
app.command("schema")(emitting.schema)
app.command("build")(building.build)
app.command("test")(building.test)
app.add_typer(tagging.app, name="tag")
app.add_typer(labels.app, name="labels")
app.add_typer(meta.app, name="meta")
app.add_typer(policy.app, name="policy")


def main() -> None:
    """The console script."""
    # A plan is thousands of tuples that live until the end, and looking for garbage among them finds none.
    gc.disable()
    app()
