"""Version schemes, each with its own order, and ranges over them such as ``>=8.5,<9``.

A range compares by its scheme's order and by nothing else. There is no hidden rule about prereleases: ``>=2.5``
contains ``2.6rc1``, and ``<2.9`` contains ``2.9rc1`` because a release candidate comes before its release (here we
part from PEP 440). Who wants it out writes ``<2.9.dev0`` (pep440), ``<2.9.0-0`` (semver), or names it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from bakegen.errors import did_you_mean, printable

if TYPE_CHECKING:
    from packaging.version import Version as Pep440
    from semver import Version as SemVer

Scheme = Literal["semver", "pep440", "cann", "calendar", "text"]
SCHEMES: tuple[str, ...] = get_args(Scheme)

_EXAMPLES = {
    "semver": '"1.2.3", "1.2" or "1.2.3-rc.1"',
    "pep440": '"2.9.0", "2.9.0rc1" or "2.9.0+cpu"',
    "cann": '"8.5.1", "8.2.RC1", "8.2.RC1.alpha003" or "9.0.0-beta.1"',
    "calendar": '"24.04", "22.03-lts-sp3", "2026.08.03" or "20240115"',
}
_OTHER_SCHEME = "give the axis the scheme semver, pep440, cann or calendar"
_LEGAL = re.compile(r"[!-~]{1,128}")  # 128: the longest image tag
_DATED = re.compile(r"[0-9]{4}.*|.*-[0-9]{8,}")
_COMPONENTS = re.compile(r"[vV]?([0-9]+(?:\.[0-9]+)*)")
_WILDCARD = re.compile(r"[vV]?[0-9]+(?:\.[0-9]+)*\.\*")
_SEMVER = re.compile(r"[vV]?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?([-+].*)?")
_CANN_RC = re.compile(r"([0-9]+)\.([0-9]+)\.rc([0-9]+)(?:\.(alpha|beta|)([0-9]+))?", re.I)
_CANN = re.compile(
    r"([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+)(?:\.(alpha|beta)([0-9]+)|-(alpha|beta|rc)\.([0-9]+))?)?", re.I
)
_CALENDAR = re.compile(r"([0-9]{2}|[1-9][0-9]{3})\.([0-9]{1,2})(?:\.([0-9]{1,4}))?(?:-lts(?:-sp([0-9]{1,4}))?)?", re.I)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = dict(
    zip((">=", "<=", ">", "<", "~="), (operator.ge, operator.le, operator.gt, operator.lt, operator.ge), strict=True)
)
_MENDS = {"=>": ">=", "=<": "<=", "=": "==", "===": "==", "~": "~=", "~>": "~=", "=~": "~=", "!": "!=", "<>": "!="}


class VersionError(ValueError):
    """A version or range that cannot be read or compared; the message is a full sentence for the user."""


def key(text: str, scheme: str) -> Any:
    """A hashable key for ``text``, totally ordered among the keys of one scheme; equal versions have equal keys.

    - ``semver``: SemVer 2.0.0, section 11, with missing numbers read as 0 and a leading ``v`` allowed; build metadata
      does not order (section 10).
    - ``pep440``: PEP 440 as ``packaging`` implements it, local versions included.
    - ``cann``: Huawei's CANN, see `_cann`. ``calendar``: dates and year-month releases, see `_calendar`.

    Raises VersionError when ``text`` is no version of the scheme, always for ``text`` (names have no order), and for
    an unknown scheme.
    """
    if scheme == "text":
        raise VersionError(f'{_quoted(text)} has no order under the scheme "text": {_OTHER_SCHEME}')
    return _key(text, scheme)


def is_prerelease(text: str, scheme: str) -> bool:
    """Whether ``text`` comes before a release it belongs to (PEP 440: also a development release).

    Never so for ``calendar`` (openEuler's innovation releases are releases) and ``text``. Raises VersionError as `key`.
    """
    if scheme == "text":
        return False
    parsed = key(text, scheme)
    if scheme == "pep440":
        return bool(parsed.is_prerelease)
    return scheme != "calendar" and parsed.prerelease is not None


def infer(names: Iterable[str]) -> str:
    """The scheme of an axis that declares none: "pep440" when every name is a PEP 440 version, else "text"."""
    scheme = "text"
    for name in names:
        try:
            key(name, "pep440")
        except VersionError:
            return "text"
        scheme = "pep440"
    return scheme


def compare(a: str, a_scheme: str, b: str, b_scheme: str) -> int:
    """-1, 0 or 1 as ``a`` comes before, equals or comes after ``b``.

    Raises VersionError when the schemes differ, when either is no version of it, and for two different names
    under ``text``.
    """
    if a_scheme != b_scheme:
        raise VersionError(
            f"{_quoted(a)} ({printable(a_scheme)}) and {_quoted(b)} ({printable(b_scheme)}) cannot be compared: "
            "each scheme has an order of its own"
        )
    if a_scheme == "text" and a == b:
        return 0
    left, right = key(a, a_scheme), key(b, b_scheme)
    return int(left > right) - int(left < right)


def components(text: str) -> tuple[str, ...]:
    """The leading numbers of ``text`` as written, a leading ``v`` dropped: ``8.2.RC1`` -> ("8", "2"); maybe none."""
    found = _COMPONENTS.match(text)
    return tuple(found[1].split(".")) if found else ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a range: the operator, and the version as written (``8.5.*`` for a wildcard).

    ``prefix`` is what the epoch (0 but for PEP 440) and the first numbers must be; empty where they may be any.
    """

    operator: str
    version: str
    prefix: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """Conditions that must all hold, in the order of one scheme; made by `parse_range`."""

    clauses: tuple[Clause, ...]
    scheme: str

    def contains(self, version: str) -> bool:
        """Whether every clause holds; raises VersionError when ``version`` is no version of the scheme.

        Under ``pep440`` a local version such as ``2.9.0+cpu`` compares as its public version ``2.9.0``, except
        with an ``==`` or ``!=`` that itself names a local version (PEP 440, "Version matching").
        """
        if self.scheme != "text":
            key(version, self.scheme)  # raises, whichever clauses there are
        return all(_holds(clause, version, self.scheme) for clause in self.clauses)

    def __str__(self) -> str:
        return ",".join(clause.operator + clause.version for clause in self.clauses)


def is_range(text: str) -> bool:
    """Whether ``text`` looks like a range: begins with an operator, or is a wildcard such as ``8.5.*``.

    Also true for near misses (``=>2.5``, ``=2.5``, ``~2.5``, ``^2.5``), so that `parse_range` can say what is wrong.
    """
    start = text.lstrip()
    return start.startswith(("<", ">", "=", "!=", "~", "^")) or bool(_WILDCARD.fullmatch(start.split(",")[0].rstrip()))


def parse_range(text: str, scheme: str) -> Range:
    """Parse clauses joined by commas, all of which must hold.

    ``>=`` ``<=`` ``>`` ``<`` ``==`` ``!=`` compare by the scheme's order; ``==8.5.*`` (or bare ``8.5.*``) and
    ``!=8.5.*`` compare the leading numbers, missing ones read as 0; ``~=2.5.1`` is ``>=2.5.1,==2.5.*`` (PEP 440,
    "Compatible release"; ``~=8.0.RC2`` is ``>=8.0.RC2,==8.*``, as it holds two numbers). Under ``text`` there are only
    ``==`` and ``!=``, and ``12.*`` is the name ``12`` and those beginning with ``12.``.

    Raises VersionError for anything else, with the mend in the message.
    """
    _known(scheme)
    return Range(tuple(_clause(clause.strip(), text, scheme) for clause in text.split(",")), scheme)


def _clause(clause: str, whole: str, scheme: str) -> Clause:
    def wrong(why: str) -> VersionError:
        return VersionError(f"the clause {_quoted(clause)} {why}")

    if not clause:
        raise VersionError(f"the range {_quoted(whole)} has an empty clause: write one such as >=2.5,<2.9")
    version = clause.lstrip("<>=!~^")
    sign, version = clause[: len(clause) - len(version)], version.lstrip()
    wildcard = version.endswith(".*")
    if not sign and not wildcard:
        raise wrong(f"has no operator: write =={printable(version[:60])}")
    if sign not in ("", "==", "!=", *_ORDERS):
        raise wrong(f"has an unknown operator: write {_MENDS.get(sign, 'one of >= <= > < == != ~=')}")
    if not version:
        raise wrong(f"has no version: write one such as {sign}2.5")
    if scheme == "text" and sign in _ORDERS:
        raise wrong(
            f'needs an order, and a name has no order under the scheme "text": write == or !=, or {_OTHER_SCHEME}'
        )
    if scheme == "text":
        return Clause(sign or "==", version)
    if wildcard and sign in _ORDERS:
        raise wrong('has a wildcard, which goes with == and != only: leave out ".*"')
    if wildcard and not _WILDCARD.fullmatch(version):
        raise wrong('is no wildcard: write numbers before ".*", such as 8.5.*')
    if wildcard:
        return Clause(sign or "==", version, _numbers(version[:-2], scheme))
    parsed = key(version, scheme)
    if sign in _ORDERS and scheme == "pep440" and parsed.local:
        raise wrong(f'orders by a local version: leave out "+{parsed.local}" (PEP 440)')
    numbers = _numbers(version, scheme)
    if sign == "~=" and len(numbers) < 3:
        raise wrong(f"needs two numbers or more, as in ~=2.5: write >={version}")
    return Clause(sign, version, numbers[:-1] if sign == "~=" else ())


def _holds(clause: Clause, version: str, scheme: str) -> bool:
    if clause.operator in _ORDERS:
        value = key(version.partition("+")[0] if scheme == "pep440" else version, scheme)
        return _ORDERS[clause.operator](value, key(clause.version, scheme)) and _begins(clause.prefix, version, scheme)
    if scheme == "text":
        stem = clause.version.removesuffix(".*")
        equal = version == stem or (stem != clause.version and version.startswith(stem + "."))
    elif clause.prefix:
        equal = _begins(clause.prefix, version, scheme)
    else:
        local = scheme != "pep440" or "+" in clause.version
        equal = key(version if local else version.partition("+")[0], scheme) == key(clause.version, scheme)
    return equal == (clause.operator == "==")


def _begins(prefix: tuple[int, ...], version: str, scheme: str) -> bool:
    numbers = _numbers(version, scheme)
    if not (scheme == "cann" and len(numbers) == 3 and is_prerelease(version, scheme)):  # 8.0.RC2 is not in 8.0.0.*
        numbers += (0,) * (len(prefix) - len(numbers))
    return numbers[: len(prefix)] == prefix


@lru_cache(maxsize=4096)
def _numbers(text: str, scheme: str) -> tuple[int, ...]:
    """The epoch, then the numbers that ``text`` writes, as the scheme reads them (``24.04`` -> 0, 2024, 4)."""
    if scheme == "calendar":
        if re.fullmatch("[0-9]{2}|[1-9][0-9]{3}", text):  # a year alone, before ".*"
            return (0, _century(int(text)))
        written = 3 if text.isdigit() else len(components(text))
        return (0, *key(text, scheme)[:written])
    parsed = key(text, scheme)
    if scheme == "pep440":
        return (parsed.epoch, *parsed.release)
    return (0, *map(int, components(text)))


def _known(scheme: str) -> None:
    if scheme not in SCHEMES:
        near = did_you_mean(scheme[:60], SCHEMES)
        raise VersionError(f"unknown version scheme {_quoted(scheme)}{near}: write one of {', '.join(SCHEMES)}")


@lru_cache(maxsize=4096)
def _key(text: str, scheme: str) -> Any:
    _known(scheme)
    if not _LEGAL.fullmatch(text):
        raise _wrong(text, scheme, "1 to 128 ASCII characters, no spaces")
    return {"semver": _semver, "pep440": _pep440, "cann": _cann, "calendar": _calendar}[scheme](text)


def _semver(text: str) -> SemVer:
    import semver

    if not (found := _SEMVER.fullmatch(text)):
        raise _wrong(text, "semver")
    major, minor, patch, rest = found.groups("")
    try:
        return semver.Version.parse(f"{major}.{minor or 0}.{patch or 0}{rest}")
    except ValueError as error:
        zero = any(len(number) > 1 and number[0] == "0" for number in (major, minor, patch))
        raise _wrong(text, "semver", "a number begins with 0" if zero else "") from error


def _pep440(text: str) -> Pep440:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text)
    except InvalidVersion as error:
        raise _wrong(text, "pep440") from error


def _cann(text: str) -> SemVer:
    """A CANN version as the SemVer version that has its place, so that the order is SemVer's (section 11).

    Up to 8.3 a release ``X.Y.0`` was preceded by quarterly ``X.Y.RCn``, each after its own alphas, and all before the
    alphas of ``X.Y.0``. A numeric identifier precedes a word, and more identifiers follow fewer, so::

        X.Y.RCn.alpha00k -> X.Y.0-n.alpha.k      X.Y.Z.alpha00k -> X.Y.Z-alpha.k
        X.Y.RCn          -> X.Y.0-n.rc           X.Y.Z-beta.k   -> X.Y.Z-beta.k
        X.Y.RCn.m        -> X.Y.0-n.rc.m         X.Y.Z          -> X.Y.Z

    ``X.Y.RCn.m`` (6.3.RC3.1) thus is a patch of that RC: after it, before the next. Before 8.5 ``.beta1`` names the
    community edition of the same release and is dropped; any other beta of that time is unknown.
    """
    import semver

    if _DATED.fullmatch(text):
        raise _no_place(text, "it is a dated build")
    if found := _CANN_RC.fullmatch(text):
        rc, word, number = found[3], found[4], found[5]
    elif found := _CANN.fullmatch(text):
        rc, word, number = None, found[4] or found[6], found[5] or found[7]
    else:
        raise _no_place(text, f"known forms are {_EXAMPLES['cann']}")
    major, minor, patch = int(found[1]), int(found[2] or 0), 0 if rc else int(found[3] or 0)
    word = word.lower() if word else "rc"
    if word == "beta" and (major, minor) < (8, 5):
        if int(number) != 1:
            raise _no_place(text, "before 8.5 there is only beta1")
        word, number = "rc", None
    identifiers = ([str(int(rc)), word] if rc else [word]) + ([str(int(number))] if number else [])
    return semver.Version(major, minor, patch, ".".join(identifiers) if rc or number else None)


def _calendar(text: str) -> tuple[int, int, int, int]:
    """Year, month, day or point release, and service pack, of which the last two are 0 where not written.

    A two-digit year is in this century: ``26.08`` equals ``2026.08``. openEuler's ``24.03-lts`` is service pack 0
    and so equals ``24.03``; Ubuntu's ``24.04.1`` follows ``24.04``; ``20240115`` equals ``2024.01.15``.
    """
    date = len(text) == 8 and text.isdigit()
    found = _CALENDAR.fullmatch(f"{text[:4]}.{text[4:6]}.{text[6:]}" if date else text)
    if not found:
        raise _wrong(text, "calendar")
    year, month, day, pack = (int(group) for group in found.groups("0"))
    if not 1 <= month <= 12:
        raise _wrong(text, "calendar", f"there is no month {month}")
    if date and not 1 <= day <= 31:
        raise _wrong(text, "calendar", f"there is no day {day}")
    return _century(year), month, day, pack


def _century(year: int) -> int:
    return year if year >= 100 else 2000 + year


def _wrong(text: str, scheme: str, why: str = "") -> VersionError:
    because = f" ({why})" if why else ""
    return VersionError(f"{_quoted(text)} is not a {scheme} version{because}: write it as {_EXAMPLES[scheme]}")


def _no_place(text: str, why: str) -> VersionError:
    return VersionError(f"{_quoted(text)} has no place in the order of CANN releases ({why}): pin it by its name")


def _quoted(text: str) -> str:
    return f'"{printable(text if len(text) <= 60 else text[:60] + "…")}"'
