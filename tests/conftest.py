"""Unit tests cannot start processes or open sockets: what they prove needs neither."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

HERE = Path(__file__).parent


def _forbidden(*_args: object, **_kwargs: object) -> NoReturn:
    raise AssertionError("a unit test started a process or opened a socket")


@pytest.fixture(autouse=True)
def _no_processes_and_no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.path.parent != HERE:
        return
    monkeypatch.setattr(subprocess.Popen, "__init__", _forbidden)
    for name in ("system", "posix_spawn", "posix_spawnp", "fork", "forkpty", "execv", "execve"):
        monkeypatch.setattr(os, name, _forbidden)
    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, _forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", _forbidden)
