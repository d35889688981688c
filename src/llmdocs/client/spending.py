"""Spending of one client: what its calls have used and cost, and the limit that stops the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from llmdocs.client.prices import Price
from llmdocs.errors import BudgetError


@dataclass(frozen=True)
class Usage:
    """What one client's calls have used so far.

    `calls` were sent, and sent again `retries` times in all. Tokens are those that the provider
    counted; a stream that ended without a count is estimated. `cost` is in US dollars, by litellm's
    price list, and None once an answer came for which it has no price.
    """

    calls: int = 0
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = 0.0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Spending:
    """Counts what calls use. `limit` is in US dollars. Threads may share it."""

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._spent = 0.0
        self._lock = threading.Lock()
        self.usage = Usage()

    def check(self, price: Price) -> None:
        """Raise before a request that there is no money left for, or whose price is unknown."""
        if self._limit is None:
            return
        price.check()
        if self._spent >= self._limit and not price.provider.free:
            raise BudgetError(self._spent, self._limit)

    def count_request(self, *, is_retry: bool) -> None:
        with self._lock:
            usage = self.usage
            self.usage = replace(
                usage, calls=usage.calls + (not is_retry), retries=usage.retries + is_retry
            )

    def count_answer(self, tokens: Any, cost: float | None) -> None:
        """Add the tokens, litellm's `Usage`, and the US dollars of one answer."""
        with self._lock:
            usage = self.usage
            known = cost is not None and usage.cost is not None
            # What is known stays spent, though the whole is not known any more.
            self._spent += cost or 0.0
            self.usage = replace(
                usage,
                prompt_tokens=usage.prompt_tokens + (tokens.prompt_tokens or 0),
                completion_tokens=usage.completion_tokens + (tokens.completion_tokens or 0),
                cost=self._spent if known else None,
            )
