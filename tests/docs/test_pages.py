"""Every TOML block and every command of the documentation works, and prints what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts import language
from tests import pages


def needs_engine(page: Path) -> bool:
    """Whether a page is told in tests/engine."""
    return any(isinstance(step, pages.Command) and step.needs_engine for step in pages.story(page))


@pytest.mark.parametrize("page", [page for page in pages.PAGES if not needs_engine(page)], ids=lambda page: page.stem)
def test_a_page_that_needs_no_engine(page: Path, tmp_path: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith("# ")
    pages.tell(page, tmp_path, os.environ)


def test_the_language_reference_is_what_the_models_say() -> None:
    page = pages.ROOT / "docs/language.md"
    assert page.read_text(encoding="utf-8") == language.page(), "make it anew with `make generate`"


def test_links_between_pages_lead_somewhere() -> None:
    import re

    for page in pages.PAGES:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
