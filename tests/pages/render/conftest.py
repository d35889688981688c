"""What is shown is shown of the site's own pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.conftest import Site, copy_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return copy_site(tmp_path)
