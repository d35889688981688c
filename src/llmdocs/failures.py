"""litellm's exceptions as our errors: who failed, how, in the provider's words, and what to do."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from traceback import walk_tb
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmdocs import retries
from llmdocs.errors import (
    AnswerError,
    AnswerTimeoutError,
    AuthenticationError,
    ConnectionFailedError,
    NoConnection,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    RequestError,
)
from llmdocs.providers import Provider
from llmdocs.retries import Failure
from llmdocs.secrets import Rewriting
from llmdocs.settings import Settings

if TYPE_CHECKING:
    import httpx

ERRORS: dict[Failure, type[ProviderError]] = {
    Failure.RATE_LIMIT: RateLimitError,
    Failure.REQUEST_TIMEOUT: ProviderUnavailableError,
    Failure.SERVER_ERROR: ProviderUnavailableError,
    Failure.NO_CONNECTION: ConnectionFailedError,
    Failure.TIMEOUT: AnswerTimeoutError,
    Failure.QUOTA: QuotaError,
    Failure.REFUSED: RequestError,
    Failure.BAD_ANSWER: AnswerError,
}
REFUSALS = {401: AuthenticationError, 403: AuthenticationError, 404: NotFoundError}
# What the system raised stands at the end of the chain. A wrong certificate is an SSLError too.
KINDS: dict[type[OSError], NoConnection] = {
    socket.gaierror: NoConnection.UNKNOWN_HOST,
    ConnectionRefusedError: NoConnection.REFUSED,
    ssl.SSLCertVerificationError: NoConnection.UNTRUSTED,
    ssl.SSLError: NoConnection.NO_TLS,
}
# What litellm calls the JSON in which it looks for an error: of an answer, of a stream's piece.
DOCUMENTS = ("response_object", "chunk")
# What a file of certificates raises that is not there, or is a folder, before anything is sent.
UNREADABLE = (FileNotFoundError, IsADirectoryError, PermissionError)
RETRIED_ERRORS = tuple({ERRORS[failure] for failure in Failure if failure.retried})


class Failures:
    """Words the failures of one client, whose key is never among them."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self._settings = settings
        self._provider = provider

    def translate(self, error: Exception, handled: BaseException | None) -> ProviderError:
        """Our error for litellm's, by whether an HTTP status was received.

        `handled` is what the caller was already handling: no part of this failure.

        litellm's own class and status do not tell: an unreadable answer has status 500 there, and
        a lost connection too. What httpx raised is always in the chain.
        """
        import httpx

        chain = list(_chain(error, handled))
        for cause in chain:
            if isinstance(cause, httpx.HTTPStatusError):
                return self._refused(cause.response)
        for cause in chain:
            if isinstance(cause, httpx.TimeoutException):
                return self.failed(Failure.TIMEOUT, "stayed silent for too long")
            if isinstance(cause, httpx.TransportError) and _answer_had_begun(cause):
                return self.failed(Failure.BAD_ANSWER, "broke off in the middle of its answer")
            # litellm's async calls know no class for a proxy that refuses but the base of all.
            if isinstance(cause, httpx.TransportError) or type(cause) is httpx.RequestError:
                return self._unconnected(chain)
        if said := next(filter(None, map(_error_in_answer, chain)), None):
            return self.error_in_answer(said)
        # litellm refused to send it. Its classes go by name: importing it is the client's.
        classes = {kind.__name__ for kind in type(error).__mro__}
        if "AuthenticationError" in classes:
            return self.failed(Failure.REFUSED, "was not called", kind=AuthenticationError)
        if "UnsupportedParamsError" in classes:
            return self.failed(Failure.REFUSED, "does not take an option of this call")
        problem = _why_nothing_was_sent(chain)
        if problem:
            return self.unsendable(problem)
        return self.failed(Failure.BAD_ANSWER, "sent an answer that cannot be read")

    def without_secrets(
        self, error: Exception, handled: BaseException | None
    ) -> BaseException | None:
        """litellm's exception, rewritten: what providers echo stands in several of its chain.

        None if that cannot be done.
        """
        key = self._settings.api_key
        return Rewriting(key.get_secret_value() if key else None, handled).rewritten(error)

    def unsendable(self, problem: str) -> ProviderError:
        """The error of a request that was never sent."""
        return RequestError(f"Nothing was sent to {self._who()}: {problem}.")

    def error_in_answer(self, message: str) -> ProviderError:
        """The error of an answer that has a status of success, and an error for its body."""
        return self.failed(Failure.BAD_ANSWER, "sent an error as its answer", message=message)

    def _refused(self, response: httpx.Response) -> ProviderError:
        status = response.status_code
        codes = _error_codes(response.text)
        message = error_message(response.text) or response.text.strip()
        failure = retries.classify(status, frozenset(codes), message)
        error = self.failed(
            failure,
            f"answered HTTP {status}",
            kind=REFUSALS.get(status) if failure is Failure.REFUSED else None,
            message=message,
        )
        error.status = status
        error.provider_code = next(iter(codes), None)
        error.retry_after = retries.retry_after(response.headers)
        return error

    def _unconnected(self, chain: list[BaseException]) -> ProviderError:
        why = next(
            (KINDS[kind] for kind in KINDS for cause in chain if isinstance(cause, kind)), None
        )
        said = f": {why.value}" if why else ""
        error = self.failed(Failure.NO_CONNECTION, f"gave no HTTP answer{said}")
        assert isinstance(error, ConnectionFailedError)
        error.why = why
        return error

    def failed(
        self,
        failure: Failure,
        what: str,
        *,
        kind: type[ProviderError] | None = None,
        message: str = "",
    ) -> ProviderError:
        """One line for the reader: who, what, the provider's own words, and what to do."""
        kind = kind or ERRORS[failure]
        message = self._settings.without_secrets(message)
        said = f": {message}" if message else "."
        if said[-1] not in ".!?":
            said += "."
        error = kind(f"{self._who()} {what}{said} {kind.advice}")
        error.provider_message = message or None
        return error

    def _who(self) -> str:
        title, base = self._provider.title, self._settings.base_url
        host = urlsplit(base).hostname if base else None
        return f"{title} ({self._settings.without_secrets(host)})" if host else title


def _chain(error: BaseException, handled: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was raised from or while handling, outermost first."""
    seen = {id(handled)}
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _why_nothing_was_sent(chain: Iterable[BaseException]) -> str | None:
    """What kept a request from being sent; a connection that fails has one of httpx's errors."""
    import httpx

    for cause in chain:
        if isinstance(cause, UnicodeEncodeError | httpx.InvalidURL):
            return "an option, the address or a proxy variable holds what HTTP cannot"
        if isinstance(cause, (ssl.SSLError, *UNREADABLE)):
            return "SSL_CERT_FILE or SSL_VERIFY names no file of certificates"
        if isinstance(cause, ImportError):
            return f"a package is missing ({str(cause).rstrip('.')})"
    return None


def _answer_had_begun(error: httpx.TransportError) -> bool:
    """Whether it was raised while a body was read: then a status had come before it."""
    import httpx

    reading = {httpx.Response.iter_raw.__code__, httpx.Response.aiter_raw.__code__}
    return any(frame.f_code in reading for frame, _ in walk_tb(error.__traceback__))


def _error_in_answer(error: BaseException) -> str:
    """What the provider says in the error body of an answer with a status of success, if this is
    what `error` is about.

    The OpenAI SDK keeps the body of an error in a stream. litellm's exceptions lose the words; the
    functions that raise them have them still.
    """
    bodies = [getattr(error, "body", None)]
    for frame, _ in walk_tb(error.__traceback__):
        documents = (frame.f_locals.get(name) for name in DOCUMENTS)
        bodies += [item.get("error") for item in documents if isinstance(item, Mapping)]
    return next(filter(None, map(_message_in, bodies)), "")


def _error_object(body: str) -> Any:
    """The error of a JSON body: an object or a text, or the whole body where none is named."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    return document.get("error", document) if isinstance(document, dict) else None


def _error_codes(body: str) -> list[str]:
    """The `code` and the `type` of an error body, those that it has."""
    error = _error_object(body)
    if not isinstance(error, Mapping):
        return []
    return [str(error[name]) for name in ("code", "type") if error.get(name)]


def error_message(body: str) -> str:
    """The message of an error body, in the form of OpenAI, Azure, Ollama or FastAPI, or nothing."""
    return _message_in(_error_object(body))


def _message_in(error: Any) -> str:
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("detail")
    return error if isinstance(error, str) else ""
