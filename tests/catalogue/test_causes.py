"""Each row of the causes is true of what somebody met, and says where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from llmdocs.catalogue.causes import Row, find, rows
from llmdocs.catalogue.providers import Provider, by_model, unlisted
from llmdocs.client.error_bodies import error_codes, error_message
from llmdocs.doctor.findings import Code
from llmdocs.settings.variables import VARIABLES
from tests.support import reported

# A thread, an address or a file of ours, and others after it; or the word that it is inferred.
PLACE = r"(?:[\w.-]+/[\w.-]+#\d+|https://[^ ,]+|src/llmdocs/[\w/.]+)"
SOURCE = re.compile(rf"{PLACE}(?:, and .*|, .*| for .*)?|inferred.*")
every_row = pytest.mark.parametrize("row", rows(), ids=lambda row: row.source.partition(",")[0])

# What no report holds: the provider, the status, the codes and the words.
EXAMPLES: list[tuple[str, int, list[str], str]] = [
    ("openai", 401, ["mismatched_project"], "OpenAI-Project header should match project"),
    ("openai", 429, ["rate_limit_exceeded"], "Request too large for m on tokens per min: Limit 1"),
    ("lm_studio", 400, [], "No models loaded. Please load a model in the developer page"),
    ("openai", 403, ["llmdocs_mock"], "llmdocs mock has no mock for https://a.example"),
    ("groq", 400, ["model_decommissioned"], "The model `m` has been decommissioned and is no more"),
    ("xai", 403, [], "The API key you provided has been disabled"),
    ("gemini", 403, [], "Your API key was reported as leaked. Please use another API key."),
    ("gemini", 400, [], "User location is not supported for the API use."),
    ("dashscope", 400, ["Arrearage"], "Access denied, please make sure your account is in good"),
    ("litellm_proxy", 401, [], "team not allowed to access model. This team can only access"),
    ("openrouter", 404, [], "No endpoints found matching your data policy."),
    ("ollama_chat", 500, [], "model requires more system memory (5.9 GiB) than is available"),
    ("ollama_chat", 500, [], 'option "temperature" must be of type float32'),
    ("bedrock", 403, [], "The security token included in the request is invalid."),
    ("gemini", 403, [], "Requests to this API google.example method m are blocked."),
    ("openai", 404, [], "This is not a chat model and thus not supported in the"),
    ("openai", 410, [], "https://api-inference.huggingface.co is no longer supported."),
    ("vertex_ai", 404, ["NOT_FOUND"], "Publisher Model `projects/x/models/m` was not found or"),
]


def provider_of(model: str) -> Provider:
    return by_model(model) or unlisted(model.partition("/")[0])


def met() -> Iterator[tuple[Provider, int, list[str], str, str]]:
    """What people were answered, by the reports, and the examples."""
    for report in reported.reports():
        provider = provider_of(report.variables.get("LLM_MODEL", "").strip("\"' "))
        for answer in [*filter(None, [report.answer]), *report.answers]:
            server = answer.headers.get("server", "")
            message = error_message(answer.body) or answer.body
            yield provider, answer.status, error_codes(answer.body), message, server
    for prefix, status, codes, message in EXAMPLES:
        yield provider_of(f"{prefix}/m"), status, codes, message, ""


@every_row
def test_a_row_is_the_first_that_fits_what_somebody_met(row: Row) -> None:
    first = [next((other for other in rows() if other.match(*answer)), None) for answer in met()]

    assert row in first


@every_row
def test_a_row_says_where_it_was_seen_and_what_helps(row: Row) -> None:
    assert SOURCE.fullmatch(row.source)
    assert row.cause in get_args(Code)
    assert {*row.own, *row.values} <= {*VARIABLES}
    assert row.reason.endswith(".")


def test_what_no_row_fits_claims_nothing() -> None:
    assert find(provider_of("openai/m"), 400, ["some_code"], "Something is wrong.") is None
    assert find(provider_of("openai/m"), 200, [], "The model is not loaded") is None


def test_a_pattern_reads_no_more_than_is_shown_of_a_message() -> None:
    far = "a" * 2_000 + " prompt is too long"

    assert find(provider_of("openai/m"), 400, [], far) is None
