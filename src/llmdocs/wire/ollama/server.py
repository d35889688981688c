"""The models of an Ollama server, and what they answer, before it is written to HTTP."""

from __future__ import annotations

import json
import re
from typing import Any

from llmdocs.wire import dialect, mock_model
from llmdocs.wire.accounts import Account, Model
from llmdocs.wire.dialect import Refusal
from llmdocs.wire.log import log
from llmdocs.wire.ollama import model_files
from llmdocs.wire.ollama.model_files import CREATED_AT, DEFAULT_CONTEXT_LENGTH
from llmdocs.wire.ollama.requests import ModelName, kind, parse_model_name

# ollama/ollama api/types.go, `Options`: the options of each kind that can have a wrong type.
INTEGERS = (
    "num_keep", "seed", "num_predict", "top_k", "repeat_last_n",
    "num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread",
)  # fmt: skip
FLOATS = (
    "top_p", "min_p", "typical_p", "temperature",
    "repeat_penalty", "presence_penalty", "frequency_penalty",
)  # fmt: skip
# The JSON value that each takes, and what messages call it.
OPTIONS = {
    **dict.fromkeys(INTEGERS, ("number", "integer")),
    **dict.fromkeys(FLOATS, ("number", "float32")),
    "use_mmap": ("bool", "boolean"),
    "stop": ("array", "array"),
}

Body = dict[str, Any]


def refusal(status: int, message: str, hint: str = "") -> Refusal:
    """An error in Ollama's native form."""
    headers = {"content-type": "application/json; charset=utf-8"}
    return Refusal(status, {"error": message}, hint, headers)


class Server:
    """The models of one account. Each operation takes a request's decoded body.

    Checks, their order and their texts follow ollama/ollama server/routes.go at v0.33.
    """

    def __init__(self, account: Account) -> None:
        named = {parse_model_name(name): model for name, model in account.served.items()}
        self._models = {name.key: model for name, model in named.items() if name}
        self.names = sorted((name for name in named if name), key=lambda name: name.short)
        self._hint = (
            f"Chat models: {dialect.listed(account.names('chat'))}; "
            f"embedding models: {dialect.listed(account.names('embeddings'))}."
        )

    def chat(self, body: Body) -> list[Body]:
        """The parts of a chat's answer; the only part if there are no messages."""
        asked = body.get("model", "")
        self._check_logprobs(body)
        name = self._name(asked, 400, "model is required")
        model = self._model(name, f"model '{asked}' not found")
        messages = [message or {} for message in body.get("messages", [])]
        if not messages and _unloads(body):
            return [_part(asked, {"message": _message("")}, done_reason="unload")]
        tools = [_tool(tool or {}) for tool in body.get("tools", [])]
        self._require(name, asked, model, "chat", body, ["tools"] if tools else [])
        if not messages:
            return [_part(asked, {"message": _message("")}, done_reason="load")]
        reply = mock_model.reply(
            model.name,
            messages,
            tools=tools,
            schema=_schema(body.get("format")),
            maximum_tokens=_maximum_tokens(body),
        )
        parts = [_part(asked, {"message": _message(piece)}) for piece in reply.pieces]
        if reply.tool_calls:
            calls = [_tool_call(index, call) for index, call in enumerate(reply.tool_calls)]
            parts.append(_part(asked, {"message": {**_message(""), "tool_calls": calls}}))
        return [*parts, _part(asked, {"message": _message("")}, **_end(reply, body))]

    def generate(self, body: Body) -> list[Body]:
        """The parts of an answer to a prompt; the only part if the prompt is empty."""
        asked, prompt = body.get("model", ""), body.get("prompt", "")
        self._check_logprobs(body)
        name = self._name(asked, 404, f"model '{asked}' not found")
        model = self._model(name, f"model '{asked}' not found")
        if not prompt and _unloads(body):
            return [_part(asked, {"response": ""}, done_reason="unload")]
        if body.get("raw") and any(body.get(key) for key in ("template", "system", "context")):
            raise refusal(400, "raw mode does not support template, system, or context")
        extras = ["insert"] if body.get("suffix") else []
        self._require(name, asked, model, "generate", body, extras)
        if not prompt:
            return [_part(asked, {"response": ""}, done_reason="load")]
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        reply = mock_model.reply(
            model.name,
            [*system, {"role": "user", "content": prompt}],
            schema=_schema(body.get("format")),
            maximum_tokens=_maximum_tokens(body),
        )
        end = _end(reply, body)
        if not body.get("raw"):
            end["context"] = _token_numbers(prompt + reply.text)
        parts = [_part(asked, {"response": piece}) for piece in reply.pieces]
        return [*parts, _part(asked, {"response": ""}, **end)]

    def embed(self, body: Body) -> Body:
        """Unit vectors for a string or a list of strings."""
        asked, given = body.get("model", ""), body.get("input", "")
        name = self._name(asked, 404, f"model '{asked}' not found")
        texts = [given] if isinstance(given, str) and given else given or []
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise refusal(400, "invalid input type", "Input: a string, or a list of strings.")
        model = self._model(name, f'model "{asked}" not found, try pulling it first')
        _check_options(body)
        if not texts:
            return {"model": asked, "embeddings": []}
        window = model_files.loaded_length(name, model.operation)
        window = min(window, int(body.get("options", {}).get("num_ctx") or window))
        if body.get("truncate") is False and any(
            mock_model.count_tokens(t) > window for t in texts
        ):
            raise refusal(
                400,
                "the input length exceeds the context length",
                f"This mock counts a token a word, and takes {window}.",
            )
        texts = ["".join(mock_model.tokens(text)[:window]) for text in texts]
        count = sum(mock_model.count_tokens(text) for text in texts)
        vectors = [_vector(model.name, text, body.get("dimensions", 0)) for text in texts]
        return _without_zeros(
            {
                "model": asked,
                "embeddings": vectors,
                "total_duration": (count + 1) * 1_000_000,
                "load_duration": 1_000_000,
                "prompt_eval_count": count,
            }
        )

    def embeddings(self, body: Body) -> Body:
        """The older operation: one vector for one prompt."""
        asked, prompt = body.get("model", ""), body.get("prompt", "")
        name = self._name(asked, 400, "model is required")
        model = self._model(name, f'model "{asked}" not found, try pulling it first')
        _check_options(body)
        return {"embedding": mock_model.embedding(model.name, prompt) if prompt else []}

    def show(self, body: Body) -> Body:
        """What is known of one model."""
        name = self._name(body.get("model") or body.get("name") or "", 400, "model is required")
        model = self._model(name, f"model '{name.short}' not found")
        return model_files.shown(name, model.operation)

    def tags(self) -> list[Body]:
        """The models that have been pulled."""
        return [model_files.listed(name, self._models[name.key].operation) for name in self.names]

    def loaded(self) -> list[Body]:
        """The models in memory: all of them, since answers do not depend on earlier requests."""
        return [
            model_files.in_memory(name, self._models[name.key].operation) for name in self.names
        ]

    def pull(self, body: Body) -> list[Body]:
        """The steps of pulling a model: one that is here already, or one the registry lacks.

        The second fails in its last step when streamed, since the status has then been sent.
        """
        asked = body.get("model") or body.get("name") or ""
        name = self._name(asked, 400, "invalid model name")
        steps: list[Body] = [{"status": "pulling manifest"}]
        if name.key not in self._models:
            error = refusal(500, "pull model manifest: file does not exist", self._hint)
            if not body.get("stream", True):
                raise error
            log.warning("ollama failed to pull %s. %s", asked, self._hint)
            return [*steps, {"error": "pull model manifest: file does not exist"}]
        done = ("verifying sha256 digest", "writing manifest", "success")
        return [
            *steps,
            _layer(name, self._models[name.key]),
            *({"status": status} for status in done),
        ]

    def _name(self, text: str, status: int, if_missing: str) -> ModelName:
        if not text.strip():
            raise refusal(status, if_missing, self._hint)
        if not (name := parse_model_name(text)):
            raise refusal(400, "invalid model name", self._hint)
        return name

    def _model(self, name: ModelName, if_unknown: str) -> Model:
        if name.key not in self._models:
            raise refusal(404, if_unknown, self._hint)
        return self._models[name.key]

    def _require(
        self,
        name: ModelName,
        asked: str,
        model: Model,
        operation: str,
        body: Body,
        extras: list[str],
    ) -> None:
        """Refuse what the model cannot do, then options of a wrong type, then a wrong format."""
        if body.get("think"):
            raise refusal(400, f'"{asked}" does not support thinking', self._hint)
        if model.operation != "chat":
            raise refusal(400, f'"{asked}" does not support {operation}', self._hint)
        if lacking := [
            extra
            for extra in extras
            if extra not in model_files.capabilities(name, model.operation)
        ]:
            raise refusal(400, f"{name.full} does not support {lacking[0]}", self._hint)
        _check_options(body)
        given = body.get("format", "")
        if given not in ("", "json") and not isinstance(given, dict):
            written = json.dumps(json.dumps(given, separators=(",", ":")))
            raise refusal(
                500, f'invalid format: {written}; expected "json" or a valid JSON Schema object'
            )

    @staticmethod
    def _check_logprobs(body: Body) -> None:
        if not 0 <= body.get("top_logprobs", 0) <= 20:
            raise refusal(400, "top_logprobs must be between 0 and 20")


def _check_options(body: Body) -> None:
    """ollama/ollama api/types.go, `Options.FromMap`: an unknown option is ignored."""
    for option, value in body.get("options", {}).items():
        takes, called = OPTIONS.get(option, ("any", ""))
        if takes == "any" or value is None:
            continue
        if kind(value) != takes:
            raise refusal(500, f'option "{option}" must be of type {called}')
        if takes == "array" and not all(isinstance(item, str) for item in value):
            raise refusal(500, f'option "{option}" must be of an array of strings')


def _unloads(body: Body) -> bool:
    """Whether `keep_alive` is zero seconds, as a number or as a duration."""
    return "keep_alive" in body and not re.search("[1-9]", str(body["keep_alive"]))


def _maximum_tokens(body: Body) -> int | None:
    """`num_predict`, which has no effect unless it is positive."""
    asked = int(body.get("options", {}).get("num_predict") or 0)
    return asked if asked > 0 else None


def _schema(given: Any) -> Body | None:
    return {"type": "object"} if given == "json" else given or None


def _part(asked: str, said: Body, **end: Any) -> Body:
    return {"model": asked, "created_at": CREATED_AT, **said, "done": bool(end), **end}


def _message(content: str) -> Body:
    return {"role": "assistant", "content": content}


def _tool(tool: Body) -> Body:
    """A tool with the fields that Go would fill in."""
    function = tool.get("function") or {}
    return {
        "function": {
            "name": function.get("name") or "",
            "parameters": function.get("parameters") or {},
        }
    }


def _tool_call(index: int, call: mock_model.ToolCall) -> Body:
    # `call_` and eight characters, as server/routes.go makes them.
    function = {"index": index, "name": call.name, "arguments": call.arguments}
    return {"id": call.id[:13], "function": function}


def _end(reply: mock_model.Reply, body: Body) -> Body:
    """The last part's reason and measures, in nanoseconds; a zero is left out, as in Go.

    A prompt is cut to the context length without a word (ollama/ollama, `truncating input prompt`
    in the runner's log), and what was cut is not counted.
    """
    window = int(body.get("options", {}).get("num_ctx") or DEFAULT_CONTEXT_LENGTH)
    asked = min(reply.prompt_tokens, window)
    asking, answering = asked * 1_000_000, reply.completion_tokens * 10_000_000
    return _without_zeros(
        {
            "done_reason": "length" if reply.finish_reason == "length" else "stop",
            "total_duration": 1_000_000 + asking + answering,
            "load_duration": 1_000_000,
            "prompt_eval_count": asked,
            "prompt_eval_duration": asking,
            "eval_count": reply.completion_tokens,
            "eval_duration": answering,
        }
    )


def _without_zeros(body: Body) -> Body:
    return {key: value for key, value in body.items() if value != 0}


def _token_numbers(text: str) -> list[int]:
    return [int(mock_model.fingerprint(token)[:4], 16) for token in mock_model.tokens(text)]


def _vector(model: str, text: str, dimensions: int) -> list[float]:
    """A vector, shorter if `dimensions` asks for less than the model has; more is ignored."""
    vector = mock_model.embedding(model, text)
    return mock_model.embedding(model, text, dimensions) if 0 < dimensions < len(vector) else vector


def _layer(name: ModelName, model: Model) -> Body:
    digest = model_files.digest(name)
    size = model_files.model_file(name, model.operation).size
    return {
        "status": f"pulling {digest[:12]}",
        "digest": f"sha256:{digest}",
        "total": size,
        "completed": size,
    }
