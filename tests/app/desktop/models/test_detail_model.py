"""The tree of one record as Qt sees it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtTest import QAbstractItemModelTester

from app.analysis.names import DatasheetNames
from app.analysis.panes.detail import EMPTY, Detail, DetailNode, Source, frame_detail, packet_detail
from app.desktop import theme
from app.desktop.models.detail_model import TITLES, DetailModel
from decoders.core.finding import Severity
from decoders.core.span import Timebase
from decoders.datasheet.sheets import DatasheetSet
from tests.helpers import growing
from tests.helpers.umi import shipped

pytestmark = pytest.mark.usefixtures("qapp")
Role = Qt.ItemDataRole


def made_up() -> Detail:
    leaf = DetailNode("Counter", "7", "packet", 8, 16, "7", "known", "P", "too low", Severity.ERROR)
    root = DetailNode("Packet", "2 bytes", "packet", 0, 16, children=[DetailNode("Version", "1", "packet", 0, 4), leaf])
    finding = DetailNode("nak", "refused", note="The receiver refused it.", severity=Severity.NOTE)
    return Detail([root, finding, DetailNode("Frame", "no. 3", target=("frames", 3))], [Source("packet", "Packet 1", b"\x10\x07")])


def shown(model: DetailModel, parent: QModelIndex | None = None) -> list[object]:
    above = parent or QModelIndex()
    return [
        (
            [model.index(row, column, above).data() for column in range(model.columnCount())],
            shown(model, model.index(row, 0, above)),
        )
        for row in range(model.rowCount(above))
    ]


def test_it_keeps_qts_rules_empty_filled_and_replaced() -> None:
    model = DetailModel()
    watch = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    snapshot, names = growing.whole(shipped("reference-1"), growing.demo()), DatasheetNames(DatasheetSet())
    assert model.rowCount() == 0
    for no in range(1, snapshot.count("packets") + 1):
        model.show(packet_detail(snapshot, names, Timebase(1), no))
        model.show(frame_detail(snapshot, names, Timebase(1), no))
        assert model.rowCount() > 1
    model.show(EMPTY)
    assert model.rowCount() == 0
    assert watch.model() is model


def test_lines_say_field_value_and_what_is_known_with_a_sign_for_faults() -> None:
    model = DetailModel()
    model.show(made_up())
    assert shown(model) == [
        (["Packet", "2 bytes", ""], [(["Version", "1", ""], []), (["✕ Counter", "7 – too low", "known"], [])]),
        (["i nak", "refused", "The receiver refused it."], []),
        (["Frame", "no. 3", ""], []),
    ]
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert titles == list(TITLES)
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_nodes_and_places_lead_to_each_other() -> None:
    model, detail = DetailModel(), made_up()
    model.show(detail)
    leaf = detail.nodes[0].children[1]
    place = model.index_of(leaf, 2)
    assert (place.row(), place.column(), model.node(place)) == (1, 2, leaf)
    assert model.node(model.parent(place)) is detail.nodes[0]
    assert model.parent(place).column() == 0
    assert not model.parent(model.index(0, 0)).isValid()
    assert model.node(QModelIndex()) is None
    for row, column in ((3, 0), (-1, 0), (0, 3)):
        assert not model.index(row, column).isValid()
    assert model.rowCount(model.index(0, 1)) == 0


def test_colours_and_faces_mean_something() -> None:
    model, detail = DetailModel(), made_up()
    model.show(detail)
    leaf, finding, frame = detail.nodes[0].children[1], detail.nodes[1], detail.nodes[2]
    colors = theme.current()
    color = {
        (node.label, column): model.index_of(node, column).data(Role.ForegroundRole)
        for node in (leaf, finding, frame)
        for column in (0, 1)
    }
    assert color == {
        ("Counter", 0): colors.color("error"),
        ("Counter", 1): colors.color("error"),
        ("nak", 0): colors.color("note"),
        ("nak", 1): colors.color("note"),
        ("Frame", 0): None,
        ("Frame", 1): colors.color("accent"),
    }
    assert isinstance(model.index_of(detail.nodes[0], 2).data(Role.ForegroundRole), QColor)
    assert isinstance(model.index_of(leaf, 1).data(Role.FontRole), QFont)
    assert model.index_of(leaf, 0).data(Role.FontRole) is None
    assert model.index_of(frame, 1).data(Role.FontRole) is None


def test_the_tooltip_tells_fault_note_origin_and_where_it_leads() -> None:
    model, detail = DetailModel(), made_up()
    standard = DetailNode("Tag", "", provenance="S: NIST SP 800-38D")
    model.show(Detail([*detail.nodes, standard], detail.sources))
    tips = [model.index_of(node).data(Role.ToolTipRole) for node in (detail.nodes[0].children[1], detail.nodes[2], standard)]
    assert tips[0] == "too low\nknown\nPlaceholder: this layout is not public and was chosen here"
    assert tips[1] == "Double-click or press Enter to go there"
    assert tips[2] == "Standard: NIST SP 800-38D"


def test_a_line_is_found_again_in_another_detail_by_its_path() -> None:
    def frames(*texts: str) -> Detail:
        return Detail([DetailNode("Frames", "", children=[DetailNode("Frame", text) for text in texts])], [])

    model = DetailModel()
    model.show(frames("a", "b"))
    paths = [model.path(node) for node in model.all_nodes()]
    assert paths == [(("Frames", 0),), (("Frames", 0), ("Frame", 0)), (("Frames", 0), ("Frame", 1))]
    model.show(frames("c"))
    found = [model.node_at(path) for path in paths]
    assert [node.text if node else None for node in found] == ["", "c", None]
    assert model.node_at(()) is None
