"""The manual in a window of its own: contents, search, back and forward."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QAction, QBrush, QKeySequence, QTextCursor, QTextFrame, QTextFrameFormat, QTextTable
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.analysis.manual import Page, read_manual, search
from app.desktop import theme
from app.desktop.dialogs.shortcut_list import markdown
from app.desktop.shortcuts import with_keys

NO_HITS = "No page has these words"
MARGIN = 14
_NAME = Qt.ItemDataRole.UserRole


class ManualViewer(QDialog):
    """Shows pages of the manual; stays open beside the window."""

    def __init__(self, pages: Sequence[Page] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Manual")
        self.setObjectName("manual")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pages = list(pages) if pages is not None else read_manual(shortcuts=markdown())
        self._visited: list[str] = []
        self._at = -1
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search the manual")
        self._search.setAccessibleName("Search the manual")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._list_pages)
        self._contents = QListWidget()
        self._contents.setAccessibleName("Contents")
        self._contents.setWordWrap(True)
        self._contents.setStyleSheet("QListWidget::item { padding: 3px 4px; }")
        self._contents.currentItemChanged.connect(self._choose)
        self._search.returnPressed.connect(lambda: self._choose(self._contents.item(0)))
        self._browser = QTextBrowser()
        self._browser.setAccessibleName("Page of the manual")
        self._browser.setOpenLinks(False)
        self._browser.document().setDocumentMargin(MARGIN)
        self._browser.anchorClicked.connect(self._follow)
        self._back = self._step("Back", "back", -1, Qt.ArrowType.LeftArrow)
        self._forward = self._step("Forward", "forward", 1, Qt.ArrowType.RightArrow)
        self._lay_out()
        self._list_pages("")
        self.go_to(self._pages[0].name if self._pages else "")
        self._search.setFocus()

    @property
    def page(self) -> str:
        """The name of the page that is shown."""
        return self._visited[self._at] if self._at >= 0 else ""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_browser"):
            place = self._browser.verticalScrollBar().value()
            self._set_text()
            self._browser.verticalScrollBar().setValue(place)

    def go_to(self, name: str) -> None:
        """Show a page, and remember the one before; an unknown name changes nothing."""
        if name != self.page and any(page.name == name for page in self._pages):
            self._visited = [*self._visited[: self._at + 1], name]
            self._at += 1
            self._show()

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self._back)
        bar.addWidget(self._forward)
        bar.addWidget(self._search, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(self._contents, 1)
        panes = QSplitter()
        panes.addWidget(left)
        panes.addWidget(self._browser)
        panes.setStretchFactor(1, 1)
        panes.setSizes([250, 650])
        panes.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(panes)
        self.resize(940, 640)

    def _step(self, text: str, action: str, step: int, arrow: Qt.ArrowType) -> QToolButton:
        """A button with its key."""
        made = QAction(text, self)
        made.setToolTip(with_keys(text, action))
        made.setShortcut(QKeySequence("Alt+Left" if step < 0 else "Alt+Right"))
        made.triggered.connect(lambda: self._walk(step))
        self.addAction(made)
        button = QToolButton()
        button.setDefaultAction(made)
        button.setArrowType(arrow)
        button.setAccessibleName(text)
        return button

    def _list_pages(self, wanted: str) -> None:
        """The contents, or the pages that hold what is looked for."""
        self._contents.blockSignals(True)  # Qt's signature
        self._contents.clear()
        hits = search(self._pages, wanted)
        entries = [(f"{hit.page.title}\n{hit.excerpt}", hit.page.name) for hit in hits]
        for text, name in entries if wanted.strip() else [(page.title, page.name) for page in self._pages]:
            item = QListWidgetItem(text, self._contents)
            item.setData(_NAME, name)
        if not self._contents.count():
            QListWidgetItem(NO_HITS, self._contents).setFlags(Qt.ItemFlag.NoItemFlags)
        self._contents.blockSignals(False)  # Qt's signature
        self._mark_current()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_NAME):
            self.go_to(str(item.data(_NAME)))
            self._find_words()

    def _follow(self, link: QUrl) -> None:
        if not link.scheme():
            self.go_to(link.path().removesuffix(".md") or self.page)
            if link.hasFragment():
                self._browser.scrollToAnchor(link.fragment())

    def _walk(self, step: int) -> None:
        if 0 <= self._at + step < len(self._visited):
            self._at += step
            self._show()

    def _show(self) -> None:
        self._set_text()
        self._browser.moveCursor(QTextCursor.MoveOperation.Start)
        self._back.defaultAction().setEnabled(self._at > 0)
        self._forward.defaultAction().setEnabled(self._at < len(self._visited) - 1)
        self._mark_current()

    def _set_text(self) -> None:
        """The page as the theme in force draws it: its links, tables and words take their colours when they are set."""
        page = next((page for page in self._pages if page.name == self.page), None)
        if page is not None:
            self._browser.setMarkdown(page.text)
            _set_tables(self._browser)

    def _mark_current(self) -> None:
        """Show in the contents which page is open."""
        self._contents.blockSignals(True)  # Qt's signature
        rows = [self._contents.item(row) for row in range(self._contents.count())]
        self._contents.setCurrentItem(next((item for item in rows if item.data(_NAME) == self.page), None))  # type: ignore[arg-type]  # None is allowed
        self._contents.blockSignals(False)  # Qt's signature

    def _find_words(self) -> None:
        """Mark the first of the words that were looked for."""
        words = self._search.text().split()
        if words:
            self._browser.moveCursor(QTextCursor.MoveOperation.Start)
            self._browser.find(words[0])


def _set_tables(browser: QTextBrowser) -> None:
    """Tables with thin lines and air, the same in both themes."""
    line = QBrush(theme.current(browser).color("line"))
    for frame in browser.document().rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _set_table(frame, line)


def _set_table(table: QTextTable | QTextFrame, line: QBrush) -> None:
    if isinstance(table, QTextTable):
        form = table.format()
        form.setBorder(1)
        form.setBorderBrush(line)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderCollapse(True)
        form.setCellPadding(4)
        form.setCellSpacing(0)
        table.setFormat(form)
