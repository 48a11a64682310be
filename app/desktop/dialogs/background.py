"""Work of a dialog that takes longer than a frame, done in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

from decoders.core.errors import UserError

Result = TypeVar("Result")
LOOK_MS = 20


class Background(Generic[Result]):
    """Runs one function at a time; of several that are asked for only the last is answered.

    `done` gets the result and `failed` a sentence, both in the window's thread. Nothing is called after `close`.
    """

    def __init__(self, parent: QObject, done: Callable[[Result], None], failed: Callable[[str], None]) -> None:
        self._executor = ThreadPoolExecutor(1)
        self._done, self._failed = done, failed
        self._future: Future[Result] | None = None
        self._timer = QTimer(parent)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_busy(self) -> bool:
        return self._future is not None

    def start(self, work: Callable[[], Result]) -> None:
        """Run this instead of what waits; the answer to what runs already is thrown away."""
        if self._future is not None:
            self._future.cancel()
        self._future = self._executor.submit(work)
        self._timer.start()

    def close(self) -> None:
        """Forget what runs; its thread ends by itself."""
        self._future = None
        self._timer.stop()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> None:
        future = self._future
        if future is None or not future.done():
            return
        self._future = None
        self._timer.stop()
        try:
            result = future.result()
        except (UserError, OSError) as error:
            self._failed(str(error))
            return
        self._done(result)
