"""The pages of the documentation that build, run or ask an engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import pages
from tests.docs.test_pages import needs_engine

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("page", [page for page in pages.PAGES if needs_engine(page)], ids=lambda page: page.stem)
def test_a_page_that_builds(page: Path, tmp_path: Path) -> None:
    assert pages.story(page)
    pages.tell(page, tmp_path, os.environ)
