from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.formats.sigrok_metadata import MAX_RATE_HZ, Metadata, format_metadata, parse_metadata
from decoders.core.errors import RecordingError


def device(**lines: str) -> str:
    """Metadata of one device with two channels in samples of a byte; a key set to "" is left out."""
    known = {
        "capturefile": "logic-1",
        "total probes": "8",
        "samplerate": "4 MHz",
        "probe1": "sck",
        "probe2": "mosi",
        "unitsize": "1",
    }
    text = "\n".join(f"{key}={value}" for key, value in {**known, **lines}.items() if value)
    return f"[global]\nsigrok version=0.5.2\n\n[device 1]\n{text}\n"


def rate(text: str) -> int | None:
    return parse_metadata(device(samplerate=text), "a.sr").rate_hz


@pytest.mark.parametrize(
    ("text", "rate_hz"),
    [("64 MHz", 64_000_000), ("2 mHz", 2_000_000), ("1 kHz", 1000), ("100000", 100_000), ("4000000 Hz", 4_000_000),
     ("1.5 GHz", 1_500_000_000), ("24.5kHz", 24_500), ("20 m", 20_000_000), ("9 GHz", MAX_RATE_HZ)],
)  # fmt: skip
def test_a_sample_rate_is_a_number_with_a_prefix_in_either_case(text: str, rate_hz: int) -> None:
    metadata = parse_metadata(device(samplerate=text), "a.sr")
    assert metadata == Metadata("logic-1", 1, rate_hz, ("sck", "mosi"), (), ())


@pytest.mark.parametrize("text", ["", "0", "0 Hz"])
def test_a_sample_rate_that_is_not_stated_is_noted(text: str) -> None:
    metadata = parse_metadata(device(samplerate=text), "a.sr")
    assert (metadata.rate_hz, metadata.notes) == (None, ("The file does not state its sample rate.",))


@pytest.mark.parametrize(
    "text", ["fast", "-4 MHz", "1.2.3 kHz", ".", "1e9", "0.5 Hz", "10 GHz", "٤ MHz", "9" * 5000, "4 MHz;", "nan"]
)
def test_a_sample_rate_that_is_none_is_noted(text: str) -> None:
    metadata = parse_metadata(device(samplerate=text), "a.sr")
    assert metadata.rate_hz is None
    assert len(metadata.notes) == 1
    assert "as its sample rate, which is none" in metadata.notes[0]


def test_a_probe_number_is_the_bit_above_zero_and_an_unused_bit_has_no_name() -> None:
    metadata = parse_metadata(device(probe1="", probe2="miso", probe5="cs"), "a.sr")
    assert metadata.channels == ("", "miso", "", "", "cs")


def test_version_1_has_spaces_around_the_sign_and_triggers() -> None:
    text = "[global]\nsigrok version = 0.2.2\n[device 1]\ndriver = fx2lafw\ncapturefile = logic-1\nunitsize = 2\n"
    text += "total probes = 16\nsamplerate = 12 MHz\nprobe1 = TRG\n trigger1 = 0\nprobe2 = rpi_CSN\n"
    assert parse_metadata(text, "a.sr") == Metadata("logic-1", 2, 12_000_000, ("TRG", "rpi_CSN"), (), ())


def test_only_the_first_of_several_devices_is_read() -> None:
    metadata = parse_metadata(device() + device(probe1="other").replace("device 1", "device 2"), "a.sr")
    assert metadata.channels == ("sck", "mosi")
    assert metadata.notes == ("The file describes 2 devices; only the first is read.",)


def test_analogue_traces_keep_their_number() -> None:
    metadata = parse_metadata(device(analog10="A1", analog9="A0"), "a.sr")
    assert metadata.analog == ((9, "A0"), (10, "A1"))
    assert metadata.channels == ("sck", "mosi")


def test_without_logic_samples_no_channel_is_named() -> None:
    metadata = parse_metadata(device(capturefile="", analog9="A0", unitsize=""), "a.sr")
    assert (metadata.capturefile, metadata.channels, metadata.analog) == (None, (), ((9, "A0"),))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no device"),
        ("garbage", "no device"),
        (device(unitsize=""), "do not state how wide"),
        (device(unitsize="0"), "logic samples of '0' bytes"),
        (device(unitsize="9"), "logic samples of '9' bytes"),
        (device(unitsize="many"), "logic samples of 'many' bytes"),
        (device(unitsize="1" * 9000), "logic samples of '111"),
        (device(probe9="cs"), "channel 9 has no room in samples of 1 bytes"),
        (device(probe999999="cs"), "channel 999999 has no room"),
    ],
)
def test_samples_that_cannot_be_understood_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(RecordingError, match=complaint) as raised:
        parse_metadata(text, "a.sr")
    assert raised.value.where == "a.sr"
    assert raised.value.remedy
    assert len(str(raised.value)) < 200


@given(
    st.text(max_size=300) | st.lists(st.sampled_from([*device().splitlines(), "probe2", "=", "[", "unitsize=77"])).map("\n".join)
)
def test_any_text_is_metadata_or_a_recording_error(text: str) -> None:
    try:
        metadata = parse_metadata(text, "a.sr")
    except RecordingError:
        return
    assert len(metadata.channels) <= 64


names = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)


@given(st.lists(names, min_size=1, max_size=64), st.none() | st.integers(1, MAX_RATE_HZ))
def test_what_is_written_is_read_again(channels: list[str], rate_hz: int | None) -> None:
    while channels and not channels[-1]:
        channels.pop()
    metadata = parse_metadata(format_metadata(channels, rate_hz, 8), "a.sr")
    assert (metadata.channels, metadata.rate_hz, metadata.unit_bytes) == (tuple(channels), rate_hz, 8)
