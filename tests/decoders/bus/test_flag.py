from __future__ import annotations

import pytest
from fastcrc import crc16

from decoders.bus.flag import NOTES, Continuation
from tests.decoders.bus.flag_lines import checked, decode, even, heard, only


def p1(text: bytes) -> bytes:
    return text + f"{crc16.arc(text):04X}\r\n".encode()


def test_the_nuls_of_a_wakeup_are_one_message() -> None:
    wakeup, request = heard(bytes(70) + b"/?!\r\n")
    assert (wakeup.kind, wakeup.direction, wakeup.raw) == ("wakeup", "h2p", bytes(70))
    assert request.kind == "request"


@pytest.mark.parametrize("address", ["", "12345678", "Bla0", "a b"])
def test_a_request_names_the_device_address(address: str) -> None:
    message = only(heard(f"/?{address}!\r\n".encode()))
    assert (message.kind, message.direction, message.notes) == ("request", "h2p", ())
    assert message.fields == {"address": address}


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("/?" + "1" * 33 + "!\r\n", "address-too-long"),
        ("/?12-3!\r\n", "bad-address"),
        ("/?123\r\n", "malformed"),
        ("/?123!", "line-end-incomplete"),
        ("/?123!\r", "line-end-incomplete"),
        ("/?123!\n\n", "cr-turned-into-lf"),
        ("/?123", "cut-short"),
    ],
)
def test_an_odd_request_is_still_a_request(line: str, note: str) -> None:
    message = only(heard(line.encode()))
    assert message.kind == "request"
    assert note in message.notes
    assert message.raw == line.encode()


@pytest.mark.parametrize(
    ("character", "mode", "baud"),
    [
        *zip("0123456", "C" * 7, (300, 600, 1200, 2400, 4800, 9600, 19200), strict=True),
        *zip("ABCDEF", "B" * 6, (600, 1200, 2400, 4800, 9600, 19200), strict=True),
        ("7", "A", 300), ("G", "A", 300), ("#", "A", 300),
    ],
)  # fmt: skip
def test_the_baud_character_tells_mode_and_speed(character: str, mode: str, baud: int) -> None:
    message = only(heard(f"/LGZ{character}ZMD120\r\n".encode()))
    assert (message.kind, message.direction, message.notes) == ("identification", "p2h", ())
    assert message.fields == {
        "manufacturer": "LGZ",
        "reaction_time_ms": 200,
        "baud_character": character,
        "baud": baud,
        "mode": mode,
        "escapes": [],
        "identification": "ZMD120",
    }


def test_a_device_of_mode_b_changes_its_speed_unasked() -> None:
    assert only(heard(b"/SIEC2WR5\r\n")).then == Continuation("flag", 2400, "7E1")


def test_a_lower_case_third_letter_promises_a_reaction_within_20_ms() -> None:
    assert only(heard(b"/ISk5MT174\r\n")).fields["reaction_time_ms"] == 20


@pytest.mark.parametrize(
    ("line", "escapes", "identification", "mode"),
    [
        (rb"/ELS5\@V9.30 ", ["@"], "V9.30 ", "C"),
        (rb"/ISK5\2MT382", ["2"], "MT382", "E"),
        (rb"/UMI5\U\2METER", ["U", "2"], "METER", "E"),
        (rb"/UMI5\UMETER", ["U"], "METER", "C"),
        (rb"/ABC5A\2", [], r"A\2", "C"),
        (b"/ABC5\\", [], "\\", "C"),
    ],
)
def test_escapes_stand_between_the_baud_character_and_the_identification(
    line: bytes, escapes: list[str], identification: str, mode: str
) -> None:
    fields = only(heard(line + b"\r\n")).fields
    assert (fields["escapes"], fields["identification"], fields["mode"]) == (escapes, identification, mode)


def test_an_identification_beyond_the_standard_is_noted() -> None:
    assert only(heard(b"/A1C5X\r\n")).notes == ("bad-manufacturer",)
    assert only(heard(b"/ABC5" + b"x" * 17 + b"\r\n")).notes == ("identification-too-long",)
    assert only(heard(b"/AB\r\n")).kind == "garbage"


@pytest.mark.parametrize(
    ("letters", "procedure", "baud", "action"),
    [
        ("050", "normal", 9600, "readout"),
        ("141", "secondary", 4800, "programming"),
        ("252", "hdlc", 9600, "binary"),
        ("006", "normal", 300, "manufacturer"),
        ("3X5", "3", 300, "5"),
    ],
)
def test_an_option_select_names_procedure_speed_and_action(letters: str, procedure: str, baud: int, action: str) -> None:
    message = only(heard(f"\x06{letters}\r\n".encode()))
    assert (message.kind, message.direction, message.notes) == ("option", "h2p", ())
    assert message.fields == {
        "v": letters[0],
        "z": letters[1],
        "y": letters[2],
        "procedure": procedure,
        "baud": baud,
        "action": action,
    }


def test_the_speed_changes_only_if_its_character_is_repeated() -> None:
    _, same = heard(b"/ABC5X\r\n\x06050\r\n")
    assert (same.notes, same.then) == ((), Continuation("flag", 9600, "7E1"))
    _, other = heard(b"/ABC5X\r\n\x06040\r\n")
    assert (other.notes, other.then, other.fields["baud"]) == (("baud-not-confirmed",), None, 300)


def test_a_readout_is_a_list_of_data_sets() -> None:
    block = checked(b"\x021.8.0*01(000123.4*kWh)\r\n1.6.1(0.5*kW)(2211120730)\r\n!\r\n\x03")
    message = only(heard(block))
    assert (message.kind, message.direction, message.bcc, message.notes) == ("readout", "p2h", "ok", ())
    assert message.fields == {
        "items": [
            {"address": "1.8.0*01", "value": "000123.4", "unit": "kWh"},
            {"address": "1.6.1", "value": "0.5", "unit": "kW"},
            {"address": None, "value": "2211120730", "unit": None},
        ],
        "partial": False,
        "block_check": block[-1],
    }


def test_data_sets_need_no_line_ends_between_them() -> None:
    items = only(heard(checked(b"\x026.8(29*MWh)9.4(088*C&082*C)F()!\r\n\x03"))).fields["items"]
    assert items == [
        {"address": "6.8", "value": "29", "unit": "MWh"},
        {"address": "9.4", "value": "088", "unit": "C&082*C"},
        {"address": "F", "value": "", "unit": None},
    ]


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"1.8.0(" + b"1" * 33 + b")", "value-too-long"),
        (b"1.8.0(1*" + b"k" * 17 + b")", "unit-too-long"),
        (b"A" * 17 + b"(1)", "address-too-long"),
        (b"(1)" * 25 + b"()", "line-too-long"),
        (b"1.8.0(1)stray", "unparsed-text"),
        (b"1.8.0(1\r\n2.8.0(2)", "unparsed-text"),
    ],
)
def test_what_exceeds_the_limits_of_a_readout_is_noted(body: bytes, note: str) -> None:
    message = only(heard(checked(b"\x02" + body + b"\r\n!\r\n\x03")))
    assert (message.kind, message.bcc) == ("readout", "ok")
    assert message.notes == (note,)


def test_a_readout_within_the_limits_is_not_noted() -> None:
    widest = b"A" * 16 + b"(" + b"1" * 32 + b"*" + b"k" * 16 + b")" + b"(" + b"2" * 7 + b")"
    assert len(widest) == 76
    assert only(heard(checked(b"\x02" + widest + b"\r\n!\r\n\x03"))).notes == ()


def test_values_may_be_longer_when_programming() -> None:
    read, answer = heard(checked(b"\x01R1\x02P()\x03") + checked(b"\x02P(" + b"1" * 128 + b")\x03"))
    assert (read.notes, answer.notes) == ((), ("line-too-long",))


@pytest.mark.parametrize(
    ("check", "verdict", "notes"),
    [
        (0x35, "ok", ()),
        (0x43, "sum", ("bcc-sum",)),
        (0x00, "bad", ("bcc-bad",)),
        (0x06, "bad", ("bcc-bad",)),
        (None, "absent", ("no-bcc",)),
    ],
)
def test_the_block_check_is_the_xor_the_sum_or_wrong(check: int | None, verdict: str, notes: tuple[str, ...]) -> None:
    block = b"\x02A(1)\x03"
    xor = checked(block)[-1]
    total = sum(block[1:]) % 128
    given = {0x35: xor, 0x43: total}.get(check or 0, check)
    message, *rest = heard(block + (b"" if given is None else bytes([given])))
    assert (message.bcc, message.notes, rest) == (verdict, notes, [])
    assert message.fields.get("block_check") == given


@pytest.mark.parametrize(
    ("following", "kind"), [(b"/?!\r\n", "request"), (b"/ABC5X\r\n", "identification"), (checked(b"\x01B0\x03"), "break")]
)
def test_without_a_block_check_the_next_message_is_not_eaten(following: bytes, kind: str) -> None:
    block, message = heard(b"\x02A(1)\x03" + following)
    assert (block.bcc, block.notes, block.raw) == ("absent", ("no-bcc",), b"\x02A(1)\x03")
    assert (message.kind, message.raw) == (kind, following)


@pytest.mark.parametrize("check", [b"\x01", b"\x02", b"/"])
def test_a_wrong_block_check_may_look_like_the_start_of_a_message(check: bytes) -> None:
    block, request = heard(b"\x02A(1)\x03" + check + bytes(1) + b"/?!\r\n")[0::2]
    assert (block.bcc, block.raw[-1:]) == ("bad", check)
    assert request.kind == "request"
    assert only(heard(b"\x02A(1)\x03" + check)).bcc == "bad"


def test_a_right_block_check_may_look_like_the_start_of_a_message() -> None:
    body = next(body for value in range(128) if (body := checked(b"\x02%c(1)\x03" % value))[-1] == 0x01)
    assert only(heard(body)).bcc == "ok"


@pytest.mark.parametrize(
    ("command", "name", "side"),
    [
        ("P0", "operand", "p2h"), ("P1", "password", "h2p"), ("P2", "result", "h2p"),
        ("W1", "write", "h2p"), ("W2", "formatted_write", "h2p"), ("W3", "partial_write", "h2p"), ("W4", "formatted_partial_write", "h2p"),
        ("R1", "read", "h2p"), ("R2", "formatted_read", "h2p"), ("R3", "partial_read", "h2p"), ("R4", "formatted_partial_read", "h2p"),
        ("E2", "execute", "h2p"),
    ],
)  # fmt: skip
def test_a_programming_command_has_a_letter_a_type_and_operands(command: str, name: str, side: str) -> None:
    message = only(heard(checked(b"\x01" + command.encode() + b"\x02C003(910324)\x03")))
    assert (message.kind, message.direction, message.bcc, message.notes) == ("command", side, "ok", ())
    assert message.fields == {
        "command": command[0],
        "type": command[1],
        "name": name,
        "items": [{"address": "C003", "value": "910324", "unit": None}],
        "partial": False,
        "block_check": message.raw[-1],
    }


def test_an_unknown_command_type_is_noted() -> None:
    message = only(heard(checked(b"\x01R9\x02A()\x03")))
    assert (message.kind, message.fields["name"], message.notes) == ("command", None, ("malformed",))


def test_a_break_has_the_published_block_check() -> None:
    message = only(heard(b"\x01B0\x03\x71"))
    assert (message.kind, message.bcc, message.fields["name"]) == ("break", "ok", "break")
    assert only(heard(b"\x01B0\x03\x75")).bcc == "sum"


def test_a_block_that_ends_with_eot_is_partial() -> None:
    first, ack, last = decode(
        ("p2h", checked(b"\x02P(1)\x04")), ("h2p", b"\x06"), ("p2h", checked(b"\x02(2)\x03"))
    )  # fmt: skip
    assert (first.fields["partial"], first.bcc) == (True, "ok")
    assert (ack.kind, ack.direction) == ("ack", "h2p")
    assert (last.fields["partial"], last.bcc) == (False, "ok")


def test_a_nak_is_a_message_of_one_byte() -> None:
    assert [message.kind for message in heard(b"\x15\x15/?!\r\n")] == ["nak", "nak", "request"]


def test_an_acknowledgement_before_a_data_line_is_no_option_select() -> None:
    ack, line = heard(b"\x061.8.0(1)\r\n")
    assert (ack.kind, ack.raw) == ("ack", b"\x06")
    assert (line.kind, line.fields["items"]) == ("readout", [{"address": "1.8.0", "value": "1", "unit": None}])


def test_an_acknowledgement_may_bring_a_line_end() -> None:
    ack, block = heard(b"\x06\r\n" + checked(b"\x02A(1)\x03"))
    assert (ack.kind, ack.raw, ack.notes) == ("ack", b"\x06\r\n", ("ack-with-line-end",))
    assert block.bcc == "ok"


def test_cr_turned_into_lf_is_noted_and_read() -> None:
    identification, readout = heard(b"/LGZ4X\n\n" + checked(b"\x02F.F(00)\n\n1.8.0(1*kWh)\n\n!\n\n\x03"))
    assert (identification.kind, identification.notes) == ("identification", ("cr-turned-into-lf",))
    assert (readout.kind, readout.bcc, readout.notes) == ("readout", "ok", ("cr-turned-into-lf",))
    assert len(readout.fields["items"]) == 2  # type: ignore[arg-type]  # a list, or the test fails


def test_a_readout_without_stx_is_noted_and_checked() -> None:
    block = checked(b"\x021.8.0(1)\r\n!\r\n\x03")
    message = only(heard(block[1:]))
    assert (message.kind, message.bcc, message.notes) == ("readout", "ok", ("missing-stx",))


def test_a_readout_without_etx_ends_before_the_next_message() -> None:
    readout, request = heard(b"\x021.8.0(1)\r\n!\r\n/?!\r\n")
    assert (readout.kind, readout.bcc, readout.notes) == ("readout", "absent", ("missing-etx",))
    assert request.kind == "request"


def test_a_readout_that_breaks_off_does_not_eat_the_command_after_it() -> None:
    readout, command = heard(b"\x021.8.0(1)\r\n2.8.0(" + checked(b"\x01R1\x02A()\x03"))
    assert (readout.kind, readout.notes) == ("readout", ("cut-short", "missing-etx", "unparsed-text"))
    assert (command.kind, command.bcc) == ("command", "ok")


@pytest.mark.parametrize("broken", [b"\x021.8.0(1)\r\n", b"\x021.8.0(1)\r\n2.8"])
def test_a_readout_that_breaks_off_does_not_eat_the_request_after_it(broken: bytes) -> None:
    readout, request = heard(broken + b"/?!\r\n")
    assert (readout.kind, readout.raw) == ("readout", broken)
    assert "cut-short" in readout.notes
    assert request.kind == "request"


def test_7e1_read_as_8n1_is_stripped_of_its_parity() -> None:
    text = b"/LGZ5ZMD120\r\n\x06050\r\n" + checked(b"\x021.8.0(1*kWh)\r\n!\r\n\x03") + checked(b"\x01B0\x03")
    messages = heard(even(text))
    assert [(m.kind, m.text) for m in messages] == [(m.kind, m.text) for m in heard(text)]
    assert [m.fields for m in messages] == [m.fields for m in heard(text)]
    assert {(m.notes, m.parity_errors) for m in messages} == {(("read-as-8n1",), 0)}
    assert [m.bcc for m in messages[2:]] == ["ok", "ok"]


def test_a_parity_error_in_8n1_is_counted() -> None:
    line = bytearray(even(b"/LGZ5ZMD120\r\n"))
    line[7] ^= 0x80
    message = only(heard(bytes(line)))
    assert (message.kind, message.text, message.parity_errors) == ("identification", "/LGZ5ZMD120\r\n", 1)


def test_bytes_above_127_that_are_no_parity_are_kept() -> None:
    message = only(heard(checked(b"\x02A(25 \xb0C)\r\n!\r\n\x03")[:-1] + b"\x00"))
    assert message.fields["items"] == [{"address": "A", "value": "25 °C", "unit": None}]
    assert "read-as-8n1" not in message.notes


def test_a_p1_telegram_is_one_message_with_its_crc() -> None:
    telegram = p1(b"/FLU5\\253769484_A\r\n\r\n0-0:1.0.0(200512135409S)\r\n0-1:24.2.3(200512134558S)(00112.384*m3)\r\n!")
    message = only(heard(telegram))
    assert (message.kind, message.direction, message.bcc, message.crc, message.notes) == ("p1", "p2h", "absent", "ok", ())
    assert message.fields["manufacturer"] == "FLU"
    assert message.fields["crc"] == telegram[-6:-2].decode()
    assert message.fields["items"] == [
        {"address": "0-0:1.0.0", "value": "200512135409S", "unit": None},
        {"address": "0-1:24.2.3", "value": "200512134558S", "unit": None},
        {"address": None, "value": "00112.384", "unit": "m3"},
    ]
    assert [m.crc for m in heard(telegram * 3)] == ["ok"] * 3


def test_a_p1_telegram_with_a_flipped_bit_has_a_bad_crc() -> None:
    telegram = p1(b"/FLU5X\r\n\r\n1-0:1.8.0(0*kWh)\r\n!").replace(b"(0*", b"(1*")
    message = only(heard(telegram))
    assert (message.kind, message.crc, message.notes) == ("p1", "bad", ("crc-bad",))


def test_a_p1_telegram_without_crc_is_one_too() -> None:
    message = only(heard(b"/KMP5KA6U\r\n\r\n1-0:1.8.0(0*kWh)\r\n!\r\n"))
    assert (message.kind, message.crc, message.notes) == ("p1", "absent", ())


def test_mode_d_pushes_identification_and_readout() -> None:
    identification, readout = heard(b"/ABC3PUSH\r\n\r\n1.8.0(1*kWh)\r\n!\r\n")
    assert (identification.kind, identification.fields["mode"], identification.fields["baud"]) == ("identification", "D", 2400)
    assert (readout.kind, readout.direction, readout.bcc, readout.notes) == ("readout", "p2h", "absent", ())
    assert readout.fields["items"] == [{"address": "1.8.0", "value": "1", "unit": "kWh"}]


def test_garbage_between_messages_is_kept() -> None:
    messages = heard(b"\x7f\x7f\xfe/?!\r\n\x05\x05" + checked(b"\x01R1\x02A()\x03"))
    assert [(message.kind, message.raw[:2]) for message in messages] == [
        ("garbage", b"\x7f\x7f"), ("request", b"/?"), ("garbage", b"\x05\x05"), ("command", b"\x01R"),
    ]  # fmt: skip


@pytest.mark.parametrize("start", [b"\x02", b"/ABC5", b"/?", b"\x01R1\x02", b"(", b"A"])
def test_what_has_no_end_is_cut_at_a_stated_length(start: bytes) -> None:
    stream = start + b"x" * ((1 << 20) + (1 << 18))
    messages = heard(stream)
    assert b"".join(message.raw for message in messages) == stream
    assert all(message.notes and "too-long" in message.notes for message in messages[:-1])
    assert max(len(message.raw) for message in messages) <= 1 << 20


def test_the_tree_covers_the_message_in_bits() -> None:
    message = only(heard(checked(b"\x021.8.0(12*kWh)\r\n!\r\n\x03")[:-1] + b"\x00"))
    tree = message.tree()
    nodes = {node.name: node for _, node in tree.walk()}
    assert (tree.start_bit, tree.end_bit, tree.text) == (0, 8 * len(message.raw), "readout")
    assert {node.provenance for node in nodes.values()} == {"S: EN 62056-21"}
    assert (nodes["value"].value, nodes["value"].start_bit, nodes["value"].end_bit) == ("12", 8 * 7, 8 * 9)
    assert (nodes["unit"].value, nodes["unit"].start_bit, nodes["unit"].end_bit) == ("kWh", 8 * 10, 8 * 13)
    assert nodes["block_check"].problem == f"the XOR of the block is 0x{checked(message.raw[:-1])[-1]:02X}"
    assert tree.problem == NOTES["bcc-bad"]


def test_the_umi_escape_is_marked_as_a_placeholder() -> None:
    nodes = [node for _, node in only(heard(rb"/UMI5\U\2METER" + b"\r\n")).tree().walk() if node.name == "escape"]
    assert [(node.text, node.provenance) for node in nodes] == [("U (UMI-opto)", "P"), ("2 (HDLC)", "S: EN 62056-21")]
