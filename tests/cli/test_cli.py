"""The `llmdocs` command as a person and a script use it, wrong input included."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result

from llmdocs import recipes
from llmdocs.catalogue import models
from llmdocs.catalogue.providers import CATALOGUE
from llmdocs.cli import main
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire.server import DIALECTS
from tests.support.site_files import ROOT

LLMDOCS = Path(sys.executable).parent / "llmdocs"
PLAIN = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def run(*arguments: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LLMDOCS, *arguments],
        env={**PLAIN, **variables},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


class TestSettings:
    """In this process: the command imports little, and a process each would cost seconds."""

    @pytest.fixture
    def settings(
        self, cleared_environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Result]:
        monkeypatch.chdir(tmp_path)
        return lambda *arguments, **variables: CliRunner().invoke(
            main, ["settings", *arguments], env=variables
        )

    def test_prints_each_value_and_where_it_came_from(
        self, settings: Callable[..., Result]
    ) -> None:
        Path(".env").write_text("LLM_MODEL=openai/file\nLLM_NUM_RETRIES=3\n")
        result = settings("--env-file", ".env", LLM_MODEL="openai/mine")
        rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}

        assert result.exit_code == 0
        assert rows["LLM_MODEL"] == ["openai/mine", "environment"]
        assert rows["LLM_NUM_RETRIES"] == ["3", ".env:2"]
        assert rows["LLM_RETRY_MIN_WAIT"] == [VARIABLES["LLM_RETRY_MIN_WAIT"].default, "default"]

    def test_json_tells_what_a_value_shadows_and_hides_secrets(
        self, settings: Callable[..., Result]
    ) -> None:
        Path(".env").write_text("LLM_MODEL=openai/file\n")
        result = settings(
            "--json", "--env-file", ".env",
            LLM_MODEL="openai/mine", LLM_API_KEY="sk-secret", LLM_BASE_URL="https://me:word@h.example",
        )  # fmt: skip
        rows = json.loads(result.stdout)

        assert rows["LLM_MODEL"]["shadows"] == [".env:1"]
        assert rows["LLM_API_KEY"]["value"] == "set"
        assert rows["LLM_BASE_URL"]["value"] == "https://***@h.example"
        assert "sk-secret" not in result.output

    def test_without_a_model_it_says_so_on_standard_error(
        self, settings: Callable[..., Result]
    ) -> None:
        result = settings()

        assert result.exit_code == 0
        assert "LLM_MODEL is not set" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "variables", "code", "message"),
        [
            (["--env-file", "none.env"], {}, 2, "none.env: this file cannot be read"),
            ([], {"LLM_NUM_RETRIES": "x"}, 1, "LLM_NUM_RETRIES is 'x'; expected: a whole number"),
            ([], {"LLM_MODLE": "x"}, 1, "LLM_MODLE is not a setting. Did you mean LLM_MODEL?"),
            (["--jso"], {}, 2, "--json"),
        ],
    )
    def test_wrong_input_is_one_clear_error(
        self,
        settings: Callable[..., Result],
        arguments: list[str],
        variables: dict[str, str],
        code: int,
        message: str,
    ) -> None:
        result = settings(*arguments, **variables)

        assert result.exit_code == code
        assert message in result.stderr
        assert isinstance(result.exception, SystemExit)


@pytest.fixture(scope="module")
def told() -> dict[str, str]:
    """What a program sees that runs among the mocks."""
    program = "import json, os, sys; print(json.dumps({**os.environ, 'me': sys.executable}))"
    result = run(
        "mock", "--recipe", "openai", "python", "-c", program, LLM_MODEL="mine", PATH="/usr/bin"
    )
    assert result.returncode == 0, result.stderr
    told: dict[str, str] = json.loads(result.stdout)
    return told


class TestMockWithACommand:
    @pytest.mark.needs("curl")
    def test_curl_reaches_every_provider_at_its_own_address(self) -> None:
        openai = run(
            "mock", "--", "curl", "-sS", "https://api.openai.com/v1/models",
            "-H", "Authorization: Bearer your-openai-api-key",
        )  # fmt: skip
        ollama = run("mock", "--", "curl", "-sS", "http://localhost:11434/api/version")

        assert json.loads(openai.stdout)["object"] == "list", openai.stderr
        assert "version" in json.loads(ollama.stdout), ollama.stderr

    @pytest.mark.needs("curl")
    def test_an_unknown_host_is_refused_with_a_message_that_says_so(self) -> None:
        result = run("mock", "--", "curl", "-sS", "https://api.nowhere.example/v1")

        assert "has no mock for https://api.nowhere.example/v1" in result.stdout
        assert "llmdocs mock: " in result.stderr

    def test_a_client_that_ignores_proxies_is_redirected(self) -> None:
        program = (
            "import asyncio, aiohttp\n"
            "async def main():\n"
            "    async with aiohttp.ClientSession() as session:\n"
            "        async with session.get('https://api.openai.com/v1/models') as answer:\n"
            "            print(answer.status)\n"
            "asyncio.run(main())\n"
        )

        assert run("mock", "--", "python", "-c", program).stdout == "401\n"

    def test_a_certificate_that_is_not_trusted_waits_for_a_tls_connection(self) -> None:
        program = (
            "import httpx\n"
            "with httpx.Client() as client:\n"
            "    for url in ('http://localhost:11434/api/version', 'https://api.openai.com/v1'):\n"
            "        try:\n"
            "            print(client.get(url).status_code)\n"
            "        except httpx.ConnectError as error:\n"
            "            print(error)\n"
        )
        result = run("mock", "--fault", "untrusted-certificate", "--", "python", "-c", program)

        assert result.stdout.startswith("200\n[SSL: CERTIFICATE_VERIFY_FAILED]"), result.stderr

    def test_each_fault_meets_so_many_requests_one_fault_after_another(self) -> None:
        program = (
            "import httpx\n"
            "for _ in range(6):\n"
            "    try:\n"
            "        print(httpx.get('http://localhost:11434/api/version').status_code)\n"
            "    except httpx.TransportError:\n"
            "        print('lost')\n"
        )
        faults = [
            item for name in ("429:2", "ok", "dropped", "refused") for item in ("--fault", name)
        ]
        result = run("mock", *faults, "--", "python", "-c", program)

        assert result.stdout.split() == ["429", "429", "200", "lost", "lost", "200"], result.stderr
        assert "llmdocs mock: ollama met the fault 429: GET http://localhost" in result.stderr
        assert "llmdocs mock: a connection met the fault refused" in result.stderr

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            (
                "broken-of",
                "'broken-of' is not a fault; expected: a status from 400 to 599, or a name",
            ),
            ("broken-of", "Did you mean broken-off? `llmdocs mock --list-faults` explains them."),
            ("200", "'200' is not a fault"),
            ("429:0", "'429:0' is not a fault; expected: NAME or NAME:COUNT"),
        ],
    )
    def test_an_unknown_fault_exits_2_and_names_the_nearest(self, name: str, problem: str) -> None:
        result = run("mock", "--fault", name, "--", "true")

        assert result.returncode == 2
        assert problem in result.stderr

    def test_the_faults_are_listed_with_what_they_do(self) -> None:
        result = run("mock", "--list-faults")

        assert result.returncode == 0
        lines = (line.split(maxsplit=1) for line in result.stdout.splitlines())
        assert dict(lines)["dropped"] == "the connection is lost before the answer"

    def test_the_recipe_fills_in_only_what_the_environment_lacks(
        self, told: dict[str, str]
    ) -> None:
        assert (told["LLM_MODEL"], told["LLM_API_KEY"]) == ("mine", "your-openai-api-key")

    def test_its_own_python_is_first_on_the_path(self, told: dict[str, str]) -> None:
        assert Path(told["me"]).parent == Path(sys.executable).parent

    def test_inherited_proxy_settings_do_not_get_in_the_way(self) -> None:
        program = (
            "import httpx\n"
            "for url in 'http://localhost:11434/api/version', 'https://api.openai.com/v1/models':\n"
            "    print(httpx.get(url).status_code)\n"
        )
        result = run(
            "mock", "--", "python", "-I", "-c", program,
            no_proxy="localhost", ALL_PROXY="http://proxy.example:3128", SSL_CERT_DIR="/nowhere",
        )  # fmt: skip

        assert result.stdout.split() == ["200", "401"], result.stderr

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (["python", "-c", "raise SystemExit(7)"], 7),
            (["python", "-c", "import os; os.kill(os.getpid(), 9)"], 137),
            (["no-such-program"], 127),
            ([""], 127),
            (["./README.md"], 126),
        ],
    )
    def test_the_exit_code_is_the_commands(self, command: list[str], code: int) -> None:
        assert run("mock", "--", *command).returncode == code

    def test_its_own_words_go_to_standard_error(self) -> None:
        result = run("mock", "--", "pyton")

        assert result.stdout == ""
        assert result.stderr.startswith("llmdocs mock: 'pyton' is not a program. Did you mean ")

    def test_a_variable_in_place_of_a_program_is_not_shown(self) -> None:
        result = run("mock", "--", "LLM_API_KEY=Zq7-a-key-of-no-shape", "python")

        assert result.returncode == 127
        assert result.stderr == (
            "llmdocs mock: 'LLM_API_KEY=***' is not a program. Set it before llmdocs mock.\n"
        )

    def test_a_program_that_cannot_be_run_is_one_clear_line(self, tmp_path: Path) -> None:
        (tmp_path / "broken").write_text("#!/no/such/interpreter\n")
        (tmp_path / "broken").chmod(0o755)
        result = run("mock", "./broken", cwd=tmp_path)

        assert result.returncode == 126
        assert result.stderr == (
            "llmdocs mock: ./broken cannot be run: No such file or directory.\n"
        )

    def test_a_recipe_without_a_command_is_refused(self) -> None:
        result = CliRunner().invoke(main, ["mock", "--recipe", "azure"])

        assert result.exit_code == 2

    def test_an_unknown_recipe_exits_2_and_names_the_nearest(self) -> None:
        result = run("mock", "--recipe", "azur", "--", "true")

        assert result.returncode == 2
        assert "Did you mean azure?" in result.stderr


@pytest.fixture
def served() -> Iterator[subprocess.Popen[str]]:
    """`llmdocs mock` alone, on a free port."""
    with subprocess.Popen(
        [LLMDOCS, "mock", "--port", "0", "--json"],
        env=PLAIN,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        yield server
        server.terminate()


class TestMockAlone:
    def test_prints_the_variables_of_each_provider_under_its_name(
        self, served: subprocess.Popen[str]
    ) -> None:
        assert served.stdout
        printed = json.loads(served.stdout.readline())
        url = printed["openai"]["LLM_BASE_URL"].removesuffix("/openai/v1")

        assert printed == {name: recipes.mock_variables(name, url) for name in CATALOGUE}
        with urlopen(f"{printed['ollama']['LLM_BASE_URL']}/api/version") as answer:
            assert answer.status == 200

    def test_a_busy_port_is_one_clear_line(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            result = run("mock", "--port", str(port))

        assert result.returncode == 1
        assert result.stderr.splitlines() == [
            f"llmdocs: Port {port} is in use. Choose another: llmdocs mock --port {port + 1}"
        ]

    def test_it_stops_when_it_is_asked_to(self, served: subprocess.Popen[str]) -> None:
        assert served.stdout
        served.stdout.readline()
        served.terminate()

        assert served.wait(timeout=10) == 0


def modules_after(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    return set(output.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import llmdocs",
        "from llmdocs import LLM, Settings",
        "from llmdocs.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "import llmdocs.site.plugin",
    ],
)
def test_litellm_is_not_imported_before_a_call(statement: str) -> None:
    assert "litellm" not in modules_after(statement)


def test_a_mock_imports_no_dialect_before_a_request() -> None:
    """Nor what it needs no part of: jsonschema, and the settings' own model."""
    mock = ["mock", "--recipe", "azure", "--", "true"]
    imported = modules_after(
        f"from llmdocs.cli import main\ntry: main({mock})\nexcept SystemExit: pass"
    )
    late = {"jsonschema", "llmdocs.settings.fields", "llmdocs.wire.compatible.engine"}
    late |= {f"llmdocs.wire.{dialect}" for dialect in DIALECTS}

    assert "llmdocs.wire.server" in imported
    assert late & imported == set()


@pytest.mark.parametrize("package", ["jsonschema", "trustme", "uvicorn"])
def test_what_a_mock_lacks_is_told_before_the_program_runs(package: str) -> None:
    program = (
        f"import sys\nsys.modules[{package!r}] = None\n"
        "from llmdocs.cli import main\nmain(['mock', '--', 'echo', 'it ran'])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (result.returncode, result.stdout, result.stderr) == (
        1,
        "",
        f"llmdocs: llmdocs mock needs {package}. Install llmdocs with the extra `mock`: "
        "llmdocs[mock]\n",
    )


def test_where_litellm_is_not_installed_that_is_one_line(
    cleared_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a clone that has built the site alone."""
    models._entries.cache_clear()
    monkeypatch.setattr(models, "find_spec", lambda name: None)

    result = CliRunner().invoke(main, ["doctor"], env=recipes.read("openai"))

    assert (result.exit_code, result.stderr) == (
        1,
        "llmdocs: litellm is not installed. In a clone: make .venv/installed\n",
    )


def test_help_needs_little_cpu() -> None:
    """Under ten times what `python -c pass` takes (the bound is 0.2 s where that takes 0.02 s)."""

    def cpu(command: list[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(3):
            subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert cpu([str(LLMDOCS), "--help"]) < 10 * cpu([sys.executable, "-c", "pass"])
