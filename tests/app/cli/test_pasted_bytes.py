"""One pasted piece as a tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.cli.conftest import Run
from tests.helpers.certificates import DEVICE, certificate

FRAME = "a5 2a 01 18 00 00 10 05 01 00 a0 d7 00 03 00 23 7e bb 18 18 e8 11 00 19 02 00 00 00 00 01 00 09 53 1b 65 53 f1 02 e8 07 03 10 9c"
PACKET = "10050100a0d7000300237ebb1818e81100190200000000010009531b6553f102e80703"


def test_a_frame_is_known_by_its_checksum_and_its_packet_follows(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", FRAME)
    assert (told.status, told.err) == (0, "")
    assert "frame, 43 bytes\n  0000  Link frame" in told.out
    assert "packet, 35 bytes\n  0000  Packet" in told.out
    assert "  0022      Protocol             zcl (3)  (P)\n" in told.out
    assert "✕" not in told.out


def test_a_packet_is_known_by_its_header(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", PACKET)
    assert told.out == umiscope("decode", "--hex", FRAME).out.partition("\n\n")[2]
    assert told.out == umiscope("decode", "--hex", PACKET, "--as", "packet").out


def test_a_message_of_an_exchange_is_known_by_its_grammar(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", "2f 4c 47 5a 34 5a 4d 46 0d 0a")
    assert told.out.startswith("identification, 10 bytes\n  0000  EN 62056-21")
    assert "Manufacturer           LGZ\n" in told.out


def test_a_certificate_is_known_by_its_first_bytes(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", certificate().hex(" "))
    assert (told.status, told.err) == (0, "")
    assert told.out.startswith("certificate, 229 bytes\n  0000  Certificate              certificate, 229 bytes\n")
    assert f"  006c      Holder (CHR)         {DEVICE}\n" in told.out
    assert "  008f          UMI role         3  (P)\n" in told.out
    assert "✕" not in told.out
    assert told.out == umiscope("decode", "--hex", certificate().hex(), "--as", "certificate").out


def test_every_real_certificate_becomes_a_tree_without_a_fault(umiscope: Run, samples: Path) -> None:
    for path in sorted((samples / "cvc").iterdir()):
        data = path.read_bytes()
        told = umiscope("decode", "--hex", data.hex(), "-x")
        assert (told.status, told.err) == (0, "")
        assert f", {len(data)} bytes\n" in told.out.partition("  0000")[0]
        assert "✕" not in told.out
        dumped = [line[8:56].replace(" ", "") for line in told.out.splitlines()[-2 - (len(data) - 1) // 16 : -1]]
        assert "".join(dumped) == data.hex()


def test_a_broken_certificate_says_what_is_wrong_at_which_byte(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", "7f21", "--as", "certificate")
    assert told.status == 0
    assert "no certificate, 2 bytes\n  ✕ malformed-tlv at 0x0002: the data end inside a length\n" in told.out
    other = umiscope("decode", "--hex", "30 00", "--as", "certificate").out
    assert "✕ malformed-certificate at 0x0000: a certificate begins with 7F21 and a request with 7F21 or 67, not with 30\n" in other


@pytest.mark.parametrize("written", [
    PACKET.upper(),
    " ".join(PACKET[at : at + 2] for at in range(0, len(PACKET), 2)),
    ":".join(PACKET[at : at + 2] for at in range(0, len(PACKET), 2)),
    ", ".join(f"0x{PACKET[at : at + 2]}" for at in range(0, len(PACKET), 2)),
    "".join(f"\\x{PACKET[at : at + 2]}" for at in range(0, len(PACKET), 2)),
    "{ " + "\n".join(f"0X{PACKET[at : at + 2]}," for at in range(0, len(PACKET), 2)) + " }",
    "-".join(PACKET[at : at + 4] for at in range(0, len(PACKET), 4)),
])  # fmt: skip
def test_bytes_are_read_as_people_paste_them(written: str, umiscope: Run) -> None:
    assert umiscope("decode", "--hex", written).out == umiscope("decode", "--hex", PACKET).out


def test_single_digits_are_bytes(umiscope: Run) -> None:
    assert umiscope("decode", "--hex", "0x6", "--as", "flag").out == umiscope("decode", "--hex", "06", "--as", "flag").out


def test_a_broken_frame_shows_what_it_claims_and_what_is_wrong(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", FRAME.replace("e8 07", "e8 08"))
    assert told.status == 0
    assert "bad crc, 43 bytes\n  ✕ 43 bytes from a start of frame on fail the checksum\n" in told.out
    assert "0x9C10 (CRC-16/IBM-SDLC)  (P)  ✕ the bytes give 0x" in told.out
    assert "packet," not in told.out


def test_bytes_around_frames_are_shown_too(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", f"00 5a {FRAME} ff 7e", "-x")
    headings = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    assert headings == ["garbage, 1 byte", "frame, 43 bytes", "packet, 35 bytes", "garbage, 1 byte"]
    assert "  0000  5a                                                Z\n" in told.out


def test_what_is_asked_for_is_shown_whatever_the_bytes_look_like(umiscope: Run) -> None:
    told = umiscope("decode", "--hex", "01 02 03", "--as", "packet")
    assert told.status == 0
    assert "✕ 3 bytes are too few for a packet header" in told.out
    assert umiscope("decode", "--hex", "00 00", "--as", "frame").out.startswith("no frame, 2 bytes\n  ✕ these bytes are filler\n")


def test_another_profile_reads_the_bytes_otherwise(umiscope: Run) -> None:
    assert umiscope("decode", "--hex", FRAME, "--profile", "variant-a").status == 2


def test_letters_that_are_no_digits_are_named(umiscope: Run) -> None:
    assert "'zz' is not hexadecimal" in umiscope("decode", "--hex", "00 zz").err
    assert "'012' has an odd number of digits" in umiscope("decode", "--hex", "012").err
