"""Every word that a wire profile knows, each in one line: keys by the kind of table they stand in, choices, and field names.

The editor's help and the manual are made from it; a test holds it against what the profile's reader asks for.
"""

from __future__ import annotations

from decoders.profile import vocabulary

Words = dict[str, str]

TABLES: dict[str, str] = {
    "profile": "The file itself",
    "framing": "`[framing]`: how frames are found in a stream of bytes",
    "crc": "`[crc]`: the checksum at a frame's end",
    "link": "`[link]`: the header of a frame",
    "packet": "`[packet]`: the header of an application packet",
    "field": "A field, in a list of fields of any header or payload",
    "when": "`when = { … }` of a field",
    "security": "`[security]`: how bodies are signed and encrypted",
    "recipe": "A recipe, in `[security.recipes]`",
    "part": "A part of a recipe",
    "procedures": "`[procedures]`: how frames and packets follow each other",
    "enumeration": "`[enumerations.NAME]`: names for numbers",
    "types": "`[types]`: typed values",
    "type": "A type, in `kinds`",
    "service": "`[services.NAME]`",
    "operation": "`[services.NAME.operations.NAME]`",
}
KEYS: dict[str, Words] = {
    "profile": {
        "format": "The version of this file format: 1.",
        "name": "What the profile is called in lists and in the status bar.",
        "title": "One line about it.",
        "description": "More about it.",
        "framing": "How frames are found.",
        "crc": "The checksum of frames.",
        "link": "The header of frames.",
        "packet": "The header of packets.",
        "security": "Signatures and encryption.",
        "procedures": "Acknowledgement, fragments, forwarding, pairing, limits.",
        "enumerations": "Names for numbers; frame_type, link_status, service and status have to be there.",
        "types": "Typed values.",
        "services": "The six services and their operations.",
    },
    "framing": {
        "strategy": "How frames are bounded: length, transfer, hdlc, cobs or pause.",
        "start": "The bytes that a frame begins with, in hex; they are the link header's first fields. Only with length.",
        "length_field": "The link field that says how long the whole frame is, in bytes. Only with length.",
        "flag": "The byte before and behind a frame. Only with hdlc.",
        "escape": "The byte that stands before a changed one. Only with hdlc.",
        "escape_xor": "What a byte behind the escape was changed with. Only with hdlc.",
        "pause_us": "A longer silence ends a frame, in microseconds. Only with pause.",
        "min_bytes": "The smallest frame: header and checksum at least.",
        "max_bytes": "The largest frame, in bytes.",
        "filler": "Bytes that stand between frames and mean nothing.",
        "from": "Where each of these statements comes from: a table with the same keys.",
    },
    "crc": {
        "model": "A name of the CRC catalogue, custom with the parameters below, or none.",
        "bits": "The width. Only with custom.",
        "poly": "The polynomial without its highest term. Only with custom.",
        "init": "What the register begins with. Only with custom.",
        "refin": "Whether the lowest bit of a byte goes first. Only with custom.",
        "refout": "Whether the sum is turned round at the end. Only with custom.",
        "xorout": "What the sum is changed with at the end. Only with custom.",
        "order": "Which byte of the sum stands first: big (the high one) or little.",
        "first_byte": "The first byte of the frame that is summed up, from 0.",
        "from": "Where the checksum comes from.",
    },
    "link": {
        "fields": "The header's fields.",
        "payloads": "Fields of the payloads that frames of some types have, by the type's name.",
        "from": "Where the fields come from that do not say so themselves.",
    },
    "packet": {"fields": "The header's fields.", "from": "Where the fields come from that do not say so themselves."},
    "field": {
        "name": "One of the fixed vocabulary, so that filters and reports mean the same thing in every profile; or x_ and any other.",
        "kind": "What it holds; a number (uint) where nothing is said.",
        "bits": "Its width in bits.",
        "bytes": "Its width in bytes.",
        "at": "The byte where it begins, from 0; else it follows the field before it.",
        "bit": "Its highest bit in that byte, 7 to 0.",
        "order": "big, or little where the low byte comes first.",
        "const": "The value that must stand there; bytes, IDs and codes in hex.",
        "values": "The enumeration with names for its numbers.",
        "label": "What it is called on the screen.",
        "unit": "The unit, such as mA.",
        "scale": "Value = number × scale + bias.",
        "bias": "What is added to the number.",
        "length": "The earlier field that says how many bytes this one has.",
        "count": "The earlier field that says how often a list repeats.",
        "to_end": "true where it takes all that is left.",
        "when": "The field is there only under a condition.",
        "each": "The fields that a list repeats.",
        "item": "The one field that a list repeats without a name.",
        "from": "Where the field comes from.",
    },
    "when": {"field": "An earlier number of the same group.", "is": "The numbers with which this field is there."},
    "security": {
        "order": "What is done first: sign-then-encrypt or encrypt-then-sign.",
        "cipher": "AES-128-GCM, as the article says.",
        "curve": "The curve where neither certificate nor point tells: P-256 or brainpoolP256r1.",
        "hash": "The hash of signatures and of key derivation.",
        "point_format": "How a point of the curve is written.",
        "agreement": "Which keys the session key is agreed with.",
        "prefix": "Fields in clear before the ciphertext.",
        "explicit_iv": "Names the explicit IV in the table of sources.",
        "explicit_iv_bytes": "Bytes of the IV that the body carries; 0 for none.",
        "tag": "Names the tag in the table of sources.",
        "tag_bytes": "The size of the tag.",
        "tag_place": "Whether the tag stands before or after the ciphertext.",
        "signature": "Names the signature in the table of sources.",
        "signature_bytes": "The size of the signature.",
        "signature_place": "Whether the signature stands before or after what it belongs to.",
        "recipes": "What is signed, IV, AAD, key derivation and proof, as lists of parts.",
        "from": "Where each of these statements comes from.",
    },
    "recipe": {"parts": "What it is put together from, in order.", "from": "Where the recipe comes from."},
    "part": {
        "what": "Which part it is.",
        "name": "The field. Only with field.",
        "hex": "The bytes. Only with constant.",
        "bits": "The width. Only with counter.",
    },
    "procedures": {
        "acknowledgement": "stop-and-wait, window or none.",
        "window": "Frames on the way at once. Only with window.",
        "sequence_modulus": "Where sequence numbers begin again.",
        "fragment_modulus": "Where fragment numbers begin again.",
        "fragment_bytes": "The payload of every fragment but the last.",
        "max_packet_bytes": "The largest packet.",
        "reassembly_key": "What tells apart packets that are on the way at once: stream, port, route.",
        "forwarding": "Whether the host hands frames on from port to port: link or none.",
        "forwarding_timeout_ms": "What was not handed on by then is lost.",
        "pairing": "Which open command a response belongs to: newest-first or oldest-first.",
        "response_timeout_ms": "A response that comes later is late.",
        "abort_reasons": "Link statuses after which a packet is given up.",
        "from": "Where each of these statements comes from.",
    },
    "enumeration": {"values": "Names and their numbers.", "from": "Where the numbers come from."},
    "types": {
        "kinds": "The types.",
        "tag_bits": "The width of the number that says which type follows.",
        "order": "The byte order of all typed values.",
        "max_depth": "How deep arrays and structs may nest.",
        "max_items": "How many entries they may have.",
        "from": "Where it comes from that there are such types.",
        "tags_from": "Where their numbers and sizes come from.",
    },
    "type": {
        "name": "What the type is called.",
        "code": "The number that stands for it.",
        "kind": "What it holds.",
        "bits": "Its width.",
        "count_bits": "The width of the count before text, bytes, arrays and structs.",
    },
    "service": {
        "code": "Its number, as in the enumeration service.",
        "operations": "Its operations by name.",
        "from": "Where it comes from.",
    },
    "operation": {
        "code": "Its number.",
        "command": "The fields of the command's payload; none where it is empty.",
        "response": "The fields of the response's payload; none where it is empty.",
        "from": "Where it comes from.",
    },
}
CHOICES: dict[tuple[str, str], Words] = {
    ("framing", "strategy"): {
        "length": "A start and a field with the size.",
        "transfer": "A transfer is a frame; without start byte.",
        "hdlc": "Flags around it, and stuffing.",
        "cobs": "Stuffed so that a zero ends it.",
        "pause": "A silence ends it.",
    },
    ("field", "kind"): {
        "uint": "A number without sign.",
        "int": "A number with sign.",
        "flag": "Yes or no; one bit where nothing is said.",
        "float": "A floating-point number of 16, 32 or 64 bits.",
        "bytes": "Bytes, shown in hex.",
        "umi_id": "A UMI ID of 64 bits.",
        "code": "A UMI code of 32 bits, which datasheets name.",
        "text": "UTF-8.",
        "time": "Seconds since 1970, UTC.",
        "typed": "A typed value: its type, then its data.",
        "list": "Fields that repeat.",
    },
    ("field", "order"): {"big": "The high byte comes first.", "little": "The low byte comes first."},
    ("crc", "order"): {"big": "The high byte comes first.", "little": "The low byte comes first."},
    ("types", "order"): {"big": "The high byte comes first.", "little": "The low byte comes first."},
    ("part", "what"): {
        "field": "A field of the packet header or of the prefix.",
        "header": "The packet header as sent.",
        "payload": "The plaintext.",
        "body": "What stands on the wire beside the signature.",
        "constant": "Bytes that are always the same.",
        "counter": "The counter of key derivation.",
        "secret": "The agreed secret.",
        "initiator": "The ID of the side that opened the session.",
        "responder": "The ID of the other side.",
        "nonce": "The challenge.",
        "own": "The ID of the side that proves itself.",
        "peer": "The ID of the side that asked for it.",
        "explicit_iv": "The IV bytes that the body carries.",
    },
    ("security", "order"): {
        "sign-then-encrypt": "The signature is encrypted too.",
        "encrypt-then-sign": "The signature is in clear.",
    },
    ("security", "cipher"): {"AES-128-GCM": "The only one known."},
    ("security", "curve"): {"P-256": "NIST.", "brainpoolP256r1": "As in European passports."},
    ("security", "hash"): {"SHA-256": "32 bytes.", "SHA-384": "48 bytes.", "SHA-512": "64 bytes."},
    ("security", "point_format"): {
        "uncompressed": "04, then both coordinates.",
        "compressed": "02 or 03, then X.",
        "raw": "Both coordinates alone.",
    },
    ("security", "agreement"): {
        "one-pass": "An ephemeral key of the initiator with the static one of the responder.",
        "ephemeral-ephemeral": "Ephemeral keys of both.",
        "static-static": "Static keys of both.",
    },
    ("security", "tag_place"): {"before": "Before the ciphertext.", "after": "Behind the ciphertext."},
    ("security", "signature_place"): {"before": "Before what it signs.", "after": "Behind what it signs."},
    ("procedures", "acknowledgement"): {
        "stop-and-wait": "One frame at a time.",
        "window": "Several frames before an answer.",
        "none": "No answers.",
    },
    ("procedures", "forwarding"): {"link": "The host hands frames on.", "none": "It does not."},
    ("procedures", "pairing"): {"newest-first": "The latest command of that number.", "oldest-first": "The earliest."},
}
RECIPES: Words = {
    "signature": "What a signature covers.",
    "iv": "The initialisation vector of AES-GCM.",
    "aad": "What the tag covers beside the ciphertext.",
    "kdf": "What the session key is derived from.",
    "proof": "What a device signs to prove its role.",
}
ORIGINS: Words = {
    "A": "Stated in the public article.",
    "S: …": "Stated in the standard, specification or measurement that is named.",
    "P": "A placeholder: not known, chosen after the nearest practice.",
}
FIELDS: Words = {
    "sof": "The start of a frame.",
    "length": "How long the frame is, or the field behind it.",
    "dst_port": "The port that a frame is for; 0 is the host.",
    "src_port": "The port that a frame is from.",
    "type": "The type of frame.",
    "first": "Whether a packet begins here.",
    "last": "Whether a packet ends here.",
    "seq": "The sequence number.",
    "link_status": "Why a frame was not taken.",
    "fragment": "Which fragment of its packet this is.",
    "port": "A port by its number.",
    "rail": "What a port is supplied with.",
    "limit_ma": "The current a port may draw.",
    "version": "The version of the format, or of an image.",
    "response": "Whether it answers a command.",
    "signed": "Whether a signature is there.",
    "encrypted": "Whether the body is encrypted.",
    "service": "One of the six services.",
    "operation": "The operation of the service.",
    "status": "How a command went.",
    "transaction": "The number that a response repeats.",
    "body_length": "Bytes behind the header.",
    "source": "The UMI ID of the sender.",
    "destination": "The UMI ID of the receiver.",
    "counter": "Counts the packets of a source, and never repeats under one key.",
    "time": "When it was sent, or happened.",
    "session_id": "Which session it belongs to.",
    "class": "A power class.",
    "current_ma": "The current that is asked for.",
    "duration_s": "For how long.",
    "granted_ma": "The current that is granted.",
    "until": "Until when.",
    "measured_ma": "The current that flows.",
    "count": "How many entries follow.",
    "items": "Entries of several fields.",
    "codes": "UMI codes.",
    "code": "A UMI code.",
    "event": "Which event it was.",
    "severity": "How grave it is.",
    "detail": "More about an event.",
    "from": "Where a list or a period begins.",
    "max": "How many entries at most.",
    "result": "How it went with one entry.",
    "value": "The value of an object.",
    "bank": "A manufacturer's bank of codes.",
    "image_id": "Which firmware image it is.",
    "size": "How large it is.",
    "block_size": "How large its blocks are.",
    "publisher": "Who signed the image.",
    "digest": "The image's hash.",
    "image_signature": "The publisher's signature.",
    "accepted": "Whether the image is wanted.",
    "offset": "Where a block begins.",
    "data": "Bytes carried along.",
    "received": "Bytes that have arrived.",
    "verdict": "What became of the check.",
    "at": "When to activate.",
    "tunnel": "Which tunnel it is.",
    "protocol": "What is carried in the tunnel.",
    "certificate": "A card-verifiable certificate.",
    "nonce": "A challenge that is used once.",
    "signature": "A signature.",
    "role": "The role that is granted.",
    "lifetime_s": "For how long it holds.",
    "ephemeral": "An ephemeral public key.",
    "request": "A request for a certificate.",
    "reserved": "Bits that mean nothing; may stand several times.",
}
PLACES: dict[str, frozenset[str]] = {
    "link": vocabulary.LINK,
    "packet": vocabulary.PACKET,
    "security": vocabulary.BODY,
    "services": vocabulary.PAYLOAD,
}
"""Which field names are known below each table of the file."""


def table_kind(path: tuple[str | int, ...]) -> str:
    """Which kind of table stands at a path; empty where its keys are names of the profile's own."""
    if not path:
        return "profile"
    if isinstance(path[-1], int):
        return {"parts": "part", "kinds": "type"}.get(str(path[-2]), "field") if len(path) > 1 else ""
    if path[-1] in {"when", "item"}:
        return "when" if path[-1] == "when" else "field"
    if len(path) == 1:
        return str(path[0]) if path[0] in KEYS else ""
    inside = {("enumerations", 2): "enumeration", ("services", 2): "service", ("services", 4): "operation"}
    if path[:2] == ("security", "recipes") and len(path) == 3:
        return "recipe"
    return inside.get((str(path[0]), len(path)), "")


def reference() -> str:
    """All of it as the tables of the manual's chapter."""
    parts = []
    for table, title in TABLES.items():
        parts.append(f"### {title}\n\n{_rows('key', KEYS[table])}")
        for (owner, key), words in CHOICES.items():
            if (owner == table and key != "order") or (owner, key) == ("security", "order"):
                parts.append(f"`{key}` may be:\n\n{_rows('word', words)}")
    parts.append(f"### The recipes\n\n{_rows('recipe', RECIPES)}")
    for place, names in PLACES.items():
        title = {"link": "frames", "packet": "packet headers", "security": "the prefix of bodies", "services": "payloads"}[place]
        words = {name: FIELDS[name] for name in FIELDS if name in names or name == "reserved"}
        parts.append(f"### Field names of {title}\n\n{_rows('name', words)}")
    return "\n\n".join(parts) + "\n"


def _rows(head: str, words: Words) -> str:
    return "\n".join([f"| {head} | means |", "|---|---|", *(f"| `{word}` | {text} |" for word, text in words.items())])
