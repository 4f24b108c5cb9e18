"""The grammar of Backend.AI's service ports: what its manager and its agent both accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bakegen.errors import did_you_mean

PROTOCOLS = ("http", "preopen", "pty", "rdp", "tcp", "vnc")
_ITEM = re.compile(r"([\w-]+):(\w+):(\[[0-9]+(?:,[0-9]+)*\]|[0-9]+)\Z")
_RESERVED = frozenset({2000, 2001, 2002, 2003, 2200, 7681})
_LEAST, _MOST = 1025, 65534


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One declared service; the port of a ``pty`` one is of the past, and nobody reads it."""

    name: str
    protocol: str
    port: int


def read(value: str) -> tuple[tuple[ServicePort, ...], tuple[tuple[str, str], ...]]:
    """The services that a label declares, and what is wrong with it: (message, mend) pairs.

    An item is NAME:PROTOCOL:PORT; items are joined by commas without white space. The agent also reads
    NAME:PROTOCOL:[PORT,PORT], which the manager drops without a word, so lists of several ports are refused.
    Rules: common/service_ports.py of Backend.AI, as its agent (a string) and its manager (a list) call it.
    """
    found: list[ServicePort] = []
    wrong: list[tuple[str, str]] = []
    used: dict[int, str] = {}
    names: set[str] = set()
    for item in _items(value):
        match = _ITEM.match(item)
        if match is None:
            wrong.append(_misshapen(item))
            continue
        name, protocol = match[1], match[2]
        ports = [int(port[:9]) for port in match[3].strip("[]").split(",")]
        if protocol not in PROTOCOLS:
            known = ", ".join(PROTOCOLS)
            wrong.append((f'"{item}": no protocol "{protocol}"{did_you_mean(protocol, PROTOCOLS)}', f"it is {known}"))
            continue
        if len(ports) > 1:
            message = f'"{item}" lists several ports, which the manager drops without a word'
            wrong.append((message, "declare a service for each port"))
            continue
        port = ports[0]
        if protocol != "pty":
            wrong += [(f'"{item}": {message}', mend) for message, mend in _port_problems(port, used.get(port))]
            used.setdefault(port, name)
        if name in names:
            wrong.append((f'"{name}" stands twice, and the last one counts', "give each service a name of its own"))
        names.add(name)
        found.append(ServicePort(name, protocol, port))
    return tuple(found), tuple(wrong)


def _items(value: str) -> list[str]:
    """The items between the commas outside of brackets; one comma may stand at the end."""
    items = re.findall(r"(?:\[[^\]]*\]?|[^,\[])+|(?<=,)(?=,)|\A(?=,)", value)
    return [str(item) for item in items]


def _misshapen(item: str) -> tuple[str, str]:
    if item.strip() != item or any(char.isspace() for char in item):
        mend = "write it without blanks: the agent refuses the session, and the manager drops the service"
        return f'"{item}" holds a blank', mend
    return f'"{item}" is no NAME:PROTOCOL:PORT', "a name is of letters, digits, - and _, as in jupyter:http:8080"


def _port_problems(port: int, taken: str | None) -> Iterator[tuple[str, str]]:
    if port in _RESERVED:
        yield f"port {port} is the platform's own", "2000 to 2003, 2200 and 7681 are: choose another"
    elif port < _LEAST:
        yield f"port {port} needs root", f"choose one from {_LEAST} to {_MOST}"
    elif port > _MOST:
        yield f"no port {port}", f"choose one from {_LEAST} to {_MOST}"
    elif taken is not None:
        yield f'port {port} is that of "{taken}" too', "give each service a port of its own"
