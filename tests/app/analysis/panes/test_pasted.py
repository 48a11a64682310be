from __future__ import annotations

import pytest

from app.analysis.material import read_datasheets, read_profile
from app.analysis.names import DatasheetNames
from app.analysis.panes.pasted import MOST_BYTES, NOTHING_YET, Pasted, read_pasted
from decoders.core.finding import Severity
from tests.helpers.certificates import DEVICE, certificate

PROFILE = read_profile("reference-1")
NAMES = DatasheetNames(read_datasheets([]))
FRAME = "a50b10c0000001010032d816"


def read(text: str, kind: str | None = None) -> Pasted:
    return read_pasted(PROFILE, NAMES, text, kind)


def test_a_frame_becomes_a_tree_over_its_bytes() -> None:
    pasted = read(FRAME)
    assert (pasted.kind, pasted.message, pasted.is_wrong) == ("frame", "12 bytes read as frames.", False)
    (frame,) = pasted.detail.nodes
    assert [(one.title, one.data.hex()) for one in pasted.detail.sources] == [("Frame", FRAME)]
    assert (frame.label, frame.start_bit, frame.end_bit) == ("Link frame", 0, 96)
    limit = pasted.detail.at_bit(pasted.detail.sources[0].key, 64)
    assert limit is not None
    assert limit.label == "Current limit"


def test_what_does_not_matter_between_digits_does_not_matter() -> None:
    spaced = ", ".join(f"0x{FRAME[at : at + 2]}" for at in range(0, len(FRAME), 2))
    assert read(spaced).detail.sources == read(FRAME).detail.sources


def test_a_wrong_checksum_is_told_and_loses_no_byte() -> None:
    pasted = read(FRAME + FRAME[:-2] + "17")
    assert pasted.is_wrong
    assert pasted.message == "24 bytes read as frames; 1 piece with a fault."
    assert "".join(source.data.hex() for source in pasted.detail.sources) == FRAME + FRAME[:-2] + "17"
    good, bad = pasted.detail.nodes
    assert (good.severity, bad.severity) == (None, Severity.ERROR)
    assert any(node.label == "Fault" for node in bad.children)


def test_several_pieces_of_a_kind_are_numbered() -> None:
    assert [source.title for source in read(FRAME * 2).detail.sources] == ["Frame 1", "Frame 2"]


def test_a_message_of_en_62056_21_is_guessed() -> None:
    pasted = read(b"/?!\r\n".hex())
    assert (pasted.kind, pasted.message) == ("flag", "5 bytes read as EN 62056-21 messages.")
    assert pasted.detail.nodes


def test_a_certificate_becomes_a_tree_over_its_bytes() -> None:
    data = certificate()
    pasted = read(data.hex())
    assert (pasted.kind, pasted.message, pasted.is_wrong) == ("certificate", f"{len(data)} bytes read as certificates.", False)
    assert [(one.title, one.data) for one in pasted.detail.sources] == [("Certificate", data)]
    holder = pasted.detail.at_bit(pasted.detail.sources[0].key, data.index(DEVICE.encode()) * 8)
    assert holder is not None
    assert (holder.label, holder.text, holder.provenance) == ("Holder (CHR)", DEVICE, "S: BSI TR-03110-3")


def test_a_certificate_that_is_cut_short_says_where() -> None:
    pasted = read(certificate().hex()[:-2])
    assert pasted.is_wrong
    (node,) = pasted.detail.nodes
    faults = [child.text for child in node.children if child.label == "Fault"]
    assert faults == [f"malformed-tlv at 0x{len(certificate()) - 1:04x}: the data end 1 byte before 5F37 does"]


def test_a_kind_that_was_chosen_is_not_guessed() -> None:
    pasted = read(FRAME, "packet")
    assert pasted.kind == "packet"
    assert pasted.detail.sources[0].title == "Packet"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", NOTHING_YET),
        (" \n", NOTHING_YET),
        ("hello", "'hello' is not hexadecimal: paste hexadecimal digits."),
        ("abc", "'abc' has an odd number of digits: paste hexadecimal digits."),
        ("01 02", "2 bytes that are no frame, packet, certificate or EN 62056-21 message: say what they should be."),
        ("00" * (MOST_BYTES + 1), "65 537 bytes are too many to read at once: paste at most 65 536."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(text: str, message: str) -> None:
    pasted = read(text)
    assert pasted.message == message
    assert not pasted.detail.nodes
    assert pasted.is_wrong == bool(text.strip())
