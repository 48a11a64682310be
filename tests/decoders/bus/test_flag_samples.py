"""Every real recording of the samples, with what is known of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from capture.formats.bytelog import read_byte_log
from decoders.bus.flag import FlagDecoder, FlagMessage

KNOWN: dict[str, tuple[str, dict[str, int]]] = {
    "annexE_mode_e_parity_vector.bin": ("option", {}),
    "dsmr_parser_esy5q3da1004_v304.bin": ("p1 garbage", {"crc absent": 1}),
    "dsmr_parser_esy5q3db1024_v304.bin": ("p1 garbage", {"crc absent": 1}),
    "dsmr_parser_fluvius_v171.bin": ("p1", {"crc ok": 1}),
    "dsmr_parser_sagemcom_t210_d_r.bin": ("p1", {"crc ok": 1}),
    "dsmr_parser_v5_eon_hu.bin": ("p1", {"crc ok": 1}),
    "ek270_gas_corrector_commands.session.jsonl": (
        "request identification option command command ack command command command", {"ok": 5}),
    "energomera_CE301.session.jsonl": (
        "request identification option command command ack" + 15 * " command readout", {"sum": 32}),
    "pwitab_LIS200_answer.bin": ("readout", {"ok": 1}),
    "pwitab_P0_1234567.bin": ("command", {"ok": 1}),
    "pwitab_W2_C003.bin": ("command", {"ok": 1}),
    "pwitab_issue16_ZMD_8N1view.bin": ("readout", {"absent": 1}),
    "riot_pr22033_apator.bin": ("option readout", {"bad": 1}),
    "runamook_MCS_P01.bin": ("readout", {"absent": 1}),
    "runamook_MCS_table1.bin": ("readout", {"absent": 1}),
    "smartmeter-obis_ACE0_3k260.session.jsonl": ("request identification readout", {"absent": 1}),
    "smartmeter-obis_ELS5_AS1440.session.jsonl": ("request identification ack readout", {"absent": 1}),
    "smartmeter-obis_ISk_MT174.session.jsonl": ("wakeup request identification option option readout", {"ok": 1}),
    "smartmeter-obis_SIE_2WR5.session.jsonl": ("wakeup request identification readout", {"bad": 1}),
    "vzlogger_ACE3000.bin": ("garbage request identification readout garbage", {"bad": 1}),
    "vzlogger_LuG_E350.bin": ("identification readout", {"absent": 1}),
    "vzlogger_LuG_ZMD120.bin": ("request identification readout", {"absent": 1}),
    "wirenboard_CE102M.session.jsonl": (
        "request identification option command command ack command readout command readout command readout command readout break",
        {"sum": 9, "ok": 2}),
}  # fmt: skip
"""The kinds of messages in each file, and the verdicts on its block checks and CRCs."""


def decoded(path: Path, *, one_receiver: bool = False) -> list[FlagMessage]:
    decoder = FlagDecoder()
    messages = [m for entry in read_byte_log(path) for m in decoder.feed(None if one_receiver else entry.direction, entry.data)]
    return messages + decoder.finish()


def verdicts(messages: list[FlagMessage]) -> Counter[str]:
    checks = [message.bcc for message in messages if message.kind in ("readout", "command", "break")]
    return Counter(checks + [f"crc {message.crc}" for message in messages if message.crc])


def test_every_sample_is_known(samples: Path) -> None:
    files = {path.name for path in (samples / "iec62056").iterdir() if path.suffix != ".csv"}
    assert files == set(KNOWN)


@pytest.mark.parametrize("one_receiver", [False, True], ids=["two lines", "one receiver"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_sample_has_the_known_messages_and_verdicts(samples: Path, name: str, one_receiver: bool) -> None:
    path = samples / "iec62056" / name
    kinds, checks = KNOWN[name]
    messages = decoded(path, one_receiver=one_receiver)
    assert " ".join(message.kind for message in messages) == kinds
    assert verdicts(messages) == checks
    assert b"".join(message.raw for message in messages) == b"".join(entry.data for entry in read_byte_log(path))


@pytest.mark.parametrize("name", [name for name in KNOWN if name.endswith(".jsonl")])
def test_one_receiver_finds_the_sides_that_a_session_names(samples: Path, name: str) -> None:
    path = samples / "iec62056" / name
    pairs = zip(decoded(path), decoded(path, one_receiver=True), strict=True)
    differing = [(two.kind, one.direction, one.notes) for two, one in pairs if one.direction != two.direction]
    expected = {
        "smartmeter-obis_ISk_MT174.session.jsonl": [("option", None, ("echo-ambiguous",))],
        "smartmeter-obis_ELS5_AS1440.session.jsonl": [("ack", "h2p", ("ack-with-line-end",))],
    }
    assert differing == expected.get(name, []), "the device's ACK CR LF is the tool's, come back without its letters"


@pytest.mark.parametrize(
    ("name", "kind", "notes"),
    [
        ("vzlogger_LuG_E350.bin", "readout", ("cr-turned-into-lf", "missing-etx")),
        ("vzlogger_LuG_ZMD120.bin", "readout", ("missing-etx", "missing-stx")),
        ("vzlogger_ACE3000.bin", "request", ("unexpected-direction",)),
        ("vzlogger_ACE3000.bin", "readout", ("bcc-bad", "unparsed-text")),
        ("pwitab_issue16_ZMD_8N1view.bin", "readout", ("missing-etx", "missing-stx", "read-as-8n1")),
        ("annexE_mode_e_parity_vector.bin", "option", ("read-as-8n1",)),
        ("runamook_MCS_table1.bin", "readout", ("no-bcc",)),
        ("smartmeter-obis_ISk_MT174.session.jsonl", "readout", ()),
    ],
)
def test_what_is_odd_about_a_sample_is_named(samples: Path, name: str, kind: str, notes: tuple[str, ...]) -> None:
    assert [message.notes for message in decoded(samples / "iec62056" / name) if message.kind == kind] == [notes]


def test_the_values_of_a_long_readout_are_all_there(samples: Path) -> None:
    path = samples / "iec62056" / "smartmeter-obis_ISk_MT174.session.jsonl"
    readout = decoded(path)[-1]
    items = readout.fields["items"]
    assert isinstance(items, list)
    assert len(items) == readout.raw.count(b"(") > 200
    assert items[0] == {"address": "1-0:0.9.1*255", "value": "201455", "unit": None}
    assert items[-1] == {"address": "1-0:2.8.4*15", "value": "0000000.000", "unit": "kWh"}


def test_the_characters_of_annex_e_are_an_option_select(samples: Path) -> None:
    [message] = decoded(samples / "iec62056" / "annexE_mode_e_parity_vector.bin")
    assert (message.text, message.fields["procedure"], message.fields["action"]) == ("\x06252\r\n", "hdlc", "binary")
