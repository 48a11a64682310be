"""A profile that cannot be used is refused with file, line and key, and with what to do."""

from __future__ import annotations

import copy
import random
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.core.errors import MaterialError
from decoders.profile.wire_profile import load_profile
from tests.decoders.profile.shipped import TEXTS

TEXT = TEXTS["reference-1"]
SEQ = '{ name = "seq", at = 3, bit = 2, bits = 3'
LENGTH = '{ name = "length", at = 1, bits = 8, bias = 1'
COUNTER = '{ name = "counter", at = 24, bytes = 4'
EVENT = 'command = [{ name = "event", bytes = 2 }]'
DATA = '{ name = "offset", bytes = 4 },\n    { name = "data", kind = "bytes", to_end = true },'
CERTIFICATE = '{ name = "certificate", kind = "bytes", length = "length"'
CODES = 'count = "count", item = { name = "code", kind = "code"'
READ = 'command = [\n    { name = "count", bytes = 1 },\n    { name = "codes"'
CERTIFICATES = '{ name = "items", label = "Certificates", each = ['
RELEASE = "[services.power.operations.release"
SEVERITY = '{ name = "severity", bytes = 1, values = "severity" }'

# What stands in the reference profile, what replaces it, the key that the message names, and what it says.
FIELD_FAULTS = [
    (SEQ, '{ name = "seq", at = 3, bit = 3, bits = 3', "link.fields[7].name", "'seq' overlaps 'last' at byte 3, bit 3"),
    (COUNTER, '{ name = "counter", at = 22, bytes = 4', "packet.fields[12].name", "'counter' overlaps 'destination' at byte 22"),
    (SEQ, '{ name = "last", at = 3, bit = 2, bits = 3', "link.fields[7].name", "a second field 'last'"),
    (SEQ, '{ name = "sequence", at = 3, bit = 2, bits = 3', "link.fields[7].name", "'sequence' is not a field name of this place"),
    (SEQ, SEQ + ', values = "colour"', "link.fields[7].values", "there is no enumeration 'colour'"),
    (SEQ, SEQ + ', valeus = "status"', "link.fields[7].valeus", "unknown key 'valeus'.*did you mean 'values'"),
    (SEQ, SEQ + ', order = "little"', "link.fields[7].order", "little-endian order needs whole bytes"),
    (SEQ, SEQ + ", const = 8", "link.fields[7].const", "8 does not fit the field"),
    (SEQ, SEQ + ", scale = 2, const = 3", "link.fields[7].const", "3 does not fit the field"),
    (SEQ, SEQ + ', from = "X"', "link.fields[7].from", "'X' is no provenance"),
    (SEQ, SEQ + ', from = "S: "', "link.fields[7].from", "'S: ' is no provenance"),
    (SEQ, SEQ + ', when = { field = "fragment", is = [1] }', "link.fields[7].when", "no number 'fragment' stands before"),
    (SEQ, SEQ + ', when = { field = "type", in = [1] }', "link.fields[7].when.is", "'is' is missing"),
    (SEQ, SEQ + ', when = { field = "type", is = [-1] }', "link.fields[7].when.is[0]", "at least 0, not -1"),
    (SEQ, SEQ + ", bytes = 1", "link.fields[7].bits", "a width in bytes and one in bits"),
    (SEQ, '{ name = "seq", at = 3, bit = 2', "link.fields[7].name", "the width of 'seq' is not clear"),
    (SEQ, '{ name = "seq", at = 3, bit = 2, bits = 0', "link.fields[7].bits", "0"),
    (SEQ, '{ name = "seq", bit = 2, bits = 3', "link.fields[7].bit", "a bit without a byte"),
    (SEQ, '{ name = "seq", at = 3, bit = 8, bits = 3', "link.fields[7].bit", "must be 0 to 7, not 8"),
    (SEQ, '{ at = 3, bit = 2, bits = 3', "link.fields[7].name", "'name' is missing"),
    (SEQ, SEQ + ', kind = "number"', "link.fields[7].kind", "'number' is not a choice here"),
    (SEQ, SEQ + ', kind = "int", scale = 2', "link.fields[7].scale", "only a uint is scaled or biased"),
    (SEQ, SEQ + ', kind = "int", values = "status"', "link.fields[7].values", "has no names for its numbers"),
    (SEQ, SEQ + ', kind = "int", const = 1', "link.fields[7].const", "a int field has no constant"),
    (SEQ, SEQ + ', kind = "float"', "link.fields[7].kind", "a float of 3 bits"),
    (SEQ, SEQ + ', kind = "bytes"', "link.fields[7].bits", "3 bits are no whole bytes"),
    (SEQ, SEQ + ', kind = "typed"', "link.fields[7].kind", "a typed field has no width of its own"),
    (SEQ, SEQ + ', count = "type"', "link.fields[7].count", "only a list has a count"),
    (COUNTER, '{ name = "counter", at = 24, bytes = 9', "packet.fields[12].bytes", "a number of 72 bits"),
    (COUNTER, '{ name = "counter", at = 24, bytes = 4, kind = "bytes", const = "0102"', "packet.fields[12].const", "2 bytes in a field of 32"),
    (EVENT, 'command = [{ name = "event", bytes = 2, from = 1 }]', "operations.acknowledge.command[0].from", "must be a string, not 1"),
    (EVENT, 'command = { name = "event", bytes = 2 }', "operations.acknowledge.command", "must be an array of tables"),
    (DATA, '{ name = "data", kind = "bytes", to_end = true },\n    { name = "offset", bytes = 4 },', "command[2].name", "takes all that is left"),
    (DATA, '{ name = "data", kind = "bytes", to_end = true, order = "little" },', "command[1].order", "whose width is not fixed"),
    (DATA, '{ name = "data", kind = "bytes", to_end = true, const = "00" },', "command[1].const", "whose width is not fixed"),
    (DATA, '{ name = "offset", bits = 4 }, { name = "data", kind = "bytes", to_end = true },', "command[2].name", "byte's first bit"),
    (DATA, '{ name = "data", to_end = true },', "command[1].name", "the width of 'data' is not clear"),
    (CERTIFICATE, CERTIFICATE + ", bytes = 4", "each[1].name", "the width of 'certificate' is not clear"),
    (CERTIFICATE, '{ name = "certificate", kind = "bytes", length = "size"', "each[1].length", "no number 'size' stands before this field"),
    (CODES, CODES + ', length = "count"', "item.name", "the width of 'code' is not clear"),
    (CODES, CODES + ', when = { field = "count", is = [1] }', "item.when", "no number 'count' stands before"),
    (CODES, 'count = "x_number", item = { name = "code", kind = "code"', "command[1].count", "no number 'x_number' stands before"),
    (READ, 'command = [\n    { name = "x_count", bytes = 1 },\n    { name = "codes"', "command[1].count", "no number 'count' stands before"),
    (SEVERITY, '{ name = "data", kind = "bytes", to_end = true }', "each[2].name", "'data' before it takes all that is left"),
    (SEVERITY, '{ name = "severity", bytes = 1, each = [] }', "each[1].each", "a list without fields"),
    (CERTIFICATES, '{ name = "items", each = [{ name = "size", bits = 4 },', "command[0].name", "'items' need not be whole bytes"),
]  # fmt: skip

OTHER_FAULTS = [
    ("format = 1", "format = 2", "format", "profile format 2; this program reads format 1"),
    ("format = 1", 'format = "1"', "format", "must be an integer"),
    ('name = "reference-1"', "name = 7", "name", "must be a string, not 7"),
    ("format = 1", "format = 1\nformats = 1", "formats", "unknown key 'formats'.*did you mean 'format'"),
    ('strategy = "length"  ', 'strategy = "lenght"', "framing.strategy", "'lenght' is not a choice here; did you mean 'length'"),
    ('start = "A5"', 'start = "A"', "framing.start", "pairs of hex digits"),
    ('start = "A5"', 'start = "5A"', "framing.start", "the link header does not begin with these bytes"),
    ('start = "A5"', 'start = "A507"', "framing.start", "the link header does not begin with these bytes"),
    ('length_field = "length"', 'length_field = "size"', "framing.length_field", "no fixed number 'size'"),
    ('length_field = "length"', 'length_field = "first"', "framing.length_field", "no fixed number 'first'"),
    ("min_bytes = 8", "min_bytes = 7", "framing.min_bytes", "cannot hold header and checksum"),
    ("max_bytes = 256", "max_bytes = 7", "framing.max_bytes", "must be 8 to 65535, not 7"),
    ('filler = ["00", "FF"]', 'filler = ["00", "FFF"]', "framing.filler", "'FFF' is not one byte"),
    ('filler = ["00", "FF"]', 'filler = ["00"]\nflag = "7E"', "framing.flag", "unknown key 'flag'"),
    ('filler = "P"', "", "framing.from.filler", "'filler' is missing"),
    ('filler = "P"', 'filler = "Q"', "framing.from.filler", "'Q' is no provenance"),
    ('filler = "P"', 'filler = "P"\nflag = "P"', "framing.from.flag", "unknown key 'flag'"),
    ('"CRC-16/IBM-SDLC"', '"CRC-16/SDLC-IBM"', "crc.model", "the CRC catalogue has no 'CRC-16/SDLC-IBM'"),
    ('"CRC-16/IBM-SDLC"', '"CRC-82/DARC"', "crc.model", "the CRC catalogue has no"),
    ('"CRC-16/IBM-SDLC"', '"custom"', "crc.bits", "'bits' is missing"),
    ('"CRC-16/IBM-SDLC"', '"custom"\nbits = 8\npoly = 256', "crc.poly", "must be 1 to 255, not 256"),
    ("first_byte = 0", "first_byte = 8", "crc.first_byte", "begins after the smallest frame's end"),
    ("power = [\n    { name =", "shout = [\n    { name =", "link.payloads.shout", "there is no frame type 'shout'"),
    ('order = "sign-then-encrypt"', 'order = "sign"', "security.order", "'sign' is not a choice here"),
    ('cipher = "AES-128-GCM" ', 'cipher = "AES-256-GCM"', "security.cipher", "'AES-256-GCM' is not a choice"),
    ('bytes = 4, from = "P" }]', 'to_end = true, from = "P" }]', "security.prefix", "fixed fields of whole bytes"),
    ('parts = [{ what = "header" }, { what = "payload" }]', "parts = []", "security.recipes.signature.parts", "a recipe without parts"),
    ('{ what = "header" }, { what = "payload" }', '{ what = "nonce" }', "security.recipes.signature.parts[0].what", "'nonce' is not a choice"),
    ('{ what = "field", name = "counter" }', '{ what = "field", name = "count" }', "iv.parts[1].name", "'count' is not a choice.*'counter'"),
    ('{ what = "field", name = "counter" }', '{ what = "explicit_iv" }', "security.recipes.iv.parts", "carries no explicit IV"),
    ('{ what = "counter", bits = 32 }', '{ what = "counter", bits = 12 }', "kdf.parts[0].bits", "a counter of 12 bits"),
    ('{ what = "counter", bits = 32 }', '{ what = "counter", bytes = 4 }', "kdf.parts[0].bits", "'bits' is missing"),
    ("tag_bytes = 16", "tag_bytes = 17", "security.tag_bytes", "must be 4 to 16, not 17"),
    ('acknowledgement = "stop-and-wait"', 'acknowledgement = "window"', "procedures.window", "'window' is missing"),
    ("sequence_modulus = 8", "sequence_modulus = 16", "procedures.sequence_modulus", "16 numbers do not fit 'seq'"),
    ("fragment_modulus = 256", "fragment_modulus = 257", "procedures.fragment_modulus", "257 numbers do not fit 'fragment'"),
    ("fragment_bytes = 248", "fragment_bytes = 249", "procedures.fragment_bytes", "a whole fragment needs frames of 257 bytes"),
    ('["stream", "port", "route"]', '["stream", "colour"]', "procedures.reassembly_key", "is no reassembly key"),
    ('abort_reasons = ["no_route"', 'abort_reasons = ["no_way"', "procedures.abort_reasons", "there is no link status 'no_way'"),
    ('forwarding = "A"', 'forwarding = "article"', "procedures.from.forwarding", "'article' is no provenance"),
    ("[enumerations.link_status]", "[enumerations.status_of_link]", "enumerations.link_status", "the enumeration 'link_status' is missing"),
    ("data = 0, ack = 1", "data = 0, ack = 0", "enumerations.frame_type.values.ack", "0 is already 'data'"),
    ("data = 0, ack = 1", 'data = 0, ack = "1"', "enumerations.frame_type.values.ack", "must be an integer"),
    ("tag_bits = 8", "tag_bits = 12", "types.tag_bits", "12 bits are no whole bytes"),
    ('tags_from = "P"', "", "types.tags_from", "'tags_from' is missing"),
    ("code = 0x02, kind", "code = 0x01, kind", "types.kinds[1].code", "a second type 'int8' or number 0x01"),
    ("code = 0x02, kind", "code = 0x100, kind", "types.kinds[1].code", "must be 0 to 255, not 256"),
    ('kind = "umi_id", bits = 64', 'kind = "umi_id", bits = 48', "types.kinds[12].bits", "an EUI-64 has 64"),
    ('kind = "float", bits = 32', 'kind = "float", bits = 24', "types.kinds[8].bits", "a float of 24 bits"),
    ("[services.power]\ncode = 1", "[services.power]\ncode = 2", "services.power.code", "power is 1 in the enumeration 'service'"),
    (f"{RELEASE}]\ncode = 2", f"{RELEASE}]\ncode = 1", "services.power.operations.release.code", "1 is already 'request'"),
    (RELEASE, f"{RELEASE}d", "services.power.operations.released", "power has no operation 'released'"),
]  # fmt: skip


def fault_of(text: str) -> MaterialError:
    with pytest.raises(MaterialError) as caught:
        load_profile(text, "p.toml")
    return caught.value


@pytest.mark.parametrize(("old", "new", "key", "what"), [*FIELD_FAULTS, *OTHER_FAULTS])
def test_each_fault_names_file_line_and_key(old: str, new: str, key: str, what: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    fault = fault_of(text)
    assert re.search(what, str(fault))
    file, line, dotted = fault.where.split(", ", 2)
    assert file == "p.toml"
    assert dotted.endswith(key)
    first = TEXT[: TEXT.index(old)].count("\n")
    here = range(first, first + new.count("\n") + 1)
    at = int(line.removeprefix("line ")) - 1
    assert at in here or text.splitlines()[at].startswith("[") or is_beside(text.splitlines()[at], key)


def is_beside(line: str, key: str) -> bool:
    """Whether the key, which is fine by itself, stands on another line than the fault that it shows."""
    return key.rsplit(".", 1)[-1] in line


def test_a_service_that_is_missing_is_named() -> None:
    begin, end = TEXT.index("[services.tunnelling]"), TEXT.index("[services.security]")
    fault = fault_of(TEXT[:begin] + TEXT[end:])
    assert fault.what == "the service 'tunnelling' is missing"
    assert fault.where.endswith("services")
    assert fault.remedy == "the article names six services"


def test_a_service_that_nobody_knows_is_named() -> None:
    fault = fault_of(TEXT.replace("[services.power]", '[services.weather]\ncode = 9\nfrom = "P"\n[services.power]'))
    assert fault.what == "there is no service 'weather'"


def test_a_list_to_the_end_inside_a_list_leaves_room_for_no_second_entry() -> None:
    fault = fault_of(TEXT.replace('{ name = "detail", kind = "typed" },', '{ name = "data", kind = "bytes", to_end = true },'))
    assert "takes all that is left, so that no second entry can follow" in fault.what
    assert fault.where.endswith("services.events.operations.notify.command[1].each")


def test_odd_bits_under_a_condition_leave_what_follows_without_a_known_place() -> None:
    fields = '{ name = "severity", bits = 8 }, { name = "event", bits = 3, when = { field = "severity", is = [1] } },'
    fields += ' { name = "data", kind = "bytes", to_end = true }'
    fault = fault_of(TEXT.replace(EVENT, f"command = [{fields}]"))
    assert fault.what == "'data' need not begin at a byte's first bit"


def test_text_that_is_no_toml_names_line_and_column() -> None:
    assert fault_of("format = 1\nname = \n").where == "p.toml, line 2, column 8"


def load_or_refuse(text: str) -> None:
    try:
        profile = load_profile(text, "p.toml")
    except MaterialError as fault:
        assert fault.where.startswith("p.toml")  # noqa: PT017  # that it loads is as good
    else:
        profile.packet.read(bytes(64))


@given(text=st.text(max_size=200))
def test_any_text_is_loaded_or_refused(text: str) -> None:
    load_or_refuse(text)


@settings(max_examples=150)
@given(seed=st.randoms(use_true_random=False), changes=st.integers(1, 4))
def test_a_profile_with_characters_changed_is_loaded_or_refused(seed: random.Random, changes: int) -> None:
    text = TEXT
    for _ in range(changes):
        at = seed.randrange(len(text))
        text = (
            text[:at]
            + seed.choice(["", "0", "9", '"', "[", "]", "{", "=", ".", "-1", "true", "é", "\n", "x"])
            + text[at + seed.randrange(4) :]
        )
    load_or_refuse(text)


VALUES = st.one_of(
    st.integers(-2, 300), st.integers(min_value=1 << 60, max_value=(1 << 63) - 1), st.booleans(), st.text(max_size=5), st.floats(),
    st.sampled_from(["P", "A", "uint", "bytes", "typed", "length", "big", "little", "FF", "custom", "none"]),
    st.lists(st.integers(0, 9), max_size=2), st.just([]), st.just({}), st.lists(st.just({}), max_size=2),
)  # fmt: skip


@settings(max_examples=150)
@given(data=st.data())
def test_a_profile_with_a_value_of_another_kind_or_place_is_loaded_or_refused(data: st.DataObject) -> None:
    root = tomllib.loads(TEXT)
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(walk(root))
        holder, key = data.draw(st.sampled_from(places)) if places else (root, "format")
        change = data.draw(st.sampled_from(["set", "drop", "copy"]))
        if change == "set":
            holder[key] = data.draw(VALUES)
        elif change == "copy":
            other, name = data.draw(st.sampled_from(places))
            holder[key] = copy.deepcopy(other[name])
        else:
            del holder[key]
    load_or_refuse(tomli_w.dumps(root))


def walk(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or array with each of its keys or places."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from walk(value[key])
