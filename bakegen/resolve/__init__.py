"""Stacks + pins -> Plan: pure on its inputs, and the plan is proven before anything is built."""

from bakegen.resolve.project import resolve

__all__ = ["resolve"]
