"""Simulated time: actions that happen one after the other, each at its nanosecond."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[[], None]
NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000


class Timer:
    """An action that is due; `action` is None once it has run or `cancel` took it back."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        """Without effect where the action has run."""
        self.action = None


class Kernel:
    """The clock and what is due; actions of one time run in the order in which they were asked for."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._queue: list[tuple[int, int, Timer]] = []
        self._asked = 0

    def at(self, time_ns: int, action: Action) -> Timer:
        """Run an action at a time; one that has passed means now."""
        timer = Timer(action)
        self._asked += 1
        heapq.heappush(self._queue, (max(time_ns, self.now_ns), self._asked, timer))
        return timer

    def after(self, delay_ns: int, action: Action) -> Timer:
        """Run an action after a while."""
        return self.at(self.now_ns + delay_ns, action)

    def run(self, until_ns: int) -> None:
        """Run all that is due before `until_ns`, which is then the time."""
        while self._queue and self._queue[0][0] < until_ns:
            self.now_ns, _, timer = heapq.heappop(self._queue)
            action, timer.action = timer.action, None
            if action is not None:
                action()
        self.now_ns = until_ns
