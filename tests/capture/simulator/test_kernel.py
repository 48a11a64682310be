"""Simulated time: what is due happens in its order, once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capture.simulator.kernel import Kernel


@given(st.lists(st.integers(0, 50), max_size=40), st.lists(st.integers(0, 60), max_size=10))
def test_actions_happen_at_their_times_in_the_order_in_which_they_were_asked_for(times: list[int], stops: list[int]) -> None:
    kernel, happened = Kernel(), list[tuple[int, int]]()
    for no, time_ns in enumerate(times):
        kernel.at(time_ns, lambda no=no: happened.append((kernel.now_ns, no)))  # type: ignore[misc] # bound now
    for stop in [*sorted(stops), 51]:
        kernel.run(max(stop, kernel.now_ns))
    assert happened == sorted((time_ns, no) for no, time_ns in enumerate(times))


def test_what_is_due_at_the_end_of_a_run_belongs_to_the_next() -> None:
    kernel, happened = Kernel(), list[int]()
    kernel.at(10, lambda: happened.append(10))
    kernel.run(10)
    assert (happened, kernel.now_ns) == ([], 10)
    kernel.run(11)
    assert (happened, kernel.now_ns) == ([10], 11)


def test_an_action_may_ask_for_another_one_even_at_once() -> None:
    kernel, happened = Kernel(), list[int]()

    def again() -> None:
        happened.append(kernel.now_ns)
        if len(happened) < 4:
            kernel.after(0 if len(happened) == 1 else 7, again)

    kernel.at(5, again)
    kernel.run(100)
    assert happened == [5, 5, 12, 19]


def test_what_has_passed_means_now() -> None:
    kernel, happened = Kernel(), list[int]()
    kernel.run(30)
    kernel.at(10, lambda: happened.append(kernel.now_ns))
    kernel.run(31)
    assert happened == [30]


def test_what_is_cancelled_does_not_happen_and_what_has_happened_cannot_be_cancelled() -> None:
    kernel, happened = Kernel(), list[int]()
    early, late = (kernel.at(time_ns, lambda: happened.append(kernel.now_ns)) for time_ns in (1, 2))
    late.cancel()
    kernel.run(9)
    early.cancel()
    assert (happened, early.action) == ([1], None)
