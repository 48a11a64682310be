"""Which analogue trace is what: by name, by option, and back to text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.wiring.power import power_from_names, power_to_text, with_power
from decoders.bus.wiring import PowerRail, RailName, SpiPort, UartLine, Wiring
from decoders.core.errors import UsageError

TRACES = ("A0", "A1", "shunt, upper", "")
SPI = Wiring((SpiPort(0, 1, 2),))


@pytest.mark.parametrize(
    ("names", "rails"),
    [
        (("voltage1", "current1"), [PowerRail(1, 0)]),
        (("I3", "v_3", "Current2"), [PowerRail(2, None, 2), PowerRail(0, 1, 3)]),
        (("current2_12v", "voltage2_12V", "current2"), [PowerRail(2, None, 2), PowerRail(0, 1, 2, rail="high")]),
        (("i1_high", "v1_low"), [PowerRail(None, 1), PowerRail(0, None, rail="high")]),
        (("current", "voltage"), [PowerRail(0, 1)]),
        (("A0", "temperature"), []),
        (("current1", "i1"), []),
        (("current16",), []),
        ((), []),
    ],
)
def test_names_tell_port_rail_and_quantity(names: tuple[str, ...], rails: list[PowerRail]) -> None:
    assert power_from_names(names) == tuple(rails)


def test_without_options_names_decide_unless_rails_are_wired() -> None:
    names = ("current1",)
    wired = replace(SPI, power=(PowerRail(0, None, 5),))
    assert with_power(SPI, [], names).power == (PowerRail(0),)
    assert with_power(wired, [], names) == wired
    assert with_power(wired, ["port=2,voltage=0"], names).power == (PowerRail(None, 0, 2),)


def test_named_rails_are_of_the_stream_whose_ports_are_wired() -> None:
    wiring = Wiring((SpiPort(0, 1, stream=1),), (UartLine(3),), ("opto", "spi"))
    assert with_power(wiring, [], ("current1",)).power == (PowerRail(0, stream=1),)
    assert with_power(wiring, ["current=0,name=opto"], ("current1",)).power == (PowerRail(0, stream=0),)


def test_an_option_says_all_there_is() -> None:
    option = "port=2, current=A0, voltage=1, rail=high, scale=1e-3, offset=-.5"
    assert with_power(SPI, [option], TRACES).power == (PowerRail(0, 1, 2, 0, "high", 0.001, -0.5),)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["port=1"], "the rail has no trace"),
        (["current=A7"], "there is no channel 'A7' for current"),
        (["current=A0,port=16"], "port cannot be '16'"),
        (["current=A0,rail=middle"], "rail cannot be 'middle'"),
        (["current=A0,scale=0"], "a scale of zero makes every current the same"),
        (["current=A0,scale=1e13"], "scale or offset is out of all proportion"),
        (["current=A0,scale=-1e-13"], "scale or offset is out of all proportion"),
        (["current=A0,offset=-2e12"], "scale or offset is out of all proportion"),
        (["current=A0,scale=x"], "scale cannot be 'x'"),
        (["current=A0,scale=1e999"], "scale cannot be '1e999'"),
        (["current=A0,colour=red"], "'colour' is not known here"),
        (["current=A0,name=opto"], "there is no stream named 'opto'"),
        (["current=A0", "current=A1"], "the low rail of port 1 is wired twice"),
        (["current=A0", "port=2,voltage=A0"], "trace 'A0' is a voltage and a current at once"),
        (["current"], "'current' is not of the form key=value"),
    ],
)
def test_a_mistake_is_named_with_its_option(options: list[str], what: str) -> None:
    with pytest.raises(UsageError) as fault:
        with_power(SPI, options, TRACES)
    assert what.rsplit(maxsplit=1)[-1] in fault.value.what
    assert fault.value.where == f'--power "{options[-1]}"'
    assert fault.value.remedy


rails = st.builds(
    PowerRail,
    current=st.sampled_from([0, 2, None]),
    voltage=st.sampled_from([1, 3]),
    port=st.integers(1, 15),
    stream=st.sampled_from([0, 1]),
    rail=st.sampled_from(list[RailName](["low", "high"])),
    scale=st.floats(1e-6, 1e6).filter(bool),
    offset=st.floats(-1e3, 1e3),
)


@given(st.lists(rails, max_size=4, unique_by=lambda rail: (rail.stream, rail.port, rail.rail)))
def test_text_says_the_same(wired: list[PowerRail]) -> None:
    wiring = Wiring((SpiPort(0, 1, stream=1),), (UartLine(3),), ("opto", "spi"), tuple(wired))
    read = with_power(replace(wiring, power=()), power_to_text(wiring, TRACES), TRACES)
    assert read == wiring
