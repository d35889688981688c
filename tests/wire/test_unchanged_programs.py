"""Programs with OpenAI's and Anthropic's own clients run unchanged under `llmdocs mock`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import programs

LLMDOCS = Path(sys.executable).parent / "llmdocs"
OPENAI, ANTHROPIC = "your-openai-api-key", "your-anthropic-api-key"
MODEL = "claude-haiku-5-5"

# Each is a whole program: a chat, the same as a stream, and one with a key that is refused.
PROGRAMS = {
    ("python", "openai"): f"""
import openai
def ask(key, **options):
    return openai.OpenAI(api_key=key).chat.completions.create(
        model="gpt-4.1-mini", messages=[{{"role": "user", "content": "Why?"}}], **options)
print(ask({OPENAI!r}).choices[0].message.content)
deltas = [chunk.choices[0].delta for chunk in ask({OPENAI!r}, stream=True) if chunk.choices]
print("".join(delta.content or "" for delta in deltas))
try: ask("wrong")
except openai.AuthenticationError as error: print(error.status_code)
""",
    ("python", "anthropic"): f"""
import anthropic
asked = dict(model={MODEL!r}, max_tokens=50, messages=[{{"role": "user", "content": "Why?"}}])
client = anthropic.Anthropic(api_key={ANTHROPIC!r})
print(client.messages.create(**asked).content[0].text)
with client.messages.stream(**asked) as stream: print(stream.get_final_message().content[0].text)
try: anthropic.Anthropic(api_key="wrong").messages.create(**asked)
except anthropic.AuthenticationError as error: print(error.status_code)
""",
    ("node", "openai"): f"""
import OpenAI from "openai";
const ask = (apiKey, options) => new OpenAI({{ apiKey }}).chat.completions.create({{
  model: "gpt-4.1-mini", messages: [{{ role: "user", content: "Why?" }}], ...options }});
console.log((await ask("{OPENAI}")).choices[0].message.content);
let said = "";
for await (const chunk of await ask("{OPENAI}", {{ stream: true }}))
  said += chunk.choices[0]?.delta.content ?? "";
console.log(said);
try {{ await ask("wrong"); }} catch (error) {{
  if (error instanceof OpenAI.AuthenticationError) console.log(error.status); }}
""",
    ("node", "anthropic"): f"""
import Anthropic from "@anthropic-ai/sdk";
const messages = [{{ role: "user", content: "Why?" }}];
const asked = {{ model: "{MODEL}", max_tokens: 50, messages }};
const client = new Anthropic({{ apiKey: "{ANTHROPIC}" }});
console.log((await client.messages.create(asked)).content[0].text);
console.log((await client.messages.stream(asked).finalMessage()).content[0].text);
try {{ await new Anthropic({{ apiKey: "wrong" }}).messages.create(asked); }} catch (error) {{
  if (error instanceof Anthropic.AuthenticationError) console.log(error.status); }}
""",
}
URLS = {
    "openai": "https://api.openai.com/v1/chat/completions",
    "anthropic": "https://api.anthropic.com/v1/messages",
}
MODELS = {"openai": "gpt-4.1-mini", "anthropic": MODEL}
NEEDS = {
    "python": [],
    "node": [pytest.mark.needs("nodejs"), pytest.mark.needs(programs.JAVASCRIPT)],
}


@pytest.mark.parametrize(
    ("language", "provider"), [pytest.param(*case, marks=NEEDS[case[0]]) for case in PROGRAMS]
)
def test_a_program_with_the_official_client_runs_unchanged(language: str, provider: str) -> None:
    program = PROGRAMS[language, provider]
    command = ["python", "-c", program]
    if language == "node":
        found = programs.find("nodejs")
        assert found
        command = [found, "--input-type=module", "-e", program]
    result = subprocess.run(
        [LLMDOCS, "mock", "--log", "--json", "--", *command],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NODE_NO_WARNINGS": "1"},
        cwd=programs.JAVASCRIPT_FOLDER if language == "node" else None,
        capture_output=True,
        text=True,
        timeout=60,
    )
    answer = f"{MODELS[provider]} (mocked) was asked: Why?"

    assert result.stdout.splitlines() == [answer, answer, "401"], result.stderr
    assert told(result.stderr) == [
        (URLS[provider], provider, MODELS[provider], status, is_recipes)
        for status, is_recipes in ((200, True), (200, True), (401, False))
    ]


def told(log: str) -> list[tuple[Any, ...]]:
    """What the log tells of each request."""
    lines = [json.loads(line) for line in log.splitlines()]
    names = ("url", "provider", "model", "status", "key_is_the_recipes")
    return [tuple(line[name] for name in names) for line in lines if "message" not in line]
