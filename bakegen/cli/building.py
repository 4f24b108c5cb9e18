"""`bakegen build` and `bakegen test`."""

from __future__ import annotations


def build() -> None:
    """(being written)"""


def test() -> None:
    """(being written)"""
