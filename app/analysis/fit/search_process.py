"""The search in a process of its own, so that the window never waits for it."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection, wait

from app.analysis.fit.pieces import Material
from app.analysis.fit.search import ALL, Step, search_in

END_S = 1.0


class SearchRun:
    """One search, running; `look` says how far it is."""

    def __init__(self, material: Material, text: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._steps, theirs = context.Pipe()
        self._task = material, text
        self._latest = Step(0, len(material.pieces))
        self._process = context.Process(target=_work, args=(theirs,), name="search", daemon=True)
        self._process.start()
        theirs.close()

    def look(self) -> Step:
        """The latest step; a process that died without a word has found nothing more."""
        try:
            while self._steps.poll():
                step = self._steps.recv()
                if step is None:  # it is ready; a task sent before would be waited for until it is
                    self._steps.send(self._task)
                else:
                    self._latest = step
        except (EOFError, OSError):
            self._latest = Step(ALL, self._latest.stretches, self._latest.offers)
        return self._latest

    def wait(self) -> None:
        """Until there is news, for those who have nothing else to do."""
        wait([self._steps])

    @property
    def is_done(self) -> bool:
        return self._latest.done >= ALL

    def close(self) -> None:
        """End the search, wherever it is."""
        self._process.terminate()
        self._process.join(END_S)
        self._process.close()
        self._steps.close()


def _work(window: Connection) -> None:
    """Ask for the task, and tell only what is news: hundreds of steps have nothing to say."""
    window.send(None)
    material, text = window.recv()
    told = None
    for step in search_in(material, text):
        if step != told:
            window.send(step)
            told = step
    window.close()
