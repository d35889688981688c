"""How the time of a function grows with its input, whatever the speed of the machine.

All times are those of the processor: what else runs on the machine does not count.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SMALL, LARGE = 250, 2000
# A linear function takes LARGE / SMALL = 8 times as long, a quadratic one 64 times.
SUSPECT = 16
# Against a time in proportion to the length: less than what STEEP is for twice a length.
UNEVEN = 1.25
# A linear function takes twice as long for twice the length, a quadratic one four times; where the
# time is that of n√n, 2.8 times.
STEEP = 2.6
# In seconds: a time that is exact enough, one that is not taken twice, and one that nothing takes
# with texts of these lengths unless it grows faster by far.
CERTAIN, LONG, ENDLESS = 0.01, 0.5, 3

Run = Callable[[str], object]
# A text of about a length.
Text = Callable[[int], str]


def is_steep(run: Run, text: Text) -> bool:
    """Whether the time grows faster than the length: at a glance, and if it seems so, with care."""
    try:
        with at_most(ENDLESS):
            small, large = text(SMALL), text(LARGE)
            if seconds(run, large) < SUSPECT * seconds(run, small, 2):
                return False
            sizes = LARGE // 2, LARGE * 64
            return is_suspect(run, text, *sizes) and grows(run, text, *sizes)
    except TimeoutError:
        return True


def is_suspect(run: Run, text: Text, small: int, large: int) -> bool:
    """Whether the time may grow faster than the length, by a look at a few lengths.

    `grows` decides, which takes each time five times.
    """
    before, size = seconds(run, text(small), 2), small
    while size < large:
        size = min(4 * size, large)
        now = seconds(run, text(size))
        if now >= UNEVEN * before * size / small:
            return True
        if now > CERTAIN:
            return False
    return False


def grows(run: Run, text: Text, size: int, most: int) -> bool:
    """Whether two doublings of the length, up to a most, each more than double the time.

    Times are the least of a few. What is short is judged where it is longer, up to `most`.
    """
    before, steep = seconds(run, text(size), 5), 0
    while size < most:
        size *= 2
        now = seconds(run, text(size), 5)
        steep = steep + 1 if now > STEEP * before else 0
        if (steep > 1 and now > CERTAIN) or (steep and now > LONG):
            return True
        if not steep and now > CERTAIN:
            return False
        before = now
    return False


def seconds(run: Run, text: str, times: int = 1) -> float:
    """The least time of a few; one that is long already is not taken again."""
    least = float("inf")
    for _ in range(times):
        start = time.thread_time()
        run(text)
        least = min(least, time.thread_time() - start)
        if least > LONG:
            break
    return least


@contextmanager
def at_most(limit: float) -> Iterator[None]:
    """Raises `TimeoutError` after some seconds of work: patterns of `re` look for signals."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
