"""What a network does wrong: a name that does not resolve, no server, TLS that cannot be."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest

from llmdocs.wire.faults import Fault, named
from llmdocs.wire.redirect import sitecustomize as redirect
from llmdocs.wire.server import MockedProviders

MODELS = "https://api.openai.com/v1/models"
VERSION = "http://localhost:11434/api/version"
DOCKER_HOST = "host.docker.internal"


def cause_of(error: BaseException) -> OSError:
    """The error of the system that a client's own was raised from."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return cause
        cause = cause.__cause__ or cause.__context__
    raise AssertionError(f"no OSError under {error!r}")


def failure_of(action: Callable[[], object]) -> OSError:
    with pytest.raises((httpx.TransportError, aiohttp.ClientError, OSError)) as caught:
        action()
    return cause_of(caught.value)


def get_without_httpx(url: str, ca_file: object) -> None:
    """As clients do that read no proxy variables."""

    async def get() -> None:
        context = ssl.create_default_context(cafile=str(ca_file))
        connector = aiohttp.TCPConnector(ssl=context)
        async with aiohttp.ClientSession(connector=connector) as session, session.get(url):
            pass

    asyncio.run(get())


@pytest.fixture
def proxied(wire: MockedProviders) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=str(wire.ca_file))
    with httpx.Client(proxy=wire.url, verify=context) as client:
        yield client


@pytest.fixture
def keeping(wire: MockedProviders) -> Iterator[httpx.Client]:
    """A client that has a connection to a provider open already."""
    with httpx.Client() as client:
        client.get(MODELS)
        yield client


@pytest.fixture
def untrusted() -> Fault | None:
    return named("untrusted-certificate")


def closed_port() -> int:
    """A port of this machine that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class TestAHostThatDoesNotResolve:
    @pytest.mark.parametrize(
        "look_up",
        [
            lambda name: socket.getaddrinfo(name, 443),
            lambda name: socket.getaddrinfo(host=name.encode(), port="https"),
            socket.gethostbyname,
            socket.gethostbyname_ex,
            lambda name: socket.create_connection((name, 443)),
        ],
    )
    @pytest.mark.parametrize("name", ["invalid", "nowhere.invalid", "Nowhere.INVALID."])
    def test_no_name_below_invalid_is_found(
        self, wire: MockedProviders, look_up: Callable[[str], Any], name: str
    ) -> None:
        with pytest.raises(socket.gaierror) as caught:
            look_up(name)

        assert caught.value.errno == socket.EAI_NONAME

    def test_a_socket_that_connects_to_the_name_itself_does_not_find_it(
        self, wire: MockedProviders
    ) -> None:
        with socket.socket() as connection, pytest.raises(socket.gaierror):
            connection.connect(("nowhere.invalid", 443))

    def test_a_name_that_only_ends_like_it_is_found(self, wire: MockedProviders) -> None:
        assert socket.gethostbyname("not-invalid") == redirect.STAND_IN_ADDRESS

    def test_any_name_can_be_lost_for_a_while(self, wire: MockedProviders) -> None:
        with redirect.unresolvable("Host.Docker.Internal"):
            failure = failure_of(lambda: httpx.get(f"http://{DOCKER_HOST}:11434/api/version"))

        assert type(failure) is socket.gaierror
        assert httpx.get(f"http://{DOCKER_HOST}:11434/api/version").status_code == 200

    def test_a_name_is_lost_until_the_outer_block_ends(self) -> None:
        with redirect.unresolvable(DOCKER_HOST):
            with redirect.unresolvable(DOCKER_HOST):
                pass

            assert not redirect.resolves(DOCKER_HOST)

    def test_a_client_that_reads_no_proxy_does_not_find_it(self, wire: MockedProviders) -> None:
        failure = failure_of(lambda: get_without_httpx("https://nowhere.invalid", wire.ca_file))

        assert isinstance(failure, aiohttp.ClientConnectorDNSError)

    def test_a_proxy_refuses_the_tunnel_with_a_502_that_says_why(
        self, wire: MockedProviders
    ) -> None:
        with socket.create_connection(("127.0.0.1", wire.port)) as tunnel:
            tunnel.sendall(b"CONNECT nowhere.invalid:443 HTTP/1.1\r\n\r\n")
            answer = b"".join(iter(lambda: tunnel.recv(1000), b""))

        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert b"Proxy-Status: llmdocs-mock; error=dns_error\r\n" in answer

    def test_a_proxy_answers_a_plain_request_with_a_502_that_says_why(
        self, wire: MockedProviders, proxied: httpx.Client
    ) -> None:
        with redirect.unresolvable(DOCKER_HOST):
            answer = proxied.get(f"http://{DOCKER_HOST}:11434/api/version")

        assert answer.status_code == 502
        assert answer.headers["proxy-status"] == "llmdocs-mock; error=dns_error"

    def test_a_client_that_keeps_its_connections_looks_the_name_up_again_after_a_hang_up(
        self, wire: MockedProviders, keeping: httpx.Client
    ) -> None:
        with redirect.unresolvable("api.openai.com"):
            kept = keeping.get(MODELS)
            wire.close_connections()
            failure = failure_of(lambda: keeping.get(MODELS))

        assert (kept.status_code, type(failure)) == (401, socket.gaierror)


class TestAPortWhereNothingListens:
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_the_system_itself_refuses(self, wire: MockedProviders, host: str) -> None:
        failure = failure_of(lambda: httpx.get(f"http://{host}:{closed_port()}/"))

        assert type(failure) is ConnectionRefusedError

    def test_a_proxy_refuses_the_tunnel_with_a_502_that_says_why(
        self, wire: MockedProviders
    ) -> None:
        with socket.create_connection(("127.0.0.1", wire.port)) as tunnel:
            tunnel.sendall(f"CONNECT localhost:{closed_port()} HTTP/1.1\r\n\r\n".encode())
            answer = b"".join(iter(lambda: tunnel.recv(1000), b""))

        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert b"Proxy-Status: llmdocs-mock; error=connection_refused\r\n" in answer


class TestTLSToAPortWithoutIt:
    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", DOCKER_HOST])
    def test_the_handshake_fails(self, wire: MockedProviders, host: str) -> None:
        failure = failure_of(lambda: httpx.get(f"https://{host}:11434/api/version"))

        assert type(failure) is ssl.SSLError
        assert wire.requests == []

    def test_it_fails_through_a_proxy(self, wire: MockedProviders, proxied: httpx.Client) -> None:
        failure = failure_of(lambda: proxied.get("https://localhost:11434/api/version"))

        assert type(failure) is ssl.SSLError

    def test_it_fails_for_a_client_that_reads_no_proxy(self, wire: MockedProviders) -> None:
        failure = failure_of(lambda: get_without_httpx("https://localhost:11434", wire.ca_file))

        assert isinstance(failure, aiohttp.ClientConnectorSSLError)


class TestACertificateThatIsNotTrusted:
    def test_the_next_tls_connection_meets_it_and_the_one_after_does_not(
        self, wire: MockedProviders, untrusted: Fault
    ) -> None:
        wire.faults.append(untrusted)
        failure = failure_of(lambda: httpx.get(MODELS))

        assert type(failure) is ssl.SSLCertVerificationError
        assert httpx.get(MODELS).status_code == 401

    def test_a_tunnel_meets_it(
        self, wire: MockedProviders, proxied: httpx.Client, untrusted: Fault
    ) -> None:
        wire.faults.append(untrusted)

        assert type(failure_of(lambda: proxied.get(MODELS))) is ssl.SSLCertVerificationError

    def test_a_client_that_does_not_look_at_certificates_is_answered(
        self, wire: MockedProviders, untrusted: Fault
    ) -> None:
        wire.faults.append(untrusted)

        assert httpx.get(MODELS, verify=False).status_code == 401
        assert wire.faults == []

    def test_plain_http_passes_it_by(self, wire: MockedProviders, untrusted: Fault) -> None:
        wire.faults.append(untrusted)

        assert httpx.get(VERSION).status_code == 200
        assert wire.faults == [untrusted]

    def test_the_answer_before_it_in_the_script_ends_its_connection(
        self, wire: MockedProviders, keeping: httpx.Client, untrusted: Fault
    ) -> None:
        wire.faults[:] = [None, untrusted]
        answer = keeping.get(MODELS)

        assert answer.status_code == 401
        assert type(failure_of(lambda: keeping.get(MODELS))) is ssl.SSLCertVerificationError

    def test_a_connection_that_is_kept_does_not_lead_past_it(
        self, wire: MockedProviders, keeping: httpx.Client, untrusted: Fault
    ) -> None:
        wire.faults.append(untrusted)
        with pytest.raises(httpx.RemoteProtocolError):
            keeping.get(MODELS)

        assert type(failure_of(lambda: keeping.get(MODELS))) is ssl.SSLCertVerificationError

    def test_after_a_hang_up_the_first_request_meets_it(
        self, wire: MockedProviders, keeping: httpx.Client, untrusted: Fault
    ) -> None:
        wire.faults.append(untrusted)
        wire.close_connections()

        assert type(failure_of(lambda: keeping.get(MODELS))) is ssl.SSLCertVerificationError


class TestARefusedConnection:
    """Nothing listens at a local provider's port: the system itself says so."""

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_in_a_container_this_machine_refuses_and_the_one_around_it_answers(
        self, wire: MockedProviders, host: str
    ) -> None:
        with redirect.refused(beyond_this_machine=False):
            error = failure_of(lambda: httpx.get(f"http://{host}:11434/api/version"))
            answer = httpx.get(f"http://{DOCKER_HOST}:11434/api/version")

        assert type(error) is ConnectionRefusedError
        assert answer.status_code == 200

    @pytest.mark.parametrize("host", ["localhost", DOCKER_HOST])
    def test_a_server_that_does_not_run_refuses_everyone(
        self, wire: MockedProviders, host: str
    ) -> None:
        with redirect.refused(beyond_this_machine=True):
            error = failure_of(lambda: httpx.get(f"http://{host}:11434/api/version"))

        assert type(error) is ConnectionRefusedError
        assert httpx.get(VERSION).status_code == 200

    def test_other_ports_are_left_alone(self, wire: MockedProviders) -> None:
        with redirect.refused(beyond_this_machine=True):
            assert httpx.get(MODELS).status_code == 401
