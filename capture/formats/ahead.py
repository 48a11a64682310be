"""Producing the next pieces of a stream while its consumer works on this one."""

from __future__ import annotations

from collections.abc import Generator
from queue import SimpleQueue
from threading import Event, Semaphore, Thread
from typing import TypeVar

Piece = TypeVar("Piece")


class _End:
    """What follows the last piece: the fault that ended the stream, if one did."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


def read_ahead(source: Generator[Piece, None, None], depth: int = 3) -> Generator[Piece, None, None]:
    """The pieces of `source`, made by a thread of its own that is at most `depth` pieces ahead.

    A fault of `source` is raised here after the pieces before it. However the consumer ends (the end, an exception, or
    closing the generator), `source` is closed and the thread has ended before this generator has.
    """
    ready: SimpleQueue[Piece | _End] = SimpleQueue()
    room = Semaphore(depth)
    stopped = Event()
    thread = Thread(target=_produce, args=(source, ready, room, stopped), name="read ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(piece := ready.get(), _End):
            room.release()
            yield piece
        if piece.fault is not None:
            raise piece.fault
    finally:
        stopped.set()
        room.release()
        thread.join()


def _produce(source: Generator[Piece, None, None], ready: SimpleQueue[Piece | _End], room: Semaphore, stopped: Event) -> None:
    fault = None
    try:
        for piece in source:
            room.acquire()
            if stopped.is_set():
                break
            ready.put(piece)
    except BaseException as raised:  # noqa: BLE001 - whatever it is, it is the consumer's to handle
        fault = raised
    finally:
        source.close()
        ready.put(_End(fault))
