"""Policies of Backend.AI's jail: one declaration, written for either generation of it, and files of both checked."""

from bakegen.jail.policy import RULES, Dialect, check, problems, written

__all__ = ["RULES", "Dialect", "check", "problems", "written"]
