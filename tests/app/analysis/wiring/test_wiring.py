from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.analysis.wiring.option import find_channel
from app.analysis.wiring.wiring import wiring_from_names, wiring_from_options, wiring_to_text
from decoders.bus.wiring import SpiPort, UartLine, Wiring
from decoders.core.errors import UsageError

CHANNELS = ("SCK", "MOSI", "MISO", "CS1", "CS2", "attn", "D6", "D7")


# Names.


@pytest.mark.parametrize(
    ("names", "ports"),
    [
        (["sck", "mosi", "miso", "cs"], [SpiPort(0, 1, 2, 3)]),
        (["CLK", "MOSI", "MISO", "CS#"], [SpiPort(0, 1, 2, 3)]),
        (["SClk", "Miso", "nSS"], [SpiPort(0, None, 1, 2)]),
        (["x", "", "ss", "mosi", "sck"], [SpiPort(4, 3, None, 2)]),
        (["clk", "miso", "mosi", "irq"], [SpiPort(0, 2, 1)]),
        (["sck", "mosi", "cs5"], [SpiPort(0, 1, None, 2, port=5)]),
        (["sck", "mosi", "miso", "cs15", "cs2"], [SpiPort(0, 1, 2, 4, port=2), SpiPort(0, 1, 2, 3, port=15)]),
        (["sck", "mosi", "cs_2", "cs3#", "CS#4"], [SpiPort(0, 1, None, at, port=at) for at in (2, 3, 4)]),
        (["sck1", "mosi1", "sck2", "mosi2", "cs1"], [SpiPort(0, 1, None, 4, port=1), SpiPort(2, 3, port=2)]),
        (["sck", "mosi", "miso1", "miso2", "cs1", "cs2"], [SpiPort(0, 1, 2, 4, port=1), SpiPort(0, 1, 3, 5, port=2)]),
        (["sck", "mosi", "cs", "cs2"], [SpiPort(0, 1, None, 2, port=1), SpiPort(0, 1, None, 3, port=2)]),
        (["sck", "mosi3", "cs3", "cs4"], [SpiPort(0, 1, None, 2, port=3)]),
    ],
)
def test_names_of_channels_wire_ports(names: list[str], ports: list[SpiPort]) -> None:
    assert wiring_from_names(names) == Wiring(spi=tuple(ports))


@pytest.mark.parametrize(
    "names",
    [[], ["D0", "D1"], ["sck"], ["sck", "cs"], ["mosi", "miso", "cs"], ["rpi_CLK", "rpi_MOSI"], ["sck", "clk", "mosi"],
     ["sck", "mosi", "cs", "ss"], ["sck", "mosi", "cs0"], ["sck", "mosi", "cs16"], ["sck", "mosi5", "cs999", "cs5"]],
)  # fmt: skip
def test_names_that_say_nothing_or_contradict_each_other_wire_nothing(names: list[str]) -> None:
    assert wiring_from_names(names) == Wiring()


@given(
    st.lists(
        st.sampled_from(["sck", "clk", "mosi", "mosi1", "miso", "miso2", "cs", "cs1", "cs2", "CS15", "D0"]) | st.text(max_size=4),
        max_size=12,
    )
)
def test_what_names_wire_can_be_written_as_options(names: list[str]) -> None:
    wiring = wiring_from_names(names)
    assert wiring_from_options(*wiring_to_text(wiring, names), names) == wiring


# Options.


def test_an_option_names_every_line_of_a_port() -> None:
    text = "port=3, sck=SCK,mosi=mosi,miso=2,cs=CS2,attn=ATTN,ready=#7,mode=3,order=lsb,cs_active=high,word=16,idle=1.5ms,name=left"
    port = SpiPort(0, 1, 2, 4, 5, 7, port=3, mode=3, lsb_first=True, cs_active_high=True, word_bits=16, idle_ns=1_500_000)
    assert wiring_from_options([text], [], CHANNELS) == Wiring((port,), (), ("left",))


def test_a_serial_link_is_a_stream_of_its_own() -> None:
    wiring = wiring_from_options(["sck=0,mosi=1"], ["rx=D6,tx=D7,baud=9600,format=8e2,inverted=yes,protocol=raw"], CHANNELS)
    line = UartLine(6, 7, 9600, 8, "even", 2, inverted=True, protocol="raw", stream=1)
    assert wiring == Wiring((SpiPort(0, 1),), (line,), ("spi", "opto"))


def test_a_meter_speaks_7e1_and_anything_else_8n1_when_nothing_is_said() -> None:
    meter, other = wiring_from_options([], ["rx=D6", "rx=D7,protocol=raw,name=debug"], CHANNELS).uart
    assert meter == UartLine(6, data_bits=7, parity="even")
    assert other == UartLine(7, protocol="raw", stream=1)


def test_ports_of_one_name_share_a_stream() -> None:
    wiring = wiring_from_options(["sck=0,mosi=1,cs=3", "port=2,sck=0,mosi=1,cs=4", "sck=0,miso=2,name=other"], [], CHANNELS)
    assert [(port.stream, port.port) for port in wiring.spi] == [(0, 1), (0, 2), (1, 1)]
    assert wiring.streams == ("spi", "other")


def test_no_options_are_the_empty_wiring() -> None:
    assert wiring_from_options([], [], CHANNELS) == Wiring()


@pytest.mark.parametrize(
    ("spi", "complaint", "remedy"),
    [
        (["port=1,mosi=MOSI"], "sck is missing", "SCK (0), MOSI (1)"),
        (["sck=SCK"], "no data line", "mosi"),
        (["sck=SCK,mosi=MOSO"], "no channel 'MOSO' for mosi", "SCK (0), MOSI (1)"),
        (["sck=SCK,mosi=99"], "no channel '99'", "D7 (7)"),
        (["sck=SCK,mosi=#8"], "no channel '#8'", "D7 (7)"),
        (["sck=SCK,mosi=MOSI,clock=3"], "'clock' is not known", "port, mode, order"),
        (["sck=SCK,mosi=SCK"], "channel 'SCK' is sck and mosi at once", "own channel"),
        (["sck=SCK,mosi=MOSI", "port=2,sck=MOSI,mosi=MISO"], "channel 'MOSI' is mosi and sck at once", "own channel"),
        (["sck=SCK,mosi=MOSI,cs=CS1", "sck=SCK,mosi=MOSI,cs=CS2"], "port 1 of 'spi' is wired twice", "number"),
        (["sck=SCK,mosi=MOSI", "port=2,sck=SCK,mosi=MOSI"], "same lines", "cs"),
        (["port=0,sck=SCK,mosi=MOSI"], "port cannot be '0'", "1 to 15"),
        (["port=16,sck=SCK,mosi=MOSI"], "port cannot be '16'", "1 to 15"),
        (["sck=SCK,mosi=MOSI,mode=4"], "mode cannot be '4'", "0 to 3"),
        (["sck=SCK,mosi=MOSI,word=65"], "word cannot be '65'", "1 to 64"),
        (["sck=SCK,mosi=MOSI,order=big"], "order cannot be 'big'", "msb, lsb"),
        (["sck=SCK,mosi=MOSI,cs_active=1"], "cs_active cannot be '1'", "low, high"),
        (["sck=SCK,mosi=MOSI,idle=20"], "idle cannot be '20'", "unit"),
        (["sck=SCK,mosi=MOSI,idle=0.5ns"], "idle cannot be '0.5ns'", "whole nanoseconds"),
        (["sck=SCK,mosi=MOSI,idle=soon"], "idle cannot be 'soon'", "unit"),
        (["sck=SCK,sck=MISO,mosi=MOSI"], "sck is given twice", "once"),
        (["sck"], "'sck' is not of the form key=value", "commas"),
        (["sck=,mosi=1"], "'sck=' is not of the form", "commas"),
        ([""], "'' is not of the form", "commas"),
    ],
)
def test_a_mistake_in_an_spi_option_is_told_with_what_is_known(spi: list[str], complaint: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        wiring_from_options(spi, [], CHANNELS)
    assert complaint in raised.value.what
    assert remedy in raised.value.remedy
    assert raised.value.where == f'--spi "{spi[-1]}"'


@pytest.mark.parametrize(
    ("uart", "complaint", "remedy"),
    [
        (["baud=9600"], "rx is missing", "SCK (0)"),
        (["rx=D6,baud=fast"], "baud cannot be 'fast'", "number"),
        (["rx=D6,baud=0"], "baud cannot be '0'", "from 1"),
        (["rx=D6,format=4N1"], "'4N1' is no character format", "7E1"),
        (["rx=D6,protocol=dlms"], "protocol cannot be 'dlms'", "flag, raw"),
        (["rx=D6,mode=1"], "'mode' is not known", "baud"),
        (["rx=D6,tx=D6"], "channel 'D6' is rx and tx at once", "own channel"),
        (["rx=SCK"], "channel 'SCK' is sck and rx at once", "own channel"),
        (["rx=D6", "rx=D7"], "a stream named 'opto' already", "name="),
        (["rx=D6,name=spi"], "a stream named 'spi' already", "name="),
    ],
)
def test_a_mistake_in_a_uart_option_is_told_with_what_is_known(uart: list[str], complaint: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        wiring_from_options(["sck=SCK,mosi=MOSI"], uart, CHANNELS)
    assert complaint in raised.value.what
    assert remedy in raised.value.remedy
    assert raised.value.where == f'--uart "{uart[-1]}"'


def test_a_channel_is_known_by_name_then_by_name_in_another_case_then_by_number() -> None:
    names = ("1", "0", "cs", "CS", "x", "x")
    assert find_channel("1", names) == 0
    assert find_channel("#1", names) == 1
    assert find_channel("2", names) == 2
    assert find_channel("cs", names) == 2
    assert find_channel("CS", names) == 3
    assert find_channel("y", names) is None
    with pytest.raises(ValueError, match="2 channels are named 'Cs'"):
        find_channel("Cs", names)
    with pytest.raises(UsageError, match="2 channels are named 'x'; write the channel's number"):
        wiring_from_options(["sck=x,mosi=1"], [], names)


@given(
    st.text(max_size=60) | st.lists(st.sampled_from(["sck=", "port=", "idle=", "D0", "1", ",", "=", "9" * 30, "٣"])).map("".join)
)
def test_any_text_is_an_option_or_a_usage_error(text: str) -> None:
    for spi, uart in (([text], []), ([], [text])):
        try:
            wiring_from_options(spi, uart, CHANNELS)
        except UsageError:
            continue


names = st.text(max_size=5) | st.sampled_from(["0", "1", "5", "#1", "#0", "a", "A", "a,b", "a=b", " a", ""])
stream_names = st.sampled_from(["spi", "left", "right"])


@st.composite
def wirings(draw: st.DrawFn) -> tuple[Wiring, list[str]]:
    """A wiring as options can describe it, and the channels of its recording."""
    channels = draw(st.lists(names, min_size=12, max_size=20))
    spare = list(range(len(channels)))

    def line() -> int:
        return spare.pop(draw(st.integers(0, len(spare) - 1)))

    sck, mosi, miso = line(), line(), draw(st.none() | st.just(line()))
    streams: list[str] = []
    ports = []
    for number in draw(st.lists(st.integers(1, 15), unique=True, max_size=3)):
        name = draw(stream_names)
        streams += [] if name in streams else [name]
        port = SpiPort(sck, mosi, miso, line(), port=number, stream=streams.index(name), mode=draw(st.integers(0, 3)))
        idle_ns = draw(st.integers(0, 3600 * 10**9) | st.sampled_from([0, 20_000, 10**9, 10**12 + 1, 3600 * 10**9 - 1]))
        ports.append(replace(port, lsb_first=draw(st.booleans()), word_bits=draw(st.integers(1, 64)), idle_ns=idle_ns))
    lines = []
    for name in draw(st.lists(st.sampled_from(["opto", "debug"]), unique=True, max_size=2)):
        streams.append(name)
        lines.append(
            UartLine(
                line(), draw(st.none() | st.just(line())), draw(st.none() | st.integers(1, 10**9)), draw(st.integers(5, 9)),
                draw(st.sampled_from(["none", "odd", "even", "mark", "space"])), draw(st.integers(1, 2)),
                inverted=draw(st.booleans()), protocol=draw(st.sampled_from(["flag", "raw"])), stream=len(streams) - 1,
            )
        )  # fmt: skip
    return Wiring(tuple(ports), tuple(lines), tuple(streams)), channels


@given(wirings())
def test_what_is_written_as_options_is_read_again(drawn: tuple[Wiring, list[str]]) -> None:
    wiring, channels = drawn
    assume(wiring.streams)
    spi, uart = wiring_to_text(wiring, channels)
    assert wiring_from_options(spi, uart, channels) == wiring
