"""The site's script writes recipes as the package does, whatever a reader's values are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from llmdocs import recipes
from llmdocs.errors import FormError
from llmdocs.recipes.forms import FORMS, written
from llmdocs.recipes.programs import parts, with_client
from llmdocs.site.recipe_data import FILE, NEEDS
from tests.recipes.test_forms import ONE_OF_EACH
from tests.support.built_site import Site
from tests.support.site_files import SNIPPETS

ADDRESSES = [
    "http://localhost:11434", "HTTP://LOCALHOST", "http://localhost.:8000/v1", "http://0.0.0.0:1",
    "https://llm.localhost/v1", "http://127.0.0.1:1234/v1", "http://127.8.9.1", "http://[::1]:1/a?b",
    "http://[::]", "http://[::ffff:127.0.0.1]:80", "http://me:localhost@localhost:1", "localhost",
    "https://api.openai.com/v1", "http://192.168.1.4:11434", "http://localhost.example:1",
    "http://mylocalhost:1", "http://127.0.0.1.example", "http://ollama:11434", "http://0127.0.0.1",
    "http://host.docker.internal:1", "http://127.1", "http://256.0.0.1", "http://[::2]/", "",
    "http://localhost/?a=http://127.0.0.1", "http://localhost?a", "http://localhost#a",
]  # fmt: skip
NUMBERS = ["3", "0", "0.5", "15.0", "0.00005", "1e-5", "1e2", "03", "+3", ".5", "5.", "1_000", " 3"]
VALUES: list[Mapping[str, str]] = [
    *({"LLM_MODEL": value} for value in ONE_OF_EACH),
    *({"LLM_MODEL": "openai/m", "LLM_BASE_URL": address} for address in ADDRESSES),
    *({"LLM_RETRY_MIN_WAIT": number, "LLM_API_VERSION": number} for number in NUMBERS),
    {"LLM_API_KEY": "a" * (64 * 1024 - 13)},
    {"LLM_API_KEY": "é" * (32 * 1024)},
    {"LLM_API_KEY": "sk-\0"},
    {},
]
RUN = """
async ([asked, calls]) => {
  const {Recipes, Unwritable} = await import(new URL("assets/forms.js", location.href))
  const data = await (await fetch(new URL("assets/recipes.json", location.href))).json()
  const recipes = new Recipes(data)
  return calls.map(values => {
    try {
      return recipes[asked](...values)
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error
      return "refused"
    }
  })
}
"""


@pytest.fixture(scope="module")
def home(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def expected(variables: Mapping[str, str], form: str) -> str:
    try:
        return written(variables, form)
    except FormError:
        return "refused"


@pytest.mark.parametrize("form", FORMS)
def test_a_format_is_written_as_the_package_writes_it(form: str, home: Page) -> None:
    calls = [[[*values.items()], form] for values in VALUES]
    found = home.evaluate(RUN, ["written", calls])
    wanted = [expected(values, form) for values in VALUES]

    assert [
        (values, one, other)
        for values, one, other in zip(VALUES, found, wanted, strict=True)
        if one != other
    ] == []


@pytest.mark.parametrize("form", FORMS)
def test_every_program_of_every_provider_is_what_the_guides_show(
    form: str, home: Page, site: Site
) -> None:
    data = json.loads((site.folder / FILE).read_text("utf-8"))
    requirement = data["requirement"]
    asked: list[Any] = []
    wanted = []
    for name in recipes.providers():
        for need in NEEDS:
            file = SNIPPETS / name / f"{need}.py"
            if file.is_file():
                variables, source = recipes.read(name), file.read_text("utf-8")
                asked.append([data["providers"][name]["variables"], form, source])
                wanted.append(
                    [
                        {"name": part.name, "text": part.text}
                        for part in parts(variables, form, source, requirement)
                    ]
                )

    assert home.evaluate(RUN, ["parts", asked]) == wanted
    assert len(wanted) > len(recipes.providers()) * 2


@pytest.mark.parametrize("form", FORMS)
def test_a_program_with_hostile_values_is_what_the_package_makes_of_it(
    form: str, home: Page
) -> None:
    source = (SNIPPETS / "openai/chat.py").read_text("utf-8")
    values = [{"LLM_MODEL": "$&$1$$", "LLM_API_KEY": "'\"\\`"}, {"LLM_MODEL": "</script><b>"}]
    found = home.evaluate(RUN, ["withClient", [[source, form, [*one.items()]] for one in values]])

    assert found == [with_client(source, form, one) for one in values]


def test_no_secret_is_among_what_a_reader_types(site: Site) -> None:
    data = json.loads((site.folder / FILE).read_text("utf-8"))
    own = {item["variable"] for one in data["providers"].values() for item in one["own"]}

    assert "LLM_API_KEY" not in own
    assert own >= {"LLM_MODEL", "LLM_BASE_URL", "LLM_API_VERSION"}
