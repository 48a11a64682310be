from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from capture.formats.ahead import read_ahead


class Source:
    """Counts up, remembering what was taken and whether it was closed."""

    def __init__(self, pieces: int, fault: BaseException | None = None) -> None:
        self.pieces = pieces
        self.fault = fault
        self.made = 0
        self.closed = False

    def stream(self) -> Generator[int, None, None]:
        try:
            for number in range(self.pieces):
                self.made = number + 1
                yield number
            if self.fault is not None:
                raise self.fault
        finally:
            self.closed = True


def running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "read ahead"]


def test_all_pieces_come_in_order_and_the_thread_ends() -> None:
    source = Source(1000)
    assert list(read_ahead(source.stream())) == list(range(1000))
    assert source.closed
    assert running() == []


def test_an_empty_source_is_an_empty_stream() -> None:
    assert list(read_ahead(Source(0).stream())) == []
    assert running() == []


def test_the_thread_is_never_more_than_depth_pieces_ahead() -> None:
    source = Source(1000)
    stream = read_ahead(source.stream(), depth=2)
    for taken in range(1, 200):
        next(stream)
        assert source.made <= taken + 3
    stream.close()


def test_a_fault_of_the_source_comes_after_the_pieces_before_it() -> None:
    stream = read_ahead(Source(3, fault=RuntimeError("broken")).stream())
    assert [next(stream), next(stream), next(stream)] == [0, 1, 2]
    with pytest.raises(RuntimeError, match="broken"):
        next(stream)
    assert running() == []


def test_a_consumer_that_stops_early_closes_the_source_and_ends_the_thread() -> None:
    source = Source(10**9)
    stream = read_ahead(source.stream())
    assert next(stream) == 0
    stream.close()
    assert source.closed
    assert running() == []


def test_a_consumer_that_fails_closes_the_source_and_ends_the_thread() -> None:
    source = Source(10**9)

    def consume() -> None:
        for _ in read_ahead(source.stream()):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    assert source.closed
    assert running() == []


def test_a_stream_never_begun_starts_no_thread() -> None:
    read_ahead(Source(5).stream()).close()
    assert running() == []
