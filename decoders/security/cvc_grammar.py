"""Which elements a card-verifiable certificate or request has, in which order, and the field tree that they make.

BSI TR-03110-3 C and D: `7F21{7F4E{5F29 42 7F49 5F20 7F4C 5F25 5F24 [65]} 5F37}`; a request has no 7F4C, 5F25 and 5F24, and need
not have 42; an authenticated one is `67{7F21 42 5F37}`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from decoders.core.finding import Code, Severity
from decoders.core.tree import FieldNode, Value
from decoders.profile.leaf import text_of
from decoders.security.cvc_values import Read, as_bytes, as_date, as_number, as_oid, as_reference, as_version
from decoders.security.oids import TERMINAL, TERMINAL_RSA, is_under
from decoders.security.tlv import Element, amount, read, tag_text

STANDARD = "S: BSI TR-03110-3"

ENCODING = Code(
    "malformed-tlv",
    "certificates",
    Severity.ERROR,
    "A tag or length in a certificate breaks the rules of its encoding, reaches too far, or the certificate is cut short.",
)
GRAMMAR = Code(
    "malformed-certificate",
    "certificates",
    Severity.ERROR,
    "A field of a certificate or request is missing, unknown, repeated or out of its order.",
)
VALUE = Code("bad-certificate-value", "certificates", Severity.ERROR, "A field of a certificate or request holds what it must not.")
CODES = (ENCODING, GRAMMAR, VALUE)

Kind = Literal["certificate", "request", "authenticated_request"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the byte where it is; the number of bytes where something is missing at their end."""

    code: Code
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One element that may stand in another. `tag` None takes any; `inside` are those in it, in their order."""

    tag: int | None
    name: str
    label: str
    read: Read = as_bytes
    inside: tuple[Rule, ...] = ()
    is_optional: bool = False
    repeats: bool = False


@dataclass(slots=True)
class Fields:
    """What was found: elements, their nodes and their values by path, such as "body.public_key.point"; and what is wrong."""

    data: bytes
    elements: dict[str, Element] = field(default_factory=dict)
    nodes: dict[str, FieldNode] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, path: str) -> Value:
        """What a field holds; None where it is missing, cut short or cannot be understood."""
        node = self.nodes.get(path)
        return node.value if node is not None else None

    def text(self, path: str) -> str | None:
        """The same of fields that hold text or digits."""
        value = self.value(path)
        return value if isinstance(value, str) else None

    def raw(self, path: str) -> bytes | None:
        """The bytes of a field's value; None where it is missing or cut short."""
        element = self.elements.get(path)
        return self.data[element.content : element.end] if element is not None and element.is_whole else None

    def complain(self, node: FieldNode, code: Code, text: str, at: int) -> None:
        """Note a problem, also at its node."""
        node.problem = f"{node.problem}; {text}" if node.problem else text
        self.problems.append(Problem(code, text, at))

    def complain_of(self, path: str, text: str) -> None:
        """Note what is wrong with the value of a field that was found."""
        self.complain(self.nodes[path], VALUE, text, self.elements[path].content)

    def add(self, element: Element, rule: Rule | None, path: str) -> FieldNode:
        """The node of an element and all in it; without a rule its tags are all that is known."""
        node = self._node(element, rule)
        for fault in element.faults:
            self.complain(node, ENCODING, fault.text, fault.at)
        if rule and rule.inside:
            node.children = self._matched(element, rule, path, node)
        else:
            node.children = [self.add(child, None, "") for child in element.children]
        return node

    def _node(self, element: Element, rule: Rule | None) -> FieldNode:
        raw, place = self.data[element.content : element.end], (element.start * 8, element.end * 8)
        if element.tag is None:
            return FieldNode("undecoded", raw.hex(), "Undecoded", text_of("bytes", raw.hex()), *place)
        if rule is None:
            label, text = f"Tag {tag_text(element.tag)}", "" if element.children else as_bytes(raw).text
            return FieldNode("unknown", None if element.children else raw.hex(), label, text, *place)
        node = FieldNode(rule.name, None, rule.label, f"{tag_text(element.tag)}, {amount(len(raw))}", *place, STANDARD)
        if not rule.inside and not element.children:
            seen = rule.read(raw) if element.is_whole else as_bytes(raw)._replace(value=None)
            node.value, node.text = seen.value, seen.text
            if seen.problem:
                self.complain(node, VALUE, seen.problem, element.content)
        return node

    def _matched(self, holder: Element, rule: Rule, path: str, node: FieldNode) -> list[FieldNode]:
        """The nodes of an element's children, each held against the rules for what may stand there and in which order."""
        places = {one.tag: place for place, one in enumerate(rule.inside)}
        nodes, furthest, seen = [], 0, set()
        for child in holder.children:
            place = places.get(child.tag, places.get(None)) if child.tag is not None else None
            if place is None:
                nodes.append(self._unknown(child))
                continue
            one, tag = rule.inside[place], tag_text(child.tag)
            nodes.append(self._known(child, one, f"{path}.{one.name}" if path else one.name))
            if place in seen and not one.repeats:
                self.complain(nodes[-1], GRAMMAR, f"{tag} is here a second time", child.start)
            elif place < furthest:
                self.complain(nodes[-1], GRAMMAR, f"{tag} is out of order", child.start)
            seen.add(place)
            furthest = max(furthest, place)
        if holder.is_whole:
            self._missing(holder, rule.inside, node)
        return nodes

    def _known(self, element: Element, rule: Rule, path: str) -> FieldNode:
        """The node of an element that may stand here; the first of its path is the one that counts."""
        if path in self.elements:
            return self.add(element, rule, "again")
        self.elements[path] = element
        self.nodes[path] = node = self.add(element, rule, path)
        return node

    def _unknown(self, element: Element) -> FieldNode:
        node = self.add(element, None, "")
        if element.tag is not None:
            self.complain(node, GRAMMAR, f"{tag_text(element.tag)} does not belong here", element.start)
        return node

    def _missing(self, holder: Element, rules: tuple[Rule, ...], node: FieldNode) -> None:
        """Complain of what should be in an element and is not, at the byte where it should begin."""
        there = {child.tag for child in holder.children}
        for place, rule in enumerate(rules):
            if rule.tag is None or rule.is_optional or rule.tag in there:
                continue
            later = {one.tag for one in rules[place + 1 :]}
            at = next((child.start for child in holder.children if child.tag in later), holder.end)
            self.complain(node, GRAMMAR, f"{tag_text(rule.tag)} ({rule.label}) is missing", at)


VERSION = Rule(0x5F29, "profile_identifier", "Profile identifier", as_version)
AUTHORITY = Rule(0x42, "car", "Authority (CAR)", as_reference)
HOLDER = Rule(0x5F20, "chr", "Holder (CHR)", as_reference)
ALGORITHM = Rule(0x06, "algorithm", "Algorithm", as_oid)
SIGNATURE = Rule(0x5F37, "signature", "Signature")
ANYTHING = Rule(None, "content", "Content", is_optional=True, repeats=True)
EXTENSION = Rule(0x73, "extension", "Extension", inside=(Rule(0x06, "oid", "Identifier", as_oid), ANYTHING), repeats=True)
EXTENSIONS = Rule(0x65, "extensions", "Extensions", inside=(EXTENSION,), is_optional=True)
AUTHORIZATION = Rule(
    0x7F4C,
    "authorization",
    "Authorization (CHAT)",
    inside=(Rule(0x06, "oid", "Terminal type", as_oid), Rule(0x53, "rights", "Discretionary data")),
)
DATES = (Rule(0x5F25, "effective", "Effective", as_date), Rule(0x5F24, "expiration", "Expiration", as_date))
DOMAIN = (
    Rule(0x81, "prime", "Prime modulus", as_number, is_optional=True),
    Rule(0x82, "a", "Coefficient a", as_number, is_optional=True),
    Rule(0x83, "b", "Coefficient b", as_number, is_optional=True),
    Rule(0x84, "generator", "Base point", is_optional=True),
    Rule(0x85, "order", "Order", as_number, is_optional=True),
)
EC_KEY = (ALGORITHM, *DOMAIN, Rule(0x86, "point", "Public point"), Rule(0x87, "cofactor", "Cofactor", as_number, is_optional=True))
RSA_KEY = (ALGORITHM, Rule(0x81, "modulus", "Modulus", as_number), Rule(0x82, "exponent", "Exponent", as_number))


def kind_of(root: Element) -> Kind | None:
    """What the outermost element says that its bytes are; None where it is of no certificate."""
    if root.tag == 0x67:
        return "authenticated_request"
    if root.tag != 0x7F21:
        return None
    body = _child(root, 0x7F4E)
    is_request = body is not None and body.is_whole and not any(_child(body, tag) for tag in (0x7F4C, 0x5F25, 0x5F24))
    return "request" if is_request else "certificate"


def read_fields(data: bytes) -> tuple[Kind | None, FieldNode, Fields]:
    """All fields of what should be one certificate or request, as a tree over all bytes; never raises."""
    fields = Fields(data)
    if not data:
        root = FieldNode("undecoded", "", "Undecoded", "no bytes", 0, 0)
        fields.complain(root, ENCODING, "there are no bytes", 0)
        return None, root, fields
    first, *behind = read(data)
    kind = kind_of(first)
    root = fields.add(first, _rule(kind, first, data) if kind else None, "")
    if kind is None and first.tag is not None:
        fields.complain(
            root, GRAMMAR, f"a certificate begins with 7F21 and a request with 7F21 or 67, not with {tag_text(first.tag)}", 0
        )
    root.children += [fields.add(rest, None, "") for rest in behind]
    root.end_bit = len(data) * 8
    fields.problems.sort(key=lambda problem: problem.at)
    return kind, root, fields


def _rule(kind: Kind, root: Element, data: bytes) -> Rule:
    certificate = root if kind != "authenticated_request" else _child(root, 0x7F21)
    body = _child(certificate, 0x7F4E)
    key = Rule(0x7F49, "public_key", "Public key", inside=RSA_KEY if _is_rsa(_child(body, 0x7F49), data) else EC_KEY)
    inside: tuple[Rule, ...] = (VERSION, AUTHORITY, key, HOLDER, AUTHORIZATION, *DATES, EXTENSIONS)
    if kind != "certificate":
        car = Rule(AUTHORITY.tag, AUTHORITY.name, AUTHORITY.label, AUTHORITY.read, is_optional=True)
        inside = (VERSION, car, key, HOLDER, EXTENSIONS)
    label = "Certificate" if kind == "certificate" else "Certificate request"
    rule = Rule(0x7F21, kind, label, inside=(Rule(0x7F4E, "body", "Body", inside=inside), SIGNATURE))
    if kind != "authenticated_request":
        return rule
    request = Rule(0x7F21, "request", label, inside=rule.inside)
    return Rule(0x67, kind, "Authenticated request", inside=(request, AUTHORITY, SIGNATURE))


def _is_rsa(key: Element | None, data: bytes) -> bool:
    """By the algorithm; where none is known, by what else the key holds."""
    if key is None:
        return False
    algorithm = _child(key, 0x06)
    oid = as_oid(data[algorithm.content : algorithm.end]).value if algorithm else None
    if isinstance(oid, str) and is_under(oid, TERMINAL):
        return is_under(oid, TERMINAL_RSA)
    return {child.tag for child in key.children} - {0x06} == {0x81, 0x82}


def _child(element: Element | None, tag: int) -> Element | None:
    return next((child for child in element.children if child.tag == tag), None) if element else None
