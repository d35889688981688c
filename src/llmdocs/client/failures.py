"""litellm's exceptions as our errors: who failed, how, in the provider's words, and what to do."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from traceback import walk_tb
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmdocs import retries
from llmdocs.catalogue import causes
from llmdocs.catalogue.providers import Provider
from llmdocs.client import proxies
from llmdocs.client.error_bodies import (
    error_codes,
    error_in_answer_of,
    error_in_body,
    error_message,
    text_of,
)
from llmdocs.errors import (
    AuthenticationError,
    ConnectionFailedError,
    KnownCause,
    NoConnection,
    NotFoundError,
    ProviderError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    QuotaError,
    RateLimitError,
    RedirectError,
    RequestError,
    ResponseError,
)
from llmdocs.redaction.exceptions import Rewriting
from llmdocs.redaction.secrets import without_secrets
from llmdocs.retries import Failure
from llmdocs.settings.settings import Settings

if TYPE_CHECKING:
    import httpx

    from llmdocs.client.bounded_bodies import TransportError
    from llmdocs.client.transport import RedirectedError

ERRORS: dict[Failure, type[ProviderError]] = {
    Failure.RATE_LIMIT: RateLimitError,
    Failure.LASTING_LIMIT: RateLimitError,
    Failure.REQUEST_TIMEOUT: ProviderUnavailableError,
    Failure.SERVER_ERROR: ProviderUnavailableError,
    Failure.NO_CONNECTION: ConnectionFailedError,
    Failure.TIMEOUT: ProviderTimeoutError,
    Failure.QUOTA: QuotaError,
    Failure.REDIRECTED: RedirectError,
    Failure.REFUSED: RequestError,
    Failure.BAD_ANSWER: ResponseError,
}
# The words that people look for, beside ours.
WORDS = {
    Failure.RATE_LIMIT: "rate limit",
    Failure.LASTING_LIMIT: "rate limit",
    Failure.QUOTA: "quota exhausted",
}
# Where the class of an error has other failures too.
ADVICE = {
    Failure.LASTING_LIMIT: "The requested wait is longer than all retries together. Send less at "
    "once, or have the account's limit raised.",
}
REFUSALS = {401: AuthenticationError, 403: AuthenticationError, 404: NotFoundError}
# How xAI and Google refuse a key, with status 400: continuedev/continue#10778, and
# <https://ai.google.dev/gemini-api/docs/troubleshooting>.
WRONG_KEY = re.compile("Incorrect API key provided|API key not valid")
# What the system raised stands at the end of the chain. A wrong certificate is an SSLError too.
KINDS: dict[type[OSError], NoConnection] = {
    socket.gaierror: NoConnection.UNKNOWN_HOST,
    ConnectionRefusedError: NoConnection.REFUSED,
    ssl.SSLCertVerificationError: NoConnection.UNTRUSTED,
    ssl.SSLError: NoConnection.NO_TLS,
}
# How litellm names what it does not send: `support temperature=0.`, `parameters: ['seed'],`.
OPTION = re.compile(r"(?:support |parameters: [\['{\"]+)([A-Za-z_]{1,40})\b(?==|['\"])")
# What httpx raises, a ValueError, for a proxy that it knows no way to.
PROXY_SCHEME = re.compile("Unknown scheme for proxy URL")
# What a file of certificates raises that is not there, or is a folder, before anything is sent.
UNREADABLE = (FileNotFoundError, IsADirectoryError, PermissionError)
# What a row of the catalogue's causes says of a failure that its status does not.
KINDS_OF_CAUSES = {
    "quota": Failure.QUOTA,
    "lasting": Failure.LASTING_LIMIT,
    "refused": Failure.REFUSED,
}


class ErrorTranslator:
    """Words the failures of one client, whose key is never among them."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self._settings = settings
        self._provider = provider

    def explain(
        self, error: Exception, handled: BaseException | None, response: httpx.Response | None
    ) -> tuple[ProviderError, BaseException | None]:
        """Our error for litellm's, and its cause: litellm's, without secrets, or None.

        `handled` is what the caller was already handling: no part of this failure. `response` is
        the last that came, if any did: where its words cannot be read, its status is all that is
        told, and litellm's exception is left out, for it may hold the key.
        """
        try:
            return self._translate(error, handled, response), self._without_secrets(error, handled)
        except Exception:
            return self._by_status(response.status_code if response else None), None

    def _translate(
        self, error: Exception, handled: BaseException | None, response: httpx.Response | None
    ) -> ProviderError:
        """Our error for litellm's, by whether an HTTP status was received.

        litellm's own class and status do not tell: an unreadable answer has status 500 there, and
        a lost connection too. What httpx raised is always in the chain.
        """
        import httpx

        from llmdocs.client.bounded_bodies import TransportError

        chain = list(_chain(error, handled))
        for cause in chain:
            if isinstance(cause, TransportError):
                return self._guarded(cause)
            if isinstance(cause, httpx.HTTPStatusError):
                return self._refused(cause.response)
        if response is not None and response.status_code >= 400:
            return self._refused(response)
        for cause in chain:
            if isinstance(cause, httpx.ConnectTimeout):
                return self._unreached()
            if isinstance(cause, httpx.TimeoutException):
                waited = f"{self._settings.timeout:g} s"
                return self.failed(Failure.TIMEOUT, f"timed out: no data arrived for {waited}")
            if isinstance(cause, httpx.TransportError) and _answer_had_begun(cause):
                return self.failed(
                    Failure.BAD_ANSWER, "closed the connection in the middle of its answer"
                )
            # litellm's async calls know no class for a proxy that refuses but the base of all.
            if isinstance(cause, httpx.TransportError) or type(cause) is httpx.RequestError:
                return self._unconnected(chain)
        said = next(filter(None, map(error_in_answer_of, chain)), "") or error_in_body(response)
        if said:
            return self.error_in_answer(said)
        # litellm refused to send it. Its classes go by name: importing it is the client's.
        classes = {kind.__name__ for kind in type(error).__mro__}
        if "AuthenticationError" in classes:
            return self.failed(Failure.REFUSED, "was not called", kind=AuthenticationError)
        if "UnsupportedParamsError" in classes:
            refused = OPTION.search(str(error))
            option = f"the option {refused[1]}" if refused else "an option"
            return self.failed(Failure.REFUSED, f"does not support {option} of this call")
        problem = _why_nothing_was_sent(chain)
        if problem:
            return self.unsendable(problem)
        return self.failed(Failure.BAD_ANSWER, "sent an answer that cannot be read")

    def _by_status(self, status: int | None) -> ProviderError:
        """The error of an answer of which nothing but the status can be told."""
        if status is None:
            return self.failed(Failure.NO_CONNECTION, "gave no HTTP answer")
        if status < 400:
            return self.failed(Failure.BAD_ANSWER, "sent an answer that cannot be read")
        return self._answered(status, retries.classify(status))

    def _without_secrets(
        self, error: Exception, handled: BaseException | None
    ) -> BaseException | None:
        """litellm's exception, rewritten: what providers echo stands in several of its chain.

        None if that cannot be done.
        """
        return Rewriting(self._settings.redaction(), handled).rewritten(error)

    def unsendable(self, problem: str) -> ProviderError:
        """The error of a request that was never sent."""
        return RequestError(f"Nothing was sent to {self._who()}: {problem}.")

    def error_in_answer(self, message: str) -> ProviderError:
        """The error of an answer that has a status of success, and an error for its body."""
        found = causes.find(self._provider, 200, message=message)
        cause = found[0] if found else None
        what = "sent an error with a success status"
        return self.failed(Failure.BAD_ANSWER, what, message=message, cause=cause)

    def _refused(self, response: httpx.Response) -> ProviderError:
        status = response.status_code
        body = text_of(response)
        codes = error_codes(body)
        message = error_message(body) or body.strip()
        server = response.headers.get("server", "")
        found = causes.find(self._provider, status, codes, message, server)
        cause, of_kind = found or (None, None)
        asked = retries.retry_after(response.headers)
        failure = retries.classify(status, frozenset(codes), message)
        if of_kind:
            failure = KINDS_OF_CAUSES[of_kind]
        elif failure is Failure.RATE_LIMIT and retries.is_beyond_all(self._settings, asked):
            failure = Failure.LASTING_LIMIT
        error = self._answered(status, failure, message, cause)
        if codes:
            error.provider_code = self._settings.without_secrets(codes[0])
        error.retry_after = asked
        return error

    def _answered(
        self,
        status: int,
        failure: Failure,
        message: str = "",
        cause: KnownCause | None = None,
    ) -> ProviderError:
        kind = None
        if failure is Failure.REFUSED:
            says_key = status == 400 and WRONG_KEY.match(message)
            kind = AuthenticationError if says_key else REFUSALS.get(status)
        named = f" ({WORDS[failure]})" if failure in WORDS else ""
        what = f"answered HTTP {status}{named}"
        error = self.failed(failure, what, kind=kind, message=message, cause=cause)
        error.status = status
        return error

    def _guarded(self, refusal: TransportError) -> ProviderError:
        """The error of what was kept from being sent, followed or read."""
        from llmdocs.client import bounded_bodies, transport

        match refusal:
            case transport.RedirectedError():
                return self._redirected(refusal)
            case bounded_bodies.TooLargeError(limit=limit):
                size = f"{limit / transport.BYTES_PER_MEGABYTE:g} MB"
                return self.failed(
                    Failure.BAD_ANSWER,
                    f"sent an answer larger than {size}; raise LLM_MAX_RESPONSE_SIZE if you "
                    "expect answers of that size",
                )
            case bounded_bodies.EndlessEventError():
                return self.failed(Failure.BAD_ANSWER, "sent a stream with an endless event")
            case transport.UnreadableHeadError(status=status):
                return self._by_status(status)
            case transport.StrangeHostError(host=host):
                return self.unsendable(
                    f"the request was for {self._settings.without_secrets(host)}, which is "
                    "neither the host of LLM_BASE_URL nor one of the provider's own"
                )
            case transport.OtherClientError():
                return self.unsendable(
                    "litellm would use another HTTP client than httpx, with no limits on redirects "
                    "and answers. In LLM_MODEL, use a prefix with the same API, such as openai/, "
                    "or remove the credentials that litellm uses besides LLM_API_KEY from the "
                    "environment"
                )
            case transport.ForeignCredentialError(variable=transport.CUSTOM_HEADERS):
                return self.unsendable(
                    f"the request contained a header of {transport.CUSTOM_HEADERS}. Remove that "
                    "variable from the environment, and pass the header to the call as "
                    "extra_headers"
                )
            case transport.ForeignCredentialError(variable=variable):
                return self.unsendable(
                    f"the request contained the value of {variable}, which is not meant for it. "
                    f"Remove {variable} from the environment, or set LLM_API_KEY to its value if "
                    "that is the right key"
                )
        return self.failed(
            Failure.BAD_ANSWER, "sent an answer in a Content-Encoding that was not requested"
        )

    def _redirected(self, refusal: RedirectedError) -> ProviderError:
        status, location = refusal.status, refusal.location
        redaction = self._settings.redaction()
        place = redaction.value("LLM_BASE_URL", str(location)) if location else None
        where = f"to {place}" if place else "without an address"
        error = self.failed(Failure.REDIRECTED, f"answered HTTP {status}, a redirect {where}")
        assert isinstance(error, RedirectError)
        error.status = status
        error.location = place
        return error

    def _unreached(self) -> ProviderError:
        error = self.failed(Failure.TIMEOUT, "timed out: no connection could be established")
        assert isinstance(error, ProviderTimeoutError)
        error.connected = False
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
        cause: KnownCause | None = None,
    ) -> ProviderError:
        """One line for the reader: who, what, the provider's own words, and what to do."""
        kind = kind or ERRORS[failure]
        advice = cause.fix if cause else ADVICE.get(failure, kind.advice)
        message = self._settings.redaction().excerpt(message)
        said = f": {message}" if message else "."
        if said[-1] not in ".!?":
            said += "."
        error = kind(f"{self._who()} {what}{said} {advice}")
        error.advice = advice
        error.retried = failure.retried
        error.known_cause = cause
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
        if isinstance(cause, UnicodeEncodeError | httpx.InvalidURL) or PROXY_SCHEME.match(
            str(cause)
        ):
            unusable = next(proxies.problems(os.environ), None)
            if unusable:
                entry = without_secrets(unusable[1])
                return f"{unusable[0]} contains {entry}, which httpx cannot use"
            return "an option, the address or a proxy variable contains characters invalid in HTTP"
        if isinstance(cause, (ssl.SSLError, *UNREADABLE)):
            return "SSL_CERT_FILE or SSL_VERIFY is not a file of certificates"
        if isinstance(cause, ImportError):
            return f"a package is missing ({str(cause).rstrip('.')})"
    return None


def _answer_had_begun(error: httpx.TransportError) -> bool:
    """Whether it was raised while a body was read: then a status had come before it."""
    import httpx

    reading = {httpx.Response.iter_raw.__code__, httpx.Response.aiter_raw.__code__}
    return any(frame.f_code in reading for frame, _ in walk_tb(error.__traceback__))
