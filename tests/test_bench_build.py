"""The pages that the build is measured with: as many as asked for, built on both sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llmdocs.pages.page import languages, read_all
from tests import bench_build
from tests.site_files import DOCS

SIDES = {"ours": bench_build.make_ours, "stock": bench_build.make_stock}
each_side = pytest.mark.parametrize("make", SIDES.values(), ids=SIDES)
Make = Callable[[Path, int], None]


@each_side
def test_both_sides_have_as_many_pages_as_asked_for(make: Make, tmp_path: Path) -> None:
    make(tmp_path, 50)

    counts = {name: len(read_all(tmp_path / "docs", name)) for name in languages(DOCS)}
    assert counts == dict.fromkeys(languages(DOCS), 50)


def test_stock_gets_pages_without_anything_of_ours(tmp_path: Path) -> None:
    bench_build.make_stock(tmp_path, 50)

    texts = [page.text for name in languages(DOCS) for page in read_all(tmp_path / "docs", name)]

    assert not any("{{ " in text or '--8<-- "' in text for text in texts)


@each_side
def test_both_sides_build(make: Make, tmp_path: Path) -> None:
    make(tmp_path, 2)

    seconds = bench_build.build(tmp_path)

    built = list((tmp_path / "site").rglob("index.html"))
    assert seconds > 0
    assert len(built) == 2 * len(languages(DOCS))
