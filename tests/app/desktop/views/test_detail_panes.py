"""Tree and bytes driven as a person does: each follows what is chosen in the other."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QTabBar
from pytestqt.qtbot import QtBot

from app.analysis.panes.detail import DetailNode
from app.analysis.text.hexdump import HexPage, bit_text
from app.desktop import theme
from app.desktop.models.detail_model import DetailModel
from app.desktop.selection import NO_BITS, Record, Selection
from app.desktop.views.bit_strip import BitStrip
from app.desktop.views.bytes_view import MARGIN, HexDump
from app.desktop.views.detail_panes import CLOSED_TEXT, DECODING_TEXT, DetailPanes
from app.desktop.views.empty_note import EmptyNote
from tests.helpers.growing import demo
from tests.helpers.packet_list import Recorded

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


@dataclass
class Desk:
    """The two panes on a recording, with what a test looks at."""

    selection: Selection
    panes: DetailPanes

    @property
    def dump(self) -> HexDump:
        return self.panes.bytes.findChildren(HexDump)[0]

    @property
    def tabs(self) -> QTabBar:
        return self.panes.bytes.findChildren(QTabBar)[0]

    @property
    def strip(self) -> BitStrip:
        return self.panes.bytes.findChildren(BitStrip)[0]

    @property
    def bits(self) -> str:
        return self.strip.text

    @property
    def current(self) -> DetailNode:
        node = self.panes.tree.current_node()
        assert node is not None
        return node

    def find(self, label: str, *, nth: int = 0) -> DetailNode:
        found: list[DetailNode] = []

        def walk(nodes: list[DetailNode]) -> None:
            for node in nodes:
                found.extend([node] if node.label == label else [])
                walk(node.children)

        walk(self.panes._detail.nodes)
        return found[nth]

    def click_line(self, node: DetailNode, *, double: bool = False) -> None:
        model = self.panes.tree.model()
        assert isinstance(model, DetailModel)
        index = model.index_of(node)
        self.panes.tree.scrollTo(index)
        place = self.panes.tree.visualRect(index).center()
        QTest.mouseClick(self.panes.tree.viewport(), LEFT, pos=place)
        if double:
            QTest.mouseDClick(self.panes.tree.viewport(), LEFT, pos=place)

    def place_of(self, byte: int, *, text: bool = False) -> QPoint:
        """The middle of a byte's first digit, or of its letter."""
        page = HexPage(len(self.dump._data))
        line, at = divmod(byte, 16)
        column = page.text_column(at) if text else page.hex_column(at)
        top = (line - self.dump.verticalScrollBar().value()) * self.dump._line_height + MARGIN
        x = MARGIN - self.dump.horizontalScrollBar().value() + int((column + 0.5) * self.dump._char_width)
        return QPoint(x, top + self.dump._line_height // 2)

    def click_byte(self, byte: int, *, text: bool = False) -> None:
        QTest.mouseClick(self.dump.viewport(), LEFT, pos=self.place_of(byte, text=text))

    def click_tab(self, title: str) -> None:
        titles = [self.tabs.tabText(at) for at in range(self.tabs.count())]
        QTest.mouseClick(self.tabs, LEFT, pos=self.tabs.tabRect(titles.index(title)).center())

    def marked(self) -> list[int]:
        """The bytes on whose place the colour of a selection is drawn."""
        image = self.dump.viewport().grab().toImage()
        color = theme.current().color("selection").rgb()
        ratio = image.devicePixelRatio()
        found = []
        for byte in range(len(self.dump._data)):
            place = self.place_of(byte)
            if self.dump.viewport().rect().contains(place):
                spot = QRect(place - QPoint(4, 5), place + QPoint(4, 5)) & self.dump.viewport().rect()
                dots = [(x, y) for x in range(spot.left(), spot.right()) for y in range(spot.top(), spot.bottom())]
                found += [byte] if any(image.pixel(int(x * ratio), int(y * ratio)) == color for x, y in dots) else []
        return found


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    selection = Selection()
    panes = DetailPanes(selection)
    for widget in (panes.tree, panes.bytes):
        qtbot.addWidget(widget)
        widget.resize(760, 700)
        widget.show()
    recorded = Recorded(demo()).add_all()
    panes.set_workspace(recorded)  # type: ignore[arg-type]  # as much of a workspace as the panes ask for
    selection.select(Record("packets", 1))
    return Desk(selection, panes)


def test_choosing_a_line_marks_its_bytes(desk: Desk) -> None:
    counter = desk.find("Counter")
    desk.click_line(counter)
    assert desk.selection.bits == ("packet", 192, 224)
    assert desk.panes.bytes.current_key == "packet"
    assert desk.marked() == [24, 25, 26, 27]
    assert desk.bits == ""
    desk.click_line(desk.find("To port"))
    assert desk.panes.bytes.current_key == "frame"
    assert desk.marked() == [2]
    assert desk.bits.endswith("....")


@pytest.mark.parametrize("text", [False, True], ids=["digits", "letters"])
def test_choosing_a_byte_chooses_its_line_and_marks_the_whole_field(desk: Desk, text: bool) -> None:
    desk.click_tab("Packet 1")
    desk.click_byte(26, text=text)
    assert desk.current is desk.find("Counter")
    assert desk.selection.bits == ("packet", 192, 224)
    assert desk.marked() == [24, 25, 26, 27]


def test_arrows_move_among_the_lines_and_the_marks_follow(desk: Desk) -> None:
    desk.click_line(desk.find("Counter"))
    QTest.keyClick(desk.panes.tree, Key.Key_Up)
    assert desk.current is desk.find("Destination")
    assert desk.marked() == list(range(16, 24))
    QTest.keyClick(desk.panes.tree, Key.Key_Down)
    assert desk.marked() == [24, 25, 26, 27]


def test_arrows_move_from_byte_to_byte_and_the_lines_follow(desk: Desk) -> None:
    desk.click_tab("Packet 1")
    desk.click_byte(2)
    labels = []
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Left, Key.Key_Down, Key.Key_Up):
        QTest.keyClick(desk.dump, key)
        labels.append(desk.current.label)
    assert labels == ["Status", "Transaction", "Status", "Destination", "Status"]
    for _ in range(20):
        QTest.keyClick(desk.dump, Key.Key_Left)
    assert desk.current is desk.panes._detail.at_bit("packet", 0)


def test_the_payload_s_bytes_choose_the_fields_of_the_packet_and_their_tab_stays(desk: Desk) -> None:
    desk.click_tab("Payload")
    desk.click_byte(1)
    assert desk.current.label == "[0]"
    assert desk.panes.bytes.current_key == "payload"
    assert desk.selection.bits[0] == "packet"
    assert desk.marked() == [1, 2, 3, 4]
    desk.click_tab("Packet 1")
    assert desk.marked() == [33, 34, 35, 36]
    desk.click_line(desk.find("Counter"))
    desk.click_tab("Payload")
    assert desk.marked() == []
    desk.click_tab("Packet 1")
    assert desk.marked() == [24, 25, 26, 27]


def test_another_record_has_no_marks_and_stays_with_its_kind_of_bytes(desk: Desk) -> None:
    desk.click_line(desk.find("Counter"))
    desk.selection.select(Record("packets", 2))
    assert desk.selection.bits == NO_BITS
    assert desk.panes.bytes.current_key == "packet"
    assert desk.tabs.tabText(desk.tabs.currentIndex()) == "Packet 2"
    assert desk.marked() == []
    desk.selection.select(None)
    assert desk.tabs.count() == 0
    assert desk.panes.tree.model().rowCount() == 0
    QTest.mouseClick(desk.dump.viewport(), LEFT)
    QTest.keyClick(desk.dump, Key.Key_Down)
    QTest.keyClick(desk.panes.tree, Key.Key_Return)
    assert desk.selection.record is None


def test_enter_on_a_line_that_leads_somewhere_goes_there(desk: Desk) -> None:
    desk.click_line(desk.find("Response", nth=1))
    QTest.keyClick(desk.panes.tree, Key.Key_Return)
    assert desk.selection.record == Record("packets", 2)
    frame = desk.find("Link frame")
    desk.click_line(frame)
    QTest.keyClick(desk.panes.tree, Key.Key_Enter)
    assert frame.target is not None
    assert desk.selection.record == Record(*frame.target)
    desk.click_line(desk.find("Start of frame"))
    before = desk.selection.record
    QTest.keyClick(desk.panes.tree, Key.Key_Return)
    assert desk.selection.record == before


def test_a_double_click_goes_there_too(desk: Desk) -> None:
    desk.click_line(desk.find("Response", nth=1), double=True)
    assert desk.selection.record == Record("packets", 2)


def test_values_and_bytes_are_copied(desk: Desk) -> None:
    clipboard = QGuiApplication.clipboard()
    desk.click_line(desk.find("Source"))
    QTest.keyClick(desk.panes.tree, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == desk.find("Source").value
    QTest.keyClick(desk.dump, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == bytes.fromhex(desk.find("Source").value).hex(" ")
    desk.selection.select(Record("packets", 2))
    QTest.keyClick(desk.dump, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == desk.dump._data.hex(" ")


def test_shift_right_opens_the_whole_tree(desk: Desk) -> None:
    desk.selection.select(Record("packets", 8))
    tree, model = desk.panes.tree, desk.panes.tree.model()
    assert isinstance(model, DetailModel)
    tree.collapseAll()
    QTest.keyClick(tree, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    value = desk.find("Value")
    assert tree.visualRect(model.index_of(value)).isValid()


def test_a_long_dump_is_scrolled_to_the_chosen_field(desk: Desk, qtbot: QtBot) -> None:
    desk.selection.select(Record("packets", 21))
    desk.panes.bytes.resize(760, 110)
    qtbot.waitUntil(lambda: desk.dump.viewport().height() < 100)
    checksum = desk.find("Checksum")
    desk.click_line(checksum)
    assert desk.dump.verticalScrollBar().value() > 0
    assert desk.marked() == [checksum.start_bit // 8, checksum.start_bit // 8 + 1]
    desk.click_line(desk.find("Frame length"))
    assert desk.dump.verticalScrollBar().value() == 0
    assert desk.marked() == [1]


def test_a_record_that_is_not_there_shows_nothing(desk: Desk) -> None:
    desk.selection.select(Record("packets", 99))
    assert desk.panes.tree.model().rowCount() == 0
    desk.panes.set_workspace(None)
    desk.selection.select(Record("packets", 1))
    assert desk.tabs.count() == 0


# Bits


def test_a_click_on_a_bit_chooses_the_field_that_holds_it(desk: Desk) -> None:
    version, response = desk.find("Version"), desk.find("Response")
    desk.click_line(version)
    assert desk.bits == bit_text(desk.dump._data, version.start_bit, version.end_bit) != ""
    place = desk.strip.place_of(response.start_bit)
    assert place is not None
    QTest.mouseClick(desk.strip, LEFT, pos=place.center())
    assert desk.current is response
    assert desk.selection.bits == ("packet", response.start_bit, response.end_bit)


def test_arrows_move_from_bit_to_bit_and_into_the_next_byte(desk: Desk) -> None:
    desk.click_line(desk.find("Version"))
    labels = []
    for _ in range(12):
        QTest.keyClick(desk.strip, Key.Key_Right)
        labels.append(desk.current.label)
    fields = [node.label for node in desk.find("Packet").children if node.start_bit < 16]
    assert list(dict.fromkeys(labels)) == fields
    QTest.keyClick(desk.strip, Key.Key_Left)
    assert desk.current.label == "Service"


def test_bits_of_the_payload_choose_the_fields_of_the_packet(desk: Desk) -> None:
    desk.click_tab("Payload")
    place = desk.strip.place_of(0)
    assert place is not None
    QTest.mouseClick(desk.strip, LEFT, pos=place.center())
    assert desk.panes.bytes.current_key == "payload"
    assert desk.selection.bits[0] == "packet"
    assert desk.marked()[0] == 0


def test_of_a_byte_that_is_meant_in_part_the_dump_shows_which_bits(desk: Desk) -> None:
    response = desk.find("Response")
    desk.click_line(response)
    image, ratio = desk.dump.viewport().grab().toImage(), desk.dump.devicePixelRatioF()
    place = desk.place_of(response.start_bit // 8)
    left, width = place.x() - desk.dump._char_width // 2, 2 * desk.dump._char_width
    accent = theme.current().color("accent").rgb()
    rows = range(int(place.y() * ratio), int((place.y() + desk.dump._line_height) * ratio))
    underlined = {
        (x - left) * 8 // width for x in range(left, left + width) if any(image.pixel(int(x * ratio), y) == accent for y in rows)
    }
    assert underlined == {response.start_bit % 8}
    desk.click_line(desk.find("Counter"))
    image = desk.dump.viewport().grab().toImage()
    assert accent not in {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


def test_without_bytes_there_are_no_bits(desk: Desk) -> None:
    desk.selection.select(None)
    assert not desk.strip.isVisible()
    assert desk.bits == ""


# While it grows


def unanswered(recorded: Recorded) -> int:
    """Decode on until the last packet is a command that waits for its response."""
    snapshot = recorded.snapshot
    while recorded.is_decoding:
        recorded.add(1)
        last = snapshot.count("packets")
        exchange = snapshot.transaction_of_packet(last) if last else None
        if exchange is not None and snapshot.transaction(exchange).response is None:
            return last
    raise AssertionError("every response comes with its command")


def test_a_late_response_comes_into_the_tree_and_what_was_opened_stays(qtbot: QtBot) -> None:
    selection = Selection()
    panes = DetailPanes(selection)
    for widget in (panes.tree, panes.bytes):
        qtbot.addWidget(widget)
        widget.resize(760, 160)
        widget.show()
    recorded = Recorded(demo())
    panes.set_workspace(recorded)  # type: ignore[arg-type]  # as much of a workspace as the panes ask for
    command = unanswered(recorded)
    selection.select(Record("packets", command))
    desk = Desk(selection, panes)
    tree, model = panes.tree, panes.tree.model()
    assert isinstance(model, DetailModel)
    assert [node.text for node in desk.find("Transaction", nth=1).children] == ["not in the recording"]
    tree.collapse(model.index_of(desk.find("Link frame")))
    tree.expand(model.index_of(desk.find("Payload", nth=1)))
    desk.click_line(desk.find("Counter"))
    tree.scrollTo(model.index_of(desk.find("Response")), tree.ScrollHint.PositionAtTop)
    top = tree.indexAt(QPoint(0, 0)).data()
    changed = []
    selection.bits_changed.connect(lambda *bits: changed.append(bits))

    recorded.add_all()
    panes.refresh()
    answer = desk.find("Transaction", nth=1).children[0]
    assert (answer.label, answer.target) == ("Response", ("packets", command + 1))
    assert not tree.isExpanded(model.index_of(desk.find("Link frame")))
    assert tree.isExpanded(model.index_of(desk.find("Payload", nth=1)))
    assert desk.current is desk.find("Counter")
    assert tree.indexAt(QPoint(0, 0)).data() == top
    assert changed == []
    assert desk.marked() == [24, 25, 26, 27]


def test_what_comes_in_quick_succession_is_taken_in_soon(qtbot: QtBot) -> None:
    selection = Selection()
    panes = DetailPanes(selection)
    for widget in (panes.tree, panes.bytes):
        qtbot.addWidget(widget)
    recorded = Recorded(demo())
    panes.set_workspace(recorded)  # type: ignore[arg-type]  # as much of a workspace as the panes ask for
    command = unanswered(recorded)
    selection.select(Record("packets", command))
    panes.refresh()
    recorded.add_all()
    panes.refresh()
    desk = Desk(selection, panes)
    qtbot.waitUntil(lambda: desk.find("Transaction", nth=1).children[0].target == ("packets", command + 1))


def test_a_record_about_which_nothing_is_new_is_left_alone(desk: Desk) -> None:
    desk.click_line(desk.find("Counter"))
    before = desk.panes._detail
    desk.panes.refresh()
    assert desk.panes._detail is before


# Room


def test_the_tree_needs_no_sideways_scrolling_and_tells_long_values_whole(desk: Desk, qtbot: QtBot) -> None:
    tree = desk.panes.tree
    tree.resize(400, 300)
    qtbot.waitUntil(lambda: tree.viewport().width() <= 400)
    assert sum(tree.columnWidth(column) for column in range(3)) <= tree.viewport().width()
    payload = desk.find("Payload")
    model = tree.model()
    assert isinstance(model, DetailModel)
    assert payload.text in str(model.data(model.index_of(payload), Qt.ItemDataRole.ToolTipRole))


def test_a_row_that_the_edge_would_cut_is_not_drawn(desk: Desk, qtbot: QtBot) -> None:
    tree = desk.panes.tree
    height = tree.sizeHintForRow(0)
    tree.resize(400, tree.height() - tree.viewport().height() + 6 * height + height // 2)
    qtbot.waitUntil(lambda: tree.viewport().height() == 6 * height + height // 2)
    image, ratio = tree.viewport().grab().toImage(), tree.devicePixelRatioF()
    rows = [int(y * ratio) for y in range(6 * height, 6 * height + height // 2)]
    assert {image.pixel(x, y) for x in range(image.width()) for y in rows} == {theme.current().color("window").rgb()}


def test_empty_panes_say_what_would_fill_them_and_offer_it(qtbot: QtBot) -> None:
    panes = DetailPanes(Selection())
    panes.open_action = QAction("Open a recording…")
    pressed = []
    panes.open_action.triggered.connect(lambda: pressed.append(True))
    for widget in (panes.tree, panes.bytes):
        qtbot.addWidget(widget)
        widget.resize(400, 200)
        widget.show()
    panes.set_workspace(None)
    for widget, what in ((panes.tree, "fields"), (panes.bytes, "bytes")):
        (note,) = widget.findChildren(EmptyNote)
        assert (note.isVisible(), note.text) == (True, CLOSED_TEXT.format(what=what))
        QTest.mouseClick(note.findChildren(QPushButton)[0], LEFT)
    assert pressed == [True, True]
    panes.set_workspace(Recorded(demo()))  # type: ignore[arg-type]  # as much of a workspace as the panes ask for
    assert panes.tree.findChildren(EmptyNote)[0].text == DECODING_TEXT
    assert not panes.tree.findChildren(QPushButton)[0].isVisible()
