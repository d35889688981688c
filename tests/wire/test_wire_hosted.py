"""What Groq or xAI alone refuses, in the words that users reported; test_compatible.py has more."""

from __future__ import annotations

from typing import Any

import groq
import httpx
import openai
import pytest

from tests.support.openai_calls import QUESTION, Ask, asking, chat_with, refused

GROQ, GROQ_MODEL = "https://api.groq.com/openai/v1", "openai/gpt-oss-20b"
XAI, XAI_MODEL = "https://api.x.ai/v1", "grok-4.3"
KEYS = {GROQ: "your-groq-api-key", XAI: "your-xai-api-key"}

pytestmark = pytest.mark.usefixtures("wire")


def posted(url: str, **body: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {KEYS[url]}"}
    return httpx.post(f"{url}/chat/completions", headers=headers, **body)


@pytest.mark.parametrize(("key", "shown"), [("nabcdefys", "na***ys"), ("abcd", "abcd")])
def test_a_wrong_key_is_repeated_in_part_by_xai(key: str, shown: str) -> None:
    client = openai.OpenAI(api_key=key, base_url=XAI, max_retries=0)
    with pytest.raises(openai.BadRequestError) as caught:
        client.models.list()

    # continuedev/continue#10778
    assert caught.value.response.json()["error"] == (
        f"Incorrect API key provided: {shown}. You can obtain an API key from https://console.x.ai."
    )


@pytest.mark.parametrize("kind", [groq.Groq, groq.AsyncGroq])
def test_a_request_without_messages_is_refused_by_groq(run_with: Ask, kind: type) -> None:
    ask = asking(run_with, kind, api_key=KEYS[GROQ])

    assert (
        "messages"
        in refused(ask, chat_with(GROQ_MODEL, messages=None), groq.BadRequestError).response.text
    )


@pytest.mark.parametrize("kind", [openai.OpenAI, openai.AsyncOpenAI])
def test_a_request_without_messages_is_refused_by_xai(run_with: Ask, kind: type) -> None:
    ask = asking(run_with, kind, api_key=KEYS[XAI], base_url=XAI)

    assert (
        "messages"
        in refused(
            ask, chat_with(XAI_MODEL, messages=None), openai.UnprocessableEntityError
        ).response.text
    )


@pytest.mark.parametrize(("url", "status"), [(GROQ, 400), (XAI, 422)])
def test_a_request_without_a_model_is_refused(url: str, status: int) -> None:
    answer = posted(url, json={"messages": [QUESTION]})

    assert answer.status_code == status
    assert "model" in answer.text


def test_another_path_of_groqs_is_refused_with_that_path() -> None:
    answer = httpx.post("https://api.groq.com/chat/completions", json={})

    # tech-shrimp/deno-api-proxy#3
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        {
            "message": "Unknown request URL: POST /chat/completions. Please check the URL for "
            "typos, or see the docs at https://console.groq.com/docs/",
            "type": "invalid_request_error",
            "code": "unknown_url",
        },
    )


def test_what_is_no_json_is_refused_by_xai_in_plain_text() -> None:
    answer = posted(XAI, content="{")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("Failed to deserialize the JSON body into the target type: ")


def test_an_answer_of_groqs_says_its_tier() -> None:
    """litellm reads no answer without it."""
    answer = posted(GROQ, json={"model": GROQ_MODEL, "messages": [QUESTION]})

    assert answer.json()["service_tier"] == "on_demand"
