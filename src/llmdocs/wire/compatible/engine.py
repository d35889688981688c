"""Compatible servers: OpenAI's API, accepted and refused as a server's table says."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llmdocs.wire import dialect, mock_model
from llmdocs.wire.accounts import Account, Model, Operation
from llmdocs.wire.compatible.tables import Table, filled, table
from llmdocs.wire.dialect import Refusal, listed, phrase, read_json
from llmdocs.wire.openai.api import (
    chunks,
    completion,
    embeddings,
    event_stream,
    reply_to,
)
from llmdocs.wire.openai.chat_requests import CHAT_PARAMETERS, check_chat
from llmdocs.wire.openai.requests import EMBEDDING_PARAMETERS, Body

# Where each operation is, and the field that a request needs besides `model`.
OPERATIONS: Mapping[Operation, tuple[str, str]] = {
    "chat": ("/chat/completions", "messages"),
    "embeddings": ("/embeddings", "input"),
}
# What a fault's status is in a table.
FAULTS = {413: "too_large", 429: "rate_limit", 503: "overloaded", 529: "overloaded"}


def application(name: str, account: Account) -> Starlette:
    """A server: its routes for chat and embeddings, its list of models, and what is open."""
    return _Server(table(name), account).application(name)


def error_body(name: str, account: Account, status: int, message: str, code: str | None) -> Any:
    """The body of an error that is no fault of the request: JSON, or a text.

    Without a `message` it is in the server's own words, where the table has them; a used-up quota
    always is: OpenAI's code for it is no other's.
    """
    own = "failed" if message else FAULTS.get(status, "failed")
    case = table(name).case("quota" if code == "insufficient_quota" else own, own, "failed")
    values = {"message": message or phrase(status), "code": code, "status": status}
    return case.body(_Server(table(name), account).values | values)


class _Server:
    """One compatible server with one account."""

    def __init__(self, table: Table, account: Account) -> None:
        self._table = table
        self._account = account
        self.values = {
            "keys": listed(sorted(account.keys)),
            "models": listed(account.names()),
            "model": next(iter(account.names("chat")), ""),
            "method": "POST",
            "path": f"{table.path}/chat/completions",
        }

    def application(self, name: str) -> Starlette:
        routes = [Route(path, lambda _: Response()) for path in self._table.open]
        routes.append(Route(f"{self._table.path}/models", self._models))
        routes += [
            self._route(operation)
            for operation in OPERATIONS
            if not self._table.routes_of_served or self._account.names(operation)
        ]
        return dialect.application(
            name, routes, not_found=self._unknown_path, method_not_allowed=self._wrong_method
        )

    def _route(self, operation: Operation) -> Route:
        path, required = OPERATIONS[operation]
        answer = self._chat if operation == "chat" else self._embed

        async def respond(request: Request) -> Response:
            if refusal := self._missed_key(request):
                raise refusal
            body = await self._body(request, required)
            refuse = functools.partial(
                self._refusal, request, models=listed(self._account.names(operation))
            )
            name = body.get("model")
            if not name and self._table.names_no_model != "first":
                raise refuse("missing_field", field="model", body=body)
            model = served(self._account, name, operation)
            if model is None:
                other = {"chat": "no_chat_model", "embeddings": "no_embedding_model"}[operation]
                cases = (other,) if name in self._account.served else ()
                raise refuse(*cases, "unknown_model", model=name)
            if not self._takes_response_format(body):
                raise refuse("response_format")
            try:
                return answer(model.name, body)
            except Refusal as refusal:
                raise refuse("invalid", model=model.name, **_said(refusal)) from None

        return Route(f"{self._table.path}{path}", respond, methods=["POST"])

    async def _models(self, request: Request) -> Response:
        if refusal := self._missed_key(request):
            raise refusal
        card = json.loads(self._table.card)
        cards = [
            filled(card, {"model": name, "created": mock_model.CREATED})
            for name in self._account.names()
        ]
        return JSONResponse({"object": "list", "data": cards})

    def _chat(self, model: str, body: Body) -> Response:
        """A completion, or its chunks. Raises OpenAI's `Refusal` of a body without a meaning."""
        checked = _with_openais_parameters(body)
        check_chat(checked, model)
        reply = reply_to(model, checked)
        if body.get("stream"):
            extra = json.loads(self._table.chunk)
            return event_stream(chunk | extra for chunk in chunks(model, reply, checked))
        extra = json.loads(self._table.completion)
        return JSONResponse(completion(model, reply, checked) | extra)

    def _takes_response_format(self, body: Body) -> bool:
        known, asked = self._table.response_formats, body.get("response_format")
        return not known or not isinstance(asked, dict) or asked.get("type") in known

    def _embed(self, model: str, body: Body) -> Response:
        checked = {name: value for name, value in body.items() if name in EMBEDDING_PARAMETERS}
        return JSONResponse(embeddings(model, checked))

    async def _body(self, request: Request, required: str) -> Body:
        """The request's JSON object, refused if it is none or lacks the field `required`."""
        media_type = request.headers.get("content-type", "").lower().partition(";")[0].strip()
        if media_type != "application/json" and "wrong_media_type" in self._table.refusals:
            raise self._refusal(request, "wrong_media_type", media_type=media_type)
        try:
            body = read_json(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            if "not_json" in self._table.refusals:
                raise self._refusal(request, "not_json")
            body = {}
        if body.get(required) is None:
            raise self._refusal(request, "missing_field", field=required, body=body)
        return body

    def _missed_key(self, request: Request) -> Refusal | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        if not self._account.keys or (scheme.lower() == "bearer" and key in self._account.keys):
            return None
        if scheme.lower() != "bearer" or not key:
            return self._refusal(request, "no_key")
        return self._refusal(request, "wrong_key", "no_key", key=self._table.mask.of(key))

    def _unknown_path(self, request: Request) -> Refusal:
        return self._missed_key_below_the_api(request) or self._refusal(request, "unknown_path")

    def _wrong_method(self, request: Request) -> Refusal:
        refusal = self._refusal(request, "wrong_method", "unknown_path")
        return self._missed_key_below_the_api(request) or refusal

    def _missed_key_below_the_api(self, request: Request) -> Refusal | None:
        below = path_of(request).startswith(self._table.path)
        return self._missed_key(request) if self._table.guards_unknown_paths and below else None

    def _refusal(self, request: Request, *names: str, **values: Any) -> Refusal:
        case = self._table.case(*names)
        known = {"method": request.method, "path": path_of(request), "status": case.status}
        values = {**self.values, "key": "", **known, **values}
        return Refusal(
            case.status,
            case.body(values),
            str(filled(case.hint, values)),
            {**self._table.headers, **case.headers},
        )


def path_of(request: Request) -> str:
    """The path below the root of the server: `llmdocs mock` serves it below a prefix too."""
    return str(request.scope["path"]).removeprefix(request.scope.get("root_path", ""))


def served(account: Account, name: Any, operation: Operation) -> Model | None:
    """The model that a request names, or the first one where it names none."""
    names = account.names(operation)
    if not name and names:
        return account.served[names[0]]
    return account.served[name] if name in names else None


def _said(refusal: Refusal) -> Body:
    """What OpenAI's refusal of a body says."""
    assert isinstance(refusal.body, dict)
    error = refusal.body["error"]
    return {name: error[name] for name in ("message", "param", "code")}


def _with_openais_parameters(body: Body) -> Body:
    """A body without what OpenAI refuses and these servers take, or leave unread.

    That is parameters of their own, such as `top_k`, the effort of models that OpenAI does not
    know, and both limits of tokens at once, of which the newer one counts. OpenAI's rules for
    strict schemas, and for messages that ask for JSON, are its own.
    """
    known = {
        name: value
        for name, value in body.items()
        if name in CHAT_PARAMETERS and name != "reasoning_effort"
    }
    if known.get("max_completion_tokens") is not None:
        known.pop("max_tokens", None)
    form = known.get("response_format")
    if isinstance(form, dict) and isinstance(form.get("json_schema"), dict):
        known["response_format"] = {
            **form,
            "json_schema": {**form["json_schema"], "strict": False},
        }
    if isinstance(form, dict) and form.get("type") == "json_object":
        schema = {"name": "any", "schema": {"type": "object"}}
        known["response_format"] = {"type": "json_schema", "json_schema": schema}
    return known
