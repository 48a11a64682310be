"""Colours, fonts and sizes: the one place that knows them.

Hues are Okabe and Ito's, darkened on light and lightened on dark grounds until text has a contrast of 4.5 : 1 and lines of 3 : 1;
a test measures it. Colour means severity or a trace, or is absent.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning, as #RRGGBB."""

    name: str
    window: str
    panel: str
    line: str
    edge: str
    text: str
    muted: str
    accent: str
    selection: str
    selection_text: str
    error: str
    warning: str
    note: str
    chat: str
    current: str
    voltage: str
    power: str
    marker: str

    def color(self, name: str) -> QColor:
        """A colour by its meaning."""
        return QColor(getattr(self, name))


LIGHT = Theme(
    name="light",
    window="#FFFFFF",
    panel="#F6F7F8",
    line="#D9DCE0",
    edge="#7C838B",
    text="#1C1E21",
    muted="#5A6068",
    accent="#0072B2",
    selection="#E6F2FA",
    selection_text="#1C1E21",
    error="#B84900",
    warning="#8A5F00",
    note="#0072B2",
    chat="#5A6068",
    current="#0072B2",
    voltage="#00795A",
    power="#A86F00",
    marker="#9A4F7A",
)
DARK = Theme(
    name="dark",
    window="#16181B",
    panel="#1E2125",
    line="#33383E",
    edge="#767E87",
    text="#E6E8EB",
    muted="#A2A9B1",
    accent="#56B4E9",
    selection="#1B3E57",
    selection_text="#FFFFFF",
    error="#FF8A4C",
    warning="#F0B429",
    note="#56B4E9",
    chat="#A2A9B1",
    current="#56B4E9",
    voltage="#2FC79A",
    power="#E69F00",
    marker="#D89BB9",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
_PROPERTY = "umiscope-theme"
TONES = ("muted", "error", "warning")
"""Colours in which a word may be written; the style sheet gives them, so that words follow a change of theme by themselves."""
ICONS = Path(__file__).resolve().parent.parent.parent / "resources" / "icons"


def apply(application: QApplication, theme: Theme) -> None:
    """Colour the whole application, offscreen too, where colour schemes do nothing."""
    application.setProperty(_PROPERTY, theme.name)  # first: what is told of a change asks which theme it is
    application.setStyle("Fusion")
    application.setPalette(_palette(theme))
    application.setStyleSheet(_style_sheet(theme))


def current(_widget: QWidget | None = None) -> Theme:
    """The theme that is in force; light before any was applied."""
    application = QApplication.instance()
    name = application.property(_PROPERTY) if application else None
    return THEMES.get(str(name), LIGHT)


def mono_font() -> QFont:
    """The face for numbers and bytes: equal digits, the size of the interface font."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QApplication.font().pointSizeF())
    return font


def small_font() -> QFont:
    """The second of the two text sizes."""
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * 0.9)
    return font


def tone(label: QWidget, name: str) -> None:
    """Write a label in one of `TONES`, or as text usually is with any other name."""
    if label.property("tone") != name:
        label.setProperty("tone", name)
        label.style().unpolish(label)
        label.style().polish(label)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (S: WCAG 2.1, relative luminance)."""
    lighter, darker = sorted((_luminance(QColor(one)), _luminance(QColor(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def color_names() -> list[str]:
    """Every meaning that has a colour."""
    return [field.name for field in fields(Theme) if field.name != "name"]


def _luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, "panel"),
        (role.WindowText, "text"),
        (role.Base, "window"),
        (role.AlternateBase, "panel"),
        (role.Text, "text"),
        (role.Button, "panel"),
        (role.ButtonText, "text"),
        (role.ToolTipBase, "panel"),
        (role.ToolTipText, "text"),
        (role.Highlight, "selection"),
        (role.HighlightedText, "selection_text"),
        (role.Link, "accent"),
        (role.PlaceholderText, "muted"),
        (role.Mid, "line"),
    ):
        palette.setColor(which, theme.color(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, theme.color("edge"))
    return palette


def _style_sheet(theme: Theme) -> str:
    """What the palette cannot say: thin lines, flat headers, a visible focus, words in other colours than text has."""
    tones = "\n".join(f'        QLabel[tone="{name}"] {{ color: {getattr(theme, name)}; }}' for name in TONES)
    up, down = ((ICONS / f"{way}-{theme.name}.svg").as_posix() for way in ("up", "down"))
    close, float_ = ((ICONS / f"{what}-{theme.name}.svg").as_posix() for what in ("close", "float"))
    return f"""{tones}
        QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; }}
        QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; border: 0; border-right: 1px solid {theme.line};
            border-bottom: 1px solid {theme.line}; padding: 3px 6px; }}
        QTableView, QTreeView, QListView, QPlainTextEdit, QTextBrowser, HexDump {{ border: 1px solid {theme.window};
            background: {theme.window}; selection-background-color: {theme.selection}; selection-color: {theme.selection_text}; }}
        QTableView:focus, QTreeView:focus, QListView:focus, QPlainTextEdit:focus, QTextBrowser:focus, HexDump:focus {{
            border: 1px solid {theme.accent}; }}
        QTreeView::item:selected {{ background: {theme.selection}; color: {theme.selection_text}; }}
        QTabBar::tab {{ padding: 4px 10px; border: 0; border-bottom: 2px solid transparent; color: {theme.muted}; }}
        QTabBar::tab:selected {{ border-bottom: 2px solid {theme.accent}; color: {theme.text}; }}
        QTabBar::tab:focus {{ background: {theme.selection}; }}
        QTabWidget::pane {{ border: 0; }}
        QLineEdit, QComboBox, QSpinBox {{ border: 1px solid {theme.edge}; border-radius: 3px; padding: 2px 4px;
            background: {theme.window}; color: {theme.text}; }}
        QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 1px solid {theme.accent}; }}
        QLabel[tone="chip"] {{ border: 1px solid {theme.edge}; border-radius: 3px; padding: 1px 6px; background: {theme.window}; }}
        #banner {{ background: {theme.panel}; border-bottom: 1px solid {theme.line}; border-left: 3px solid {theme.warning}; }}
        QComboBox::drop-down {{ border: 0; width: 18px; }}
        QComboBox::down-arrow {{ image: url("{down}"); width: 10px; height: 10px; }}
        QSpinBox::up-button, QSpinBox::down-button {{ border: 0; width: 16px; }}
        QSpinBox::up-arrow {{ image: url("{up}"); width: 8px; height: 8px; }}
        QSpinBox::down-arrow {{ image: url("{down}"); width: 8px; height: 8px; }}
        QComboBox QLineEdit {{ border: 0; padding: 0; }}
        QComboBox:disabled, QSpinBox:disabled, QLineEdit:disabled {{ border-color: {theme.line}; color: {theme.edge}; }}
        QPushButton {{ border: 1px solid {theme.edge}; border-radius: 3px; padding: 4px 12px; background: {theme.window}; }}
        QPushButton:hover {{ background: {theme.selection}; }}
        QPushButton:focus, QToolButton:focus {{ border: 1px solid {theme.accent}; }}
        QPushButton:disabled {{ color: {theme.edge}; border-color: {theme.line}; }}
        QToolBar {{ border: 0; border-bottom: 1px solid {theme.line}; spacing: 2px; padding: 2px 4px; }}
        QToolButton {{ border: 1px solid transparent; border-radius: 3px; padding: 3px 5px; }}
        QToolButton:hover {{ background: {theme.selection}; }}
        QStatusBar {{ border-top: 1px solid {theme.line}; color: {theme.muted}; }}
        QStatusBar::item {{ border: 0; }}
        QDockWidget {{ titlebar-close-icon: url("{close}"); titlebar-normal-icon: url("{float_}"); }}
        QDockWidget::title {{ background: {theme.panel}; padding: 3px 6px; }}
        QToolTip {{ border: 1px solid {theme.line}; background: {theme.panel}; color: {theme.text}; }}
    """
