"""The line that the log has of each request, where that is asked for; no secret stands in it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Send

from llmdocs.redaction.addresses import SECRET_PARAMETER
from llmdocs.redaction.credentials import holds_a_credential
from llmdocs.redaction.secrets import Redaction
from llmdocs.wire.log import log

# A server's path that names the model, Azure's, outranks the body.
DEPLOYMENT = re.compile(r"/deployments/([^/]+)/")
# What is shown of each, in characters.
LONGEST_URL = 2_000
LONGEST_NAME = 200


class RequestLine:
    """What the log tells of one request, once: when its answer starts, or ends without a start.

    `provider`, `keys` (those that its account takes), `body` and `fault` are set on the way.
    """

    def __init__(self, request: Request) -> None:
        self.provider: str | None = None
        self.keys: Collection[str] = ()
        self.body = b""
        self.fault: str | None = None
        self._request = request
        self._is_told = not log.isEnabledFor(logging.INFO)

    def before(self, send: Send) -> Send:
        """`send`, with the line before the start of the answer: the client may end after that."""

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.tell(message["status"])
            await send(message)

        return telling

    def tell(self, status: int | None) -> None:
        """Log the line, if that is not done; `status` is None where there is no answer."""
        if self._is_told:
            return
        self._is_told = True
        fields = self._fields(status)
        parts = [f"{status or 'no answer'} {fields['method']} {fields['url']}"]
        parts += [f"model: {fields['model']}"] if fields["model"] else []
        of_recipe = {True: " (the recipe's)", False: " (not the recipe's)", None: ""}
        parts += [f"key: {fields['key'] or 'none'}{of_recipe[fields['key_is_the_recipes']]}"]
        parts += [f"fault: {self.fault}"] if self.fault else []
        log.info("%s", "  ".join(parts), extra={"fields": fields})

    def _fields(self, status: int | None) -> dict[str, Any]:
        sent = dict(_credentials(self._request))
        own = Redaction(None, {value: name for name, value in sent.items()}).without_short_values()
        known = Redaction.in_force(None)

        def shown(variable: str, value: str, length: int) -> str:
            value = own.text(value) if variable != "LLM_BASE_URL" else own.value(variable, value)
            if len(value) > length:
                return known.excerpt(value, length)
            return known.value(variable, value)

        model = self._model()
        return {
            "provider": self.provider,
            "method": self._request.method,
            "url": shown("LLM_BASE_URL", str(self._request.url), LONGEST_URL),
            "model": model and shown("LLM_MODEL", model, LONGEST_NAME),
            "status": status,
            "key": ", ".join(known.excerpt(name, LONGEST_NAME) for name in sent) or None,
            "key_is_the_recipes": any(value in self.keys for value in sent.values())
            if sent and self.keys
            else None,
            "fault": self.fault,
        }

    def _model(self) -> str | None:
        """The model or deployment that the request names, in its path or its body."""
        deployment = DEPLOYMENT.search(self._request.scope["path"])
        if deployment:
            return deployment[1]
        with suppress(ValueError, RecursionError, AttributeError):
            model = json.loads(self.body).get("model")
            return model if isinstance(model, str) else None
        return None


def _credentials(request: Request) -> Iterator[tuple[str, str]]:
    """Each credential of a request: the header or the parameter, `?key`, that holds it, its value.

    The proxy's own is none of the provider's.
    """
    for name, value in request.headers.items():
        if name == "authorization":
            # RFC 9110, section 11.4: a scheme stands before it.
            value = value.strip().rpartition(" ")[2]
        elif not holds_a_credential(name.replace("-", "_")) or name.startswith("proxy-"):
            continue
        if value and value.lower() not in ("bearer", "basic"):
            yield name, value
    for name, value in request.query_params.multi_items():
        if value and SECRET_PARAMETER.search(name):
            yield f"?{name}", value
