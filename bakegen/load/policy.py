"""A jail policy as the user declares it: a file of its own, beside no project."""

from __future__ import annotations

from pathlib import Path

from bakegen.errors import ConfigurationError, Problem
from bakegen.load.read import validated
from bakegen.load.source import Source
from bakegen.model import Policy


def read_policy(path: Path) -> tuple[Source, Policy]:
    """The policy in a TOML file. Raises ConfigurationError with every problem of the file."""
    file = str(path)
    problems: list[Problem] = []
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(file, 0, "", f"is not UTF-8 (byte {error.start}): save it as UTF-8")
        raise ConfigurationError([problem]) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError([Problem(file, 0, "", f"cannot be read: {why}")]) from None
    source = Source(file, text.replace("\r\n", "\n"))
    policy = validated(source, Policy, problems)
    if policy is None:
        raise ConfigurationError(problems)
    return source, policy
