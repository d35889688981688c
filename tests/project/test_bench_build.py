"""The pages that the build is measured with: as many as asked for, built on both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from llmdocs.pages.page import read_all
from tests.support.site_files import COMPLETE_LANGUAGES
from tools import bench_build

SIDES = {"ours": bench_build.make_ours, "stock": bench_build.make_stock}
each_side = pytest.mark.parametrize("make", SIDES.values(), ids=SIDES)
Make = Callable[[Path, int], None]


@each_side
def test_both_sides_have_as_many_pages_as_asked_for(make: Make, tmp_path: Path) -> None:
    make(tmp_path, 50)

    pages = [page for name in COMPLETE_LANGUAGES for page in read_all(tmp_path / "docs", name)]
    counts = Counter(page.language for page in pages if not page.is_partial)
    assert counts == dict.fromkeys(COMPLETE_LANGUAGES, 50)


def test_stock_gets_pages_without_anything_of_ours(tmp_path: Path) -> None:
    bench_build.make_stock(tmp_path, 50)

    texts = [page.text for name in COMPLETE_LANGUAGES for page in read_all(tmp_path / "docs", name)]

    assert not any("{{ " in text or '--8<-- "' in text for text in texts)


@each_side
def test_both_sides_build(make: Make, tmp_path: Path) -> None:
    make(tmp_path, 2)

    seconds = bench_build.build(tmp_path)

    built = list((tmp_path / "site").rglob("index.html"))
    assert seconds > 0
    assert len(built) == 2 * len(COMPLETE_LANGUAGES)


def test_a_site_may_cost_what_the_limits_allow() -> None:
    measured = {20: {"ours": 12.0, "stock": 10.0}, 400: {"ours": 240.0, "stock": 200.0}}

    assert [*bench_build.excesses(measured)] == []


def test_a_site_must_not_cost_much_more_than_stock_at_any_size() -> None:
    measured = {20: {"ours": 12.5, "stock": 10.0}, 400: {"ours": 200.0, "stock": 200.0}}

    (excess,) = bench_build.excesses(measured)

    assert excess == "20 pages a language cost 1.25 times stock; 1.2 is the limit."


def test_a_page_must_not_cost_much_more_as_the_site_grows() -> None:
    """Even where stock grows as badly."""
    measured = {20: {"ours": 10.0, "stock": 10.0}, 400: {"ours": 260.0, "stock": 260.0}}

    (excess,) = bench_build.excesses(measured)

    assert excess == "A page costs 1.30 times as much among 400 as among 20; 1.25 is the limit."


@pytest.mark.parametrize(("ours", "status"), [(10.0, 0), (13.0, 1)])
def test_a_benchmark_that_finds_an_excess_fails(
    ours: float, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        bench_build,
        "measure",
        lambda count, rounds: {"ours": ours * count, "stock": 10.0 * count},
    )

    assert bench_build.main() == status
