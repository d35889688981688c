"""The doctor is right about what people reported, who had never heard of it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from llmdocs.catalogue.elsewhere import GIVEN_UP, prefix_of_host
from llmdocs.client.error_bodies import error_message
from llmdocs.doctor.calls import attempts
from llmdocs.doctor.findings import Finding, Remedy
from llmdocs.doctor.offline import examine
from llmdocs.errors import UnreadableFileError
from llmdocs.wire.server import MockedProviders
from tests.support import reported
from tests.support.reported import Report
from tests.support.shown_sections import shown
from tests.support.site_files import COMPLETE_LANGUAGES, SNIPPETS

pytestmark = pytest.mark.usefixtures("cleared_environment")
# Before any of the models that they name was retired.
REPORTED = date(2022, 1, 1)
every_report = pytest.mark.parametrize("report", reported.reports(), ids=str)


def verdict(env_file: Path | None, report: Report) -> list[Finding]:
    """What the doctor finds: offline if it can, else by its calls."""
    examination = examine(env_file, container=report.container, today=REPORTED)
    if examination.settings is None:
        return examination.findings
    made = (attempt.make() for attempt in attempts(examination.settings, 0.5))
    return [finding for finding in made if finding][:1]


@every_report
def test_the_doctor_is_right_about_a_report(
    report: Report,
    mocked_providers: MockedProviders,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    mocked_providers.requests.clear()
    mocked_providers.faults.clear()
    env_file = reported.make(report, monkeypatch, tmp_path)
    with reported.other_side(report, mocked_providers, monkeypatch):
        try:
            found, said = verdict(env_file, report), ""
        except UnreadableFileError as error:
            found, said = [], str(error)
    right = report.right
    told = said + "\n".join(
        f"{it.code}: {it.problem} {it.reason} {it.fix} {it.remedy}" for it in found
    )

    assert [finding.code for finding in found] == right.findings, told
    assert {n: v for it in found for n, v in it.remedy.values.items()} == right.values, told
    assert {name for it in found for name in it.remedy.removed} == {*right.removed}, told
    assert {name for it in found for name in it.remedy.own} == {*right.own}, told
    assert [name for name in right.names if name not in told] == [], told
    guides = {finding.guide for finding in found}
    for language in COMPLETE_LANGUAGES:
        sections = [shown(guide, language) for guide in guides]
        missing = [it for it in report.words if not any(it in section for section in sections)]
        assert missing == [], f"{language}: not in {guides}"


@every_report
def test_the_words_of_a_report_are_what_was_met(report: Report) -> None:
    """They stand in its answer, or in what its comment says of it."""
    said = reported.text_without_words(report)

    assert [words for words in report.words if words not in said] == []


def test_what_a_provider_says_is_looked_for() -> None:
    """An answer of a sentence has words to look for, and so have two reports of five in all."""
    answers = [
        (report, answer)
        for report in reported.reports()
        for answer in [*filter(None, [report.answer]), *report.answers]
    ]
    without = [
        report.name
        for report, answer in answers
        if len(error_message(answer.body).split()) > 4 and not report.words
    ]

    assert without == ["compose-comment-as-model"]
    assert sum(bool(it.words) for it in reported.reports()) * 5 >= len(reported.reports()) * 2


SURE = [it for it in reported.reports() if it.right.values and not it.right.own]


@pytest.mark.parametrize("report", SURE, ids=str)
def test_what_the_doctor_proposes_for_a_report_leaves_nothing_to_find(
    report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reported.make(report, monkeypatch, tmp_path)
    for name in report.right.removed:
        monkeypatch.delenv(name)
    for name, value in report.right.values.items():
        monkeypatch.setenv(name, value)

    left = examine(container=report.container, today=REPORTED).findings
    # A package, such as that for SOCKS, is no setting.
    assert [finding for finding in left if finding.remedy != Remedy()] == []


def test_there_are_reports_of_many_people() -> None:
    """Sixty at least, of fifteen repositories, on each platform."""
    repositories = {report.source.partition("#")[0] for report in reported.reports()}
    platforms = {report.platform.partition(" ")[0] for report in reported.reports()}

    assert len(reported.reports()) >= 60
    assert len(repositories) >= 15
    assert platforms >= {"Linux", "macOS", "Windows", "WSL", "Docker", "Kubernetes", "GitHub"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source =", r"new\.toml: Invalid value"),
        ('source = "owner"', r"new\.toml: .*\nsource\n"),
        ('sauce = "owner/repository#1"', r"new\.toml: [\s\S]*sauce\n +Extra inputs"),
    ],
)
def test_a_file_that_is_no_report_is_told(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "new.toml"
    path.write_text(text)

    with pytest.raises(ValueError, match=message):
        reported.read(path)


# Providers that litellm has no prefix for.
SERVICES = {"api.siliconflow.cn", "open.bigmodel.cn", "router.requesty.ai"}
# Whose hosts stand in reports; any other may be a person's.
HOSTS = re.compile(
    r"(?:your-[\w-]+|localhost|ollama|[\w-]+\.default\.svc\.cluster\.local|host\.docker\.internal|"
    r"127\.\d+\.\d+\.\d+|0\.0\.0\.0|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|"
    r"(?:[\w-]+\.)*example(?:\.com)?|example\.ngrok-free\.app)(?:\.(?:openai|services\.ai|"
    r"cognitiveservices)\.azure\.com)?"
)


@every_report
def test_a_report_names_no_host_of_a_person(report: Report) -> None:
    hosts = {
        urlsplit(value).hostname or "" for value in report.variables.values() if "://" in value
    }
    known = {host for host in hosts if prefix_of_host(host)} | SERVICES | {*GIVEN_UP}

    assert [host for host in hosts - known if host and not HOSTS.fullmatch(host)] == []


def test_the_report_that_the_how_to_shows_is_one_of_them() -> None:
    shown = reported.read(SNIPPETS / "add-a-report/report.toml")
    (same,) = [report for report in reported.reports() if report.source == shown.source]

    assert shown.right.findings == same.right.findings
    assert shown.answer == same.answer
