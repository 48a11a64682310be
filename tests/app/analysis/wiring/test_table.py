from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.wiring.problems import problems
from app.analysis.wiring.table import ALL_PORTS, ROLES, ChannelRow, SpiSettings, UartSettings, WiringTable, table_of
from app.analysis.wiring.wiring import wiring_from_names, wiring_from_options, wiring_to_text
from app.analysis.wiring.words import FORMATS, baud_of, format_text, idle_ns_of, idle_text, ports_of, ports_text
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.errors import UsageError

CHANNELS = ("SCK", "MOSI", "MISO", "CS1", "CS2", "D5", "D6", "D7")
NAMED = wiring_from_names(CHANNELS)


def named() -> WiringTable:
    return table_of(NAMED, CHANNELS)


def texts(table: WiringTable) -> list[str]:
    return [problem.text for problem in problems(table)]


def roles(table: WiringTable) -> list[tuple[str, tuple[int, ...]]]:
    return [(row.role, row.ports) for row in table.rows]


# From a wiring and back.


def test_lines_that_all_ports_share_have_no_number() -> None:
    shared = [("sck", ALL_PORTS), ("mosi", ALL_PORTS), ("miso", ALL_PORTS), ("cs", (1,)), ("cs", (2,))]
    assert roles(named()) == [*shared, *[("", ALL_PORTS)] * 3]
    assert named().wiring() == NAMED


def test_a_clock_that_only_some_ports_share_names_them() -> None:
    wiring = Wiring((SpiPort(0, 1, cs=3, port=1), SpiPort(0, 1, cs=4, port=2), SpiPort(5, 1, cs=6, port=3)))
    table = table_of(wiring, CHANNELS)
    assert table.rows[0] == ChannelRow("sck", (1, 2))
    assert table.rows[5] == ChannelRow("sck", (3,))
    assert table.wiring() == wiring


def test_a_single_port_without_cs_keeps_its_number() -> None:
    wiring = Wiring((SpiPort(0, 1, port=5),))
    assert table_of(wiring, CHANNELS).wiring() == wiring


@st.composite
def wirings(draw: st.DrawFn) -> Wiring:
    """Any wiring in which no channel has two roles or streams."""
    channels = list(draw(st.permutations(range(24))))
    ports: list[SpiPort] = []
    lines: list[UartLine] = []
    streams = tuple(sorted(draw(st.sets(st.sampled_from(["a", "b", "spi"]), max_size=2))))
    for stream in range(len(streams)):
        shared = {role: channels.pop() for role in draw(st.sets(st.sampled_from(["sck", "mosi"]), max_size=2))}
        numbers = sorted(draw(st.sets(st.integers(1, 15), min_size=1, max_size=3)))
        for number in numbers:
            sck, mosi = shared.get("sck"), shared.get("mosi")
            cs = channels.pop() if len(numbers) > 1 or draw(st.booleans()) else None
            ports.append(
                SpiPort(
                    channels.pop() if sck is None else sck, channels.pop() if mosi is None else mosi, None, cs,
                    port=number, stream=stream, mode=draw(st.integers(0, 3)), lsb_first=draw(st.booleans()),
                )
            )  # fmt: skip
    links = tuple(sorted(draw(st.sets(st.sampled_from(["x", "y"]), max_size=1 if streams else 2))))
    for stream, _ in enumerate(links, len(streams)):
        data_bits, parity, stop_bits = draw(st.sampled_from(FORMATS))
        tx = channels.pop() if draw(st.booleans()) else None
        lines.append(UartLine(channels.pop(), tx, 9600, data_bits, parity, stop_bits, stream=stream, protocol="raw"))
    return Wiring(tuple(ports), tuple(lines), (*streams, *links)) if streams or links else Wiring()


@given(wirings())
def test_a_wiring_comes_back_from_its_table(wiring: Wiring) -> None:
    table = table_of(wiring, [f"D{number}" for number in range(24)])
    assert table.wiring() == wiring
    assert not problems(table) or wiring == Wiring()


@given(
    st.lists(
        st.tuples(st.sampled_from(ROLES), st.sets(st.integers(1, 3), max_size=2), st.sampled_from(["spi", "opto"])),
        min_size=8,
        max_size=8,
    )
)
def test_a_table_without_problems_is_a_wiring_that_the_options_accept(rows: list[tuple[str, set[int], str]]) -> None:
    made = tuple(ChannelRow(role, tuple(sorted(ports)), stream) for role, ports, stream in rows)
    table = replace(named(), rows=made)
    if not problems(table):
        spi, uart = wiring_to_text(table.wiring(), CHANNELS)
        assert wiring_from_options(spi, uart, CHANNELS) == table.wiring()


# Choosing roles.


def test_a_new_cs_gets_the_next_port() -> None:
    assert named().with_role(5, "cs").rows[5] == ChannelRow("cs", (3,))


def test_attn_and_ready_go_to_the_first_port_that_lacks_them() -> None:
    table = named().with_role(5, "attn").with_role(6, "attn").with_role(7, "ready")
    assert [row.ports for row in table.rows[5:]] == [(1,), (2,), (1,)]


def test_serial_lines_pair_up_in_a_stream_of_their_own() -> None:
    table = named().with_role(5, "rx").with_role(6, "tx").with_role(7, "rx")
    assert [row.stream for row in table.rows[5:]] == ["opto", "opto", "opto2"]
    assert table.wiring().streams == ("spi", "opto", "opto2")
    assert table.with_role(5, "sck").rows[5].stream == "spi"


def test_a_role_taken_away_leaves_the_others() -> None:
    table = named().with_role(4, "")
    assert [port.port for port in table.wiring().spi] == [1]


def test_a_channel_that_moves_to_another_stream_takes_the_settings_along() -> None:
    table = named().with_spi("spi", [1, 2], SpiSettings(mode=3))
    for channel in range(5):
        table = table.with_stream(channel, "bus")
    assert table.wiring().streams == ("bus",)
    assert {port.mode for port in table.wiring().spi} == {3}


def test_ports_of_a_stream_are_uniform_until_one_differs() -> None:
    assert named().is_uniform()
    assert not named().with_spi("spi", [2], SpiSettings(mode=1)).is_uniform()


def test_a_new_port_is_read_as_the_one_beside_it() -> None:
    table = named().with_spi("spi", [1, 2], SpiSettings(mode=3)).with_role(5, "cs")
    assert [port.mode for port in table.wiring().spi] == [3, 3, 3]


def test_a_protocol_brings_its_usual_format_unless_another_was_chosen() -> None:
    raw = UartSettings().speaking("raw")
    assert (raw.data_bits, raw.parity, raw.stop_bits) == (8, "none", 1)
    odd = replace(UartSettings(), parity="odd").speaking("raw")
    assert (odd.data_bits, odd.parity) == (7, "odd")


# What may be wrong.


def test_a_wiring_by_name_has_no_problem() -> None:
    assert problems(named()) == []


def test_an_empty_table_says_what_to_do() -> None:
    assert texts(table_of(Wiring(spi=()), CHANNELS)) == [
        "No channel has a role yet: choose roles, or let Propose look at the edges."
    ]


def test_two_clocks_are_told_once_for_all_their_ports() -> None:
    (problem,) = problems(named().with_role(5, "sck"))
    assert problem.text == "SCK and D5 are both sck of ports 1 and 2 of spi: keep one, or number their ports apart."
    assert problem.channels == (0, 5)


def test_a_missing_clock_and_missing_data_lines_are_told() -> None:
    assert texts(named().with_role(0, "")) == ["Ports 1 and 2 of spi have no clock: choose the channel that is sck."]
    without = named().with_role(1, "").with_role(2, "")
    assert texts(without) == [
        "Ports 1 and 2 of spi have no data line: choose the channel that is mosi, the one that is miso, or both."
    ]


def test_two_ports_need_a_cs_each() -> None:
    table = named().with_role(4, "").with_role(3, "").with_role(5, "attn").with_ports(5, (1, 2))
    assert texts(table) == ["Ports 1 and 2 of spi are on the same lines: give each its own cs."]


def test_a_serial_link_needs_its_rx_and_the_sample_rate() -> None:
    table = table_of(Wiring(uart=(UartLine(5),), streams=("opto",)), CHANNELS, has_rate=False)
    assert texts(table) == ["Serial lines need the sample rate, which the recording does not say: open it with its rate."]
    lone = named().with_role(5, "tx")
    assert texts(lone) == ["opto has no rx: choose the channel that carries what the device sends."]


def test_a_bus_and_a_serial_link_are_two_streams() -> None:
    table = named().with_role(5, "rx").with_stream(5, "spi")
    assert "spi has lines of a bus and of a serial link: give the serial link another stream." in texts(table)


@pytest.mark.parametrize("name", ["", "a,b", "a=b", " a"])
def test_a_stream_needs_a_name_that_an_option_can_carry(name: str) -> None:
    table = named()
    for channel in range(5):
        table = table.with_stream(channel, name)
    assert any("is no name for a stream" in text for text in texts(table))


# What a person writes.


@pytest.mark.parametrize(
    ("text", "ports"), [("all", ()), ("", ()), ("3", (3,)), ("2, 1", (1, 2)), ("1 2", (1, 2)), ("15;1", (1, 15))]
)
def test_ports_are_read_as_written(text: str, ports: tuple[int, ...]) -> None:
    assert ports_of(text) == ports
    assert ports_of(ports_text(ports)) == ports


@pytest.mark.parametrize("text", ["0", "16", "one", "1-2", "1,"])
def test_what_is_no_port_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        ports_of(text)
    assert refused.value.remedy


def test_speeds_and_pauses_are_read_as_written() -> None:
    assert (baud_of("auto"), baud_of("19 200")) == (None, 19200)
    assert (idle_ns_of("20us"), idle_ns_of("1.5ms"), idle_ns_of("0")) == (20_000, 1_500_000, 0)
    for text in ("fast", "0", "-1", ""):
        with pytest.raises(UsageError):
            baud_of(text)
    for text in ("soon", "", "1,2", "20"):
        with pytest.raises(UsageError):
            idle_ns_of(text)


@given(st.integers(0, 10**12 - 1))
def test_a_pause_is_read_back_from_its_text(idle_ns: int) -> None:
    assert idle_ns_of(idle_text(idle_ns)) == idle_ns


def test_every_format_has_its_own_text() -> None:
    assert len({format_text(one) for one in FORMATS}) == len(FORMATS) == 5 * 5 * 2
    assert format_text(FORMATS[0]) == "7E1"
