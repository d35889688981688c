"""What is retried, and the waits."""

from __future__ import annotations

import pytest

from llmdocs import Settings
from llmdocs.retries import Failure, classify, retry_after, schedule, wait

SETTINGS = Settings(model="openai/a", num_retries=8, retry_min_wait=15, retry_max_wait=120)
MONDAY_NOON = "Mon, 16 Nov 2026 12:00:00 GMT"
ONE_MINUTE_LATER = "Mon, 16 Nov 2026 12:01:00 GMT"


def test_the_schedule_doubles_from_the_minimum_up_to_the_maximum() -> None:
    settings = Settings(model="openai/a", num_retries=5, retry_min_wait=3, retry_max_wait=20)

    assert schedule(settings) == [3, 6, 12, 20, 20]


def test_no_retries_means_no_waits() -> None:
    assert schedule(Settings(model="openai/a", num_retries=0)) == []


def test_thousands_of_retries_do_not_overflow() -> None:
    settings = Settings(model="openai/a", num_retries=5000)

    assert schedule(settings)[-1] == settings.retry_max_wait


@pytest.mark.parametrize(("asked", "waited"), [(0, 30), (29, 30), (31, 31), (1e9, 120)])
def test_the_provider_can_lengthen_a_wait_up_to_the_maximum(asked: float, waited: float) -> None:
    assert wait(SETTINGS, 2, asked) == waited


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": ONE_MINUTE_LATER, "date": MONDAY_NOON}, 60),
        ({"retry-after": MONDAY_NOON, "date": ONE_MINUTE_LATER}, None),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "7", "retry-after-ms": "x"}, 7),
        ({"retry-after": "7", "retry-after-ms": "-1"}, 7),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, Failure.REFUSED),
        (401, Failure.REFUSED),
        (402, Failure.QUOTA),
        (404, Failure.REFUSED),
        (408, Failure.REQUEST_TIMEOUT),
        (409, Failure.REFUSED),
        (429, Failure.RATE_LIMIT),
        (500, Failure.SERVER_ERROR),
        (529, Failure.SERVER_ERROR),
        (599, Failure.SERVER_ERROR),
        (304, Failure.REDIRECTED),
    ],
)
def test_a_status_is_classified(status: int, failure: Failure) -> None:
    assert classify(status) is failure


def test_an_exhausted_quota_is_no_rate_limit() -> None:
    assert classify(429, frozenset({"insufficient_quota"})) is Failure.QUOTA


@pytest.mark.parametrize(
    "message",
    [
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
        "You have reached your specified workspace API usage limits. You will regain access soon.",
    ],
)
def test_an_exhausted_credit_is_told_from_a_wrong_request_by_its_words(message: str) -> None:
    assert classify(400, frozenset({"invalid_request_error"}), message) is Failure.QUOTA
    assert classify(400, frozenset({"invalid_request_error"}), f"'{message}'") is Failure.REFUSED
