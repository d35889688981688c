"""Pictures of the site as readers see it, for whoever changes its look: `make screenshots`.

Each kind of page in each language, light and dark, wide and on a phone; in `screenshots/`, one
PNG a view, of the first screen. `--whole` shows pages to their end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import serve
from tests.support import built_site, programs
from tests.support.site_files import COMPLETE_LANGUAGES, ROOT

FOLDER = ROOT / "screenshots"
PAGES = {
    "home": "",
    "guide": "llms/azure/",
    "recipes": "guides/recipes/",
    "troubleshooting": "guides/troubleshooting/",
    "settings": "reference/settings/",
    "missing": "llms/azur/",
}
SIZES = {"wide": (1280, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")


def main() -> None:
    browser = programs.find("chromium-headless-shell")
    if not browser:
        sys.exit(programs.advice("chromium-headless-shell"))
    FOLDER.mkdir(exist_ok=True)
    print("Building the site.", flush=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = built_site.build(Path(folder))
        if site.build.returncode:
            sys.exit(site.build.stderr)
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        with serve(site.folder) as address:
            for path in _taken(chromium, address):
                print(path.relative_to(ROOT), flush=True)
        chromium.close()


def _taken(browser: Browser, address: str) -> Iterator[Path]:
    whole = "--whole" in sys.argv
    for (size, (width, height)), scheme in product(SIZES.items(), SCHEMES):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            device_scale_factor=2 if size == "phone" else 1,
        )
        page = context.new_page()
        for language, (name, path) in product(COMPLETE_LANGUAGES, PAGES.items()):
            folder = "" if language == COMPLETE_LANGUAGES[0] else f"{language}/"
            page.goto(address + folder + path, wait_until="networkidle")
            file = FOLDER / f"{name}-{language}-{scheme}-{size}.png"
            page.screenshot(path=file, full_page=whole)
            yield file
        context.close()


if __name__ == "__main__":
    main()
