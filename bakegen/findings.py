"""A finding: what a linter has to say about a file that is not ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One thing wrong in a linted file.

    ``file`` is a path as the user would type it, ``line`` counts from 1 (0: the whole file), ``rule`` the kebab-case
    name of the rule, ``message`` what is wrong, ``mend`` what to do about it, ``source`` where the rule is written.
    """

    file: str
    line: int
    rule: str
    message: str
    mend: str = ""
    source: str = ""
