"""What every command shares: options, where output goes, and how it ends."""

from __future__ import annotations

import errno
import functools
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer
from typer.core import TyperGroup

from bakegen.errors import (
    BakegenError,
    ConfigurationError,
    ExitCode,
    StaleFile,
    ToolFailed,
    UsageError,
    did_you_mean,
    printable,
)

if TYPE_CHECKING:
    from bakegen.load import Loaded
    from bakegen.plan import Origin, Plan, Selection

P = ParamSpec("P")

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", "-C", metavar="DIR", help="The project's folder; the nearest above this one, if not given."
    ),
]
SelectArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="SELECT", help="Globs over stack/layer or target names.", show_default=False),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        metavar="AXIS=MATCHER",
        help="Only these values of an axis; repeat to narrow.",
        show_default=False,
    ),
]
PlatformOption = Annotated[
    list[str] | None,
    typer.Option(
        "--platform", metavar="OS/ARCH", help="Only these platforms; arm64 is linux/arm64.", show_default=False
    ),
]
StatusOption = Annotated[
    list[str] | None,
    typer.Option("--status", metavar="STATUS", help="Only targets of this status.", show_default=False),
]


class Group(TyperGroup):
    """The commands; what is wrong with the choice of an option is told as any other thing that is wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that is asked for."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            # Some releases of Typer put what Pydantic calls the error before it.
            error.message = error.message.removeprefix("Value error, ")
            choice = re.fullmatch(r"'(.*)' is not one of (.*)\.", error.message)
            if choice is not None:
                near = did_you_mean(choice[1], re.findall("'([^']*)'", choice[2]))
                error.message = f"{error.message.removesuffix('.')}{near}."
            raise


def ends(command: Callable[P, None]) -> Callable[P, None]:
    """A command that ends with the exit code of its error, quietly when its reader went away, and cleanly on Ctrl-C."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
        except KeyboardInterrupt:
            tell("interrupted")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BakegenError as error:
            report(error)
            raise typer.Exit(error.exit_code) from None

    return run


def _drop_output() -> None:
    """Let what is still to be written go nowhere, so that Python's own flush at the end does not complain of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report(error: BakegenError) -> None:
    """An error as people read it, on standard error."""
    first, *others = error.lines
    tell(first, "" if isinstance(error, ConfigurationError) else paint("bakegen: ", "31"))
    for line in others:
        tell(line)
    if isinstance(error, StaleFile):
        put(error.diff)


def tell(line: str, prefix: str = "") -> None:
    """One line of talk, on standard error, as UTF-8 whatever the locale says; a ``prefix`` is ours and may be painted.

    Whatever the line quotes, it stays one line and steers no terminal.
    """
    sys.stderr.flush()
    sys.stderr.buffer.write(f"{prefix}{printable(line)}\n".encode())
    sys.stderr.buffer.flush()


def paint(text: str, colour: str) -> str:
    """``text`` in an ANSI colour, where standard error is a terminal and NO_COLOR is not set."""
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def put(text: str) -> None:
    """Data, on standard output, as UTF-8 whatever the locale says. Raises ToolFailed when it cannot be written."""
    try:
        sys.stdout.flush()
        left = memoryview(text.encode("utf-8"))
        while left:
            # Under PYTHONUNBUFFERED a write may take a part only.
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _drop_output()
        raise ToolFailed(f"cannot write standard output: {error.strerror}") from None


def open_project(project: Path | None) -> tuple[Loaded, Plan]:
    """The project that a command is about, and its plan."""
    from bakegen.load import find_root, load
    from bakegen.resolve import resolve

    if project is not None and not project.is_dir():
        raise UsageError(f'no folder "{printable(str(project))}"')
    loaded = load(find_root((project or Path()).resolve()))
    return loaded, resolve(loaded)


def asked_for(
    select: list[str] | None, where: list[str] | None, platform: list[str] | None, status: list[str] | None
) -> Selection:
    """What the options of a command select."""
    from bakegen.plan import Selection

    return Selection(tuple(select or ()), tuple(where or ()), tuple(platform or ()), tuple(status or ()))


def placer(loaded: Loaded) -> Callable[[Origin], str]:
    """A function from an origin to its ``file:line``."""
    sources = {stack.source.file: stack.source for stack in loaded.stacks}

    def place(origin: Origin) -> str:
        return f"{origin.file}:{sources[origin.file].line(origin.path)}"

    return place


def write_whole(path: Path, text: str) -> None:
    """``text`` as the file's content, all of it or none: a temporary file beside it, then a rename.

    The file keeps its mode, and a symbolic link stays one. What is no regular file (a pipe, a device) is written to.
    Raises UsageError for a path that no file can have, and ToolFailed.
    """
    _in_its_folder(path)
    try:
        target = path.resolve()
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as stream:
                stream.write(text.encode("utf-8"))
            return
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        replace_file(target, text.encode("utf-8"), mode)
    except BrokenPipeError:
        raise ToolFailed(f'cannot write "{path}": its reader went away') from None
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else "its symbolic links go in a circle"
        raise ToolFailed(f'cannot write "{path}": {why}') from None


def replace_file(target: Path, content: bytes, mode: int) -> None:
    """A file that holds ``content`` and nothing else, or the one that was there before. Raises OSError."""
    import tempfile

    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _in_its_folder(path: Path) -> None:
    """Raises UsageError where ``path`` is a folder, or the folder that it is to be in is not there."""
    if os.path.isdir(path):  # noqa: PTH112 - False for every path that no file can have
        raise UsageError(f'"{path}" is a folder: name a file in it')
    if not os.path.isdir(path.parent):  # noqa: PTH112
        there = os.path.lexists(path.parent)
        raise UsageError(f'"{path.parent}" is no folder' if there else f'no folder "{path.parent}": make it first')


def read_text(path: Path) -> str:
    """The text of a file that the command line names, with its line ends and byte order mark. Raises UsageError."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f'"{path}" is not UTF-8 (byte {error.start}): save it as UTF-8') from None
    except (OSError, ValueError) as error:
        raise UsageError(f'cannot read "{path}": {getattr(error, "strerror", None) or error}') from None


def check_file(path: Path, text: str, mend: str) -> None:
    """Raises StaleFile when the file does not hold ``text``, with a diff where there is one, and as `write_whole`."""
    _in_its_folder(path)
    try:
        there = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        # A diff from nothing is the whole file.
        made = mend.replace("make it anew", "make it", 1)
        raise StaleFile(f"{path} does not exist: {made} {shlex.quote(str(path))}", "") from None
    except OSError as error:
        raise ToolFailed(f'cannot read "{path}": {error.strerror}') from None
    if there == text:
        return
    raise StaleFile(f"{path} is stale: {mend} {shlex.quote(str(path))}", _diff(there, text, str(path)))


def _diff(there: str, text: str, name: str) -> str:
    import difflib

    found = difflib.unified_diff(_lines(there), _lines(text), printable(name), "as it should be")
    return "".join(
        f"{_shown(line.removesuffix(chr(10)))}\n" + ("" if line.endswith("\n") else "\\ No newline at end of file\n")
        for line in found
    )


def _shown(line: str) -> str:
    """A line of a diff with what would steer a terminal escaped; a tab is shown as it is."""
    return "\t".join(map(printable, line.split("\t")))


def _lines(text: str) -> list[str]:
    """Lines as HCL and JSON end them; str.splitlines knows more ends than these."""
    *whole, last = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([last] if last else [])]
