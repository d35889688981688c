"""What the environment does to a value, a name or a connection, as the doctor tells it."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from llmdocs import LLM
from llmdocs.cli import main
from llmdocs.client.litellm_module import litellm
from llmdocs.doctor import network_checks, offline
from llmdocs.doctor.findings import Finding
from llmdocs.doctor.offline import Examination, examine
from llmdocs.errors import LLMDocsError, UnreadableFileError
from llmdocs.redaction.secrets import Redaction
from llmdocs.settings.variables import VARIABLES
from llmdocs.wire.server import MockedProviders

pytestmark = pytest.mark.usefixtures("cleared_environment")
OPENAI = {"LLM_MODEL": "openai/gpt-4.1-mini", "LLM_API_KEY": "sk-some-key"}
LOCAL = {"LLM_MODEL": "ollama_chat/llama3.2", "LLM_BASE_URL": "http://localhost:11434"}


@pytest.fixture(autouse=True)
def _bare_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    inside(monkeypatch, container=False)


def inside(monkeypatch: pytest.MonkeyPatch, *, container: bool) -> None:
    monkeypatch.setattr(offline, "inside_container", lambda: container)


def examined(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Examination:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return examine()


def found(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[Finding]:
    return examined(monkeypatch, **variables).findings


@pytest.mark.parametrize(
    ("variable", "value", "whole", "said"),
    [
        ("LLM_MODEL", "azure/my-gpt # Options: openai, azure", "azure/my-gpt", "comment"),
        (
            "LLM_MODEL",
            '"openai/gpt-5-mini" -- or gemini/gemini-2.5-flash',
            "openai/gpt-5-mini",
            "comment",
        ),
        ("LLM_MODEL", "'openai/gpt-5-mini'  # mine", "openai/gpt-5-mini", "comment"),
        ("LLM_MODEL", "openai/gpt-5-mini\r", "openai/gpt-5-mini", "line break"),
        ("LLM_API_KEY", "sk-some-key\n", "sk-some-key", "line break"),
        ("LLM_API_KEY", "sk-some-key # mine", "sk-some-key", "comment"),
        ("LLM_BASE_URL", "LLM_BASE_URL=https://h.example/v1", "https://h.example/v1", "name of a"),
        ("LLM_MODEL", 'export LLM_MODEL="openai/m"', "openai/m", "name of a variable"),
        ("LLM_BASE_URL", " 'https://h.example/v1' ", "https://h.example/v1", "quotes or spaces"),
    ],
)
def test_a_damaged_value_is_told_with_the_value_as_it_should_stand(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, whole: str, said: str
) -> None:
    (finding, *_) = found(monkeypatch, **{**OPENAI, variable: value})

    assert (finding.code, finding.remedy.values) == ("quotes", {variable: whole})
    assert said in finding.problem
    assert "sk-some-key" not in f"{finding.problem} {finding.reason} {finding.fix}"


@pytest.mark.parametrize(
    "value", ["openai/model#1", "openai/a--b", "ollama_chat/qwen3:8b", "openai/vendor//model"]
)
def test_what_only_looks_like_a_comment_is_a_part_of_the_value(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    findings = found(monkeypatch, **{**OPENAI, "LLM_MODEL": value, "LLM_BASE_URL": "https://h/v1"})

    assert "quotes" not in [finding.code for finding in findings]


def test_a_comment_after_a_value_is_not_shown_for_it_may_be_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (finding,) = found(monkeypatch, **{**OPENAI, "LLM_MODEL": "openai/m # hunter2 is the password"})

    assert finding.problem == "LLM_MODEL, 'openai/m', has a comment after it."
    for options in ([], ["--json"]):
        assert "hunter2" not in CliRunner().invoke(main, ["doctor", "--offline", *options]).output
    assert "hunter2" not in CliRunner().invoke(main, ["settings"]).output


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_named_as_that(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / ".env"
    text = "LLM_MODEL=openai/m\r\n"
    file.write_bytes((text if encoding == "utf-16" else f"\ufeff{text}").encode(encoding))

    with pytest.raises(UnreadableFileError, match=r"is UTF-16 text, which > in Windows PowerShell"):
        examine(env_file=file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("LLM_MODEL=openai/m\r\n".encode("utf-16-le"), "is UTF-16 text"),
        ("LLM_MODEL=openai/m\r\n".encode("utf-16-be"), "is UTF-16 text"),
        (b"LLM_MODEL=openai/m\0\n", "contains a NUL character"),
    ],
)
def test_a_file_with_nul_characters_is_not_read(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)

    with pytest.raises(UnreadableFileError, match=told):
        examine(env_file=file)


class TestAnEmptyVariable:
    @pytest.mark.parametrize("container", [False, True])
    @pytest.mark.parametrize("variable", ["LLM_MODEL", "LLM_API_KEY"])
    def test_is_told_as_set_and_empty(
        self, monkeypatch: pytest.MonkeyPatch, variable: str, container: bool
    ) -> None:
        inside(monkeypatch, container=container)
        (finding, *_) = found(monkeypatch, **{**OPENAI, variable: ""})

        assert finding.code == "empty"
        assert finding.problem == f"{variable} is set, but empty."
        assert "${NAME:-}" in finding.reason

    def test_that_needs_no_value_is_no_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert found(monkeypatch, **OPENAI, LLM_BASE_URL="", LLM_TIMEOUT="") == []

    def test_whose_value_a_file_has_is_no_finding(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        file = tmp_path / ".env"
        file.write_text("LLM_API_KEY=sk-of-the-file\n")
        for name, value in {**OPENAI, "LLM_API_KEY": ""}.items():
            monkeypatch.setenv(name, value)

        assert examine(env_file=file).findings == []


class TestAnUnknownName:
    @pytest.mark.parametrize(
        ("name", "value", "values"),
        [
            ("LLM_APIKEY", "sk-x", {"LLM_API_KEY": "sk-x"}),
            ("LLM_MODLE", "openai/m", {"LLM_MODEL": "openai/m"}),
            ("LLM_API_BASE", "https://h/v1", {"LLM_BASE_URL": "https://h/v1"}),
            ("LLM_ENDPOINT", "https://h/v1", {"LLM_BASE_URL": "https://h/v1"}),
            ("LLM_MODEL_NAME", "openai/m", {"LLM_MODEL": "openai/m"}),
        ],
    )
    def test_that_is_beyond_doubt_is_renamed(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, values: dict[str, str]
    ) -> None:
        (finding, *_) = found(monkeypatch, **{name: value})

        assert finding.remedy.values == values
        assert finding.remedy.removed == (name,)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("LLM_PROVIDER", "ollama"), ("LLM_API_BASE", "https://h/v1"), ("LLM_MODLE", "openai/m")],
    )
    def test_whose_place_is_taken_is_taken_out(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        settings = {**OPENAI, "LLM_BASE_URL": "https://other.example/v1", name: value}
        (finding,) = found(monkeypatch, **settings)

        assert (finding.code, finding.remedy.values) == ("unknown-variable", {})
        assert "Rename" not in finding.fix

    @pytest.mark.parametrize(
        ("name", "fix"),
        [
            ("LLM_TEMPERATURE", "pass temperature to the call"),
            ("LLM_CACHING_PROMPT", "a variable of OpenHands, and llmdocs does not read it"),
            ("LLM_NUMBER_OF_RETRIES", "Remove it. Or did you mean LLM_NUM_RETRIES?"),
            ("LLM_ZZZ", "Remove it. `llmdocs settings` lists all settings."),
        ],
    )
    def test_of_which_nothing_is_certain_leads_to_no_other_finding(
        self, monkeypatch: pytest.MonkeyPatch, name: str, fix: str
    ) -> None:
        (finding,) = found(monkeypatch, **OPENAI, **{name: "0"})

        assert fix in finding.fix
        assert (finding.remedy.values, finding.remedy.removed) == ({}, (name,))

    def test_of_the_provider_becomes_the_prefix_of_a_model_that_has_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (finding, *_) = found(monkeypatch, LLM_PROVIDER="ollama", LLM_MODEL="qwen3:8b")

        assert finding.remedy.values == {"LLM_MODEL": "ollama_chat/qwen3:8b"}

    def test_of_a_clouds_credentials_is_renamed_to_what_reads_them(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (finding, *_) = found(
            monkeypatch, LLM_MODEL="bedrock/m", LLM_AWS_SECRET_ACCESS_KEY="a-secret"
        )

        assert finding.remedy.values == {"AWS_SECRET_ACCESS_KEY": "a-secret"}
        assert "a-secret" not in f"{finding}"

    def test_that_begins_with_a_byte_order_mark_is_told_as_that(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (finding,) = found(monkeypatch, **{"\ufeffLLM_MODEL": "openai/m", "LLM_API_KEY": "sk-x"})

        assert (finding.code, finding.remedy.values) == ("file-form", {"LLM_MODEL": "openai/m"})

    @pytest.mark.parametrize("container", [False, True])
    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ('$env:LLM_MODEL="openai/m"\n$env:LLM_API_KEY = "sk-some-key"\n', "file-form"),
            ("llm_model=openai/m\nLlm_Api_Key=sk-some-key\n", "unknown-variable"),
        ],
    )
    def test_that_is_ours_but_for_its_spelling_is_renamed(
        self, monkeypatch: pytest.MonkeyPatch, lines: str, code: str, container: bool
    ) -> None:
        inside(monkeypatch, container=container)
        Path("own.env").write_text(lines)
        findings = examine("own.env").findings

        assert [finding.code for finding in findings] == [code, code]
        values = {name: value for it in findings for name, value in it.remedy.values.items()}
        assert values == {"LLM_MODEL": "openai/m", "LLM_API_KEY": "sk-some-key"}
        assert "sk-some-key" not in f"{findings}"

    @pytest.mark.parametrize("name", ["llm_timeout", "$env:LLM_BASE_URL", "llm_model"])
    def test_that_is_spelt_so_beside_settings_that_work_belongs_to_others(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        assert found(monkeypatch, **OPENAI, **{name: "5"}) == []

    def test_that_is_spelt_so_where_no_model_is_belongs_to_others(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (finding,) = found(monkeypatch, llm_timeout="5")

        assert finding.code == "missing"


class TestAProxy:
    @pytest.mark.parametrize(
        ("name", "value", "values"),
        [
            ("ALL_PROXY", "socks://127.0.0.1:10808/", {"ALL_PROXY": "socks5://127.0.0.1:10808/"}),
            ("https_proxy", "ftp://p.example:21", {}),
            ("HTTP_PORXY", "http://p.example:3128", {"HTTP_PROXY": "http://p.example:3128"}),
            ("HTTPS_PROXI", "http://p.example:3128", {"HTTPS_PROXY": "http://p.example:3128"}),
        ],
    )
    def test_that_cannot_be_used_is_told(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str, values: dict[str, str]
    ) -> None:
        (finding,) = found(monkeypatch, **OPENAI, **{name: value})

        assert (finding.code, finding.remedy.values) == ("proxy", values)

    @pytest.mark.parametrize(
        "variables",
        [
            {"HTTPS_PROXY": "http://p.example:3128"},
            {"https_proxy": "p.example:3128", "NO_PROXY": "localhost, .example, 10.0.0.1, ::1"},
            {"NO_PROXY": "localhost,127.0.0.0/8,192.168.0.0/16,*.local,::1,example.com:8080"},
            {"NO_PROXY": "*"},
            {"MY_PROXY": "x", "HTTP_PROXY_USER": "y", "GIT_PROXY": "z"},
        ],
        ids=str,
    )
    def test_that_can_be_used_is_no_finding(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
    ) -> None:
        assert found(monkeypatch, **OPENAI, **variables) == []

    @pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
    @pytest.mark.parametrize("entry", ["fd07:b51a:cc66:f0::/64", "host:port", "[::1]"])
    def test_an_exception_that_httpx_cannot_read_is_named_and_stops_every_call(
        self, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, name: str, entry: str
    ) -> None:
        (finding,) = found(monkeypatch, **OPENAI, **{name: f"localhost,{entry}"})

        assert (finding.code, finding.remedy.values) == ("proxy", {name: "localhost"})
        assert entry in finding.problem
        said = f"Nothing was sent to OpenAI: {name} contains {re.escape(entry)}, which httpx cannot"
        with pytest.raises(LLMDocsError, match=said):
            LLM.from_env().complete("Hi")

    @pytest.mark.parametrize("model", ["openai/m", "moonshot/m", "ollama_chat/m", "anthropic/m"])
    def test_of_an_unknown_scheme_is_named_by_the_client_too(
        self, wire: MockedProviders, monkeypatch: pytest.MonkeyPatch, model: str
    ) -> None:
        settings = {"LLM_MODEL": model, "LLM_API_KEY": "sk-some-key"}
        if model.startswith("ollama"):
            settings["LLM_BASE_URL"] = "http://gpu.example:11434"
        for name, value in {**settings, "ALL_PROXY": "socks://p.example:1"}.items():
            monkeypatch.setenv(name, value)
        litellm().in_memory_llm_clients_cache.flush_cache()
        with pytest.raises(
            LLMDocsError, match="ALL_PROXY contains socks://, which httpx cannot use"
        ):
            LLM.from_env().complete("Hi")
        litellm().in_memory_llm_clients_cache.flush_cache()

    @pytest.mark.parametrize(
        "entry",
        [
            "::1",
            "::1/128",
            "10.0.0.0/8",
            "a b",
            "http://a",
            "http://[",
            "é.example",
            "*",
            ".a",
            "a:1",
        ],
    )
    def test_has_the_exceptions_that_httpx_reads(
        self, monkeypatch: pytest.MonkeyPatch, entry: str
    ) -> None:
        readable = found(monkeypatch, **OPENAI, NO_PROXY=entry) == []
        try:
            httpx.Client().close()
        except httpx.InvalidURL:
            assert not readable
        else:
            assert readable

    def test_for_a_server_of_this_machine_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        (finding,) = found(monkeypatch, **LOCAL, http_proxy="http://p.example:3128", NO_PROXY="a.b")

        assert finding.remedy.values == {"NO_PROXY": "a.b,localhost,127.0.0.1"}
        assert found(monkeypatch, **finding.remedy.values) == []

    def test_of_the_container_itself_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        inside(monkeypatch, container=True)
        (finding,) = found(monkeypatch, **OPENAI, HTTPS_PROXY="http://127.0.0.1:7890")

        assert "this is a container" in finding.problem


def test_certificates_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = found(monkeypatch, **OPENAI, SSL_CERT_FILE="/opt/gone/cacert.pem")

    assert (finding.code, finding.remedy.removed) == ("certificate", ("SSL_CERT_FILE",))


class TestWhatIsSentBeside:
    @pytest.mark.parametrize("name", network_checks.SENT_TOO)
    def test_is_named_with_its_effect(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        told = examined(monkeypatch, **OPENAI, **{name: "org-0000"}).notes

        assert [note for note in told if note.startswith(f"{name} is sent")] != []

    @pytest.mark.parametrize("name", network_checks.SENT_TOO)
    def test_is_no_matter_of_another_provider(
        self, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        assert examined(monkeypatch, **LOCAL, **{name: "org-0000"}).notes == ()

    def test_is_all_that_openais_client_reads_and_we_do_not_decide(self) -> None:
        """A new one in the locked package is a new line here: read what it does first."""
        assert read_by("openai") - DECIDED == {"OPENAI_ORG_ID", "OPENAI_PROJECT_ID"}

    def test_is_all_that_litellm_reads_for_openai_and_we_do_not_decide(self) -> None:
        """A new one in the locked litellm is a new line here, or in `SENT_TOO`."""
        spec = find_spec("litellm")
        assert spec
        assert spec.origin
        folder = Path(spec.origin).parent
        files = [folder / "main.py", *(folder / "llms/openai").rglob("*.py")]
        read = {name for file in files for name in OF_OPENAI.findall(file.read_text("utf-8"))}

        assert read - DECIDED - {*NO_MATTER} == {"OPENAI_ORGANIZATION"}

    def test_is_nothing_that_anthropics_client_reads(self) -> None:
        assert read_by("anthropic") - DECIDED == set()


# The client decides these by LLM_*, or refuses to send what they hold.
DECIDED = {
    "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_CUSTOM_HEADERS",
    "OPENAI_WEBHOOK_SECRET", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_WEBHOOK_SIGNING_KEY",
}  # fmt: skip

OF_OPENAI = re.compile('"(OPENAI_[A-Z_]+)"')
# What litellm reads of them for other calls than ours, and why they change none.
NO_MATTER = {
    "OPENAI_API_BASE": "tests/client/test_every_prefix.py: it goes unread",
    "OPENAI_LIKE_API_BASE": "as the last",
    "OPENAI_LIKE_API_KEY": "as the last",
    "OPENAI_PROJECT": "of spoken answers alone",
    "OPENAI_IDENTITY_PROVIDER_ID": "a sign-in in the place of a key, where none is given",
    "OPENAI_IDENTITY_TOKEN_FILE": "as the last",
    "OPENAI_SERVICE_ACCOUNT_ID": "as the last",
}


def read_by(package: str) -> set[str]:
    """The variables that a package's client reads, by its source."""
    spec = find_spec(package)
    assert spec
    assert spec.origin
    tree = ast.parse(Path(spec.origin).with_name("_client.py").read_text("utf-8"))
    texts = {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {text for text in texts if re.fullmatch(f"{package.upper()}_[A-Z_]+", text)}


def test_no_finding_follows_from_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """LLM_TEMPERATURE=0 was taken for LLM_TIMEOUT, and then LLM_TIMEOUT was 0."""
    for name in ("LLM_TEMPERATURE", "LLM_TIMES", "LLM_RETRY_WAIT"):
        (finding,) = found(monkeypatch, **OPENAI, **{name: "0"})
        assert {*finding.remedy.values} & {*VARIABLES} == set()
        monkeypatch.delenv(name)


@pytest.mark.parametrize("key", ["ollama", "lm-studio", "not-needed", "EMPTY"])
def test_a_stand_in_for_a_key_is_no_secret(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """LLM_API_KEY=ollama made [LLM_API_KEY]/dolphin-mixtral of the model."""
    model = f"{key}/dolphin-mixtral"
    redaction = examined(monkeypatch, LLM_MODEL=model, LLM_API_KEY=key).redaction

    assert redaction.value("LLM_MODEL", model) == redaction.text(model) == model
    monkeypatch.setenv("OPENAI_API_KEY", key)
    assert Redaction.in_force(None).text(model) == model
