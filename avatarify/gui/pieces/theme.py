"""Colours of the window, dark and light, and the style sheet made of them."""

from dataclasses import dataclass
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from avatarify.session.keeping.settings import Theme


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours, as #rrggbb."""

    window: str
    panel: str
    """Behind groups of controls."""

    raised: str
    """Buttons and fields."""

    hover: str
    border: str
    text: str
    dim: str
    """Less important text; at least 4.5:1 on `panel`."""

    accent: str
    on_accent: str
    danger: str
    on_danger: str
    danger_soft: str
    """Behind an error's text."""

    warning: str
    warning_soft: str
    fine: str


DARK = Colours(
    window="#14161a",
    panel="#1b1e24",
    raised="#272b33",
    hover="#313641",
    border="#373d49",
    text="#e8eaee",
    dim="#a2a9b6",
    accent="#5ea3ff",
    on_accent="#0b1420",
    danger="#e5484d",
    on_danger="#ffffff",
    danger_soft="#3a1d20",
    warning="#e2b04a",
    warning_soft="#352c17",
    fine="#4cc38a",
)
LIGHT = Colours(
    window="#f1f2f5",
    panel="#ffffff",
    raised="#f4f5f8",
    hover="#e7eaf0",
    border="#cfd4dd",
    text="#1a1d23",
    dim="#5a6270",
    accent="#1f66d1",
    on_accent="#ffffff",
    danger="#c62a2f",
    on_danger="#ffffff",
    danger_soft="#fde8e8",
    warning="#8a5a00",
    warning_soft="#fdf1d6",
    fine="#18794e",
)


def colours_for(theme: Theme) -> Colours:
    """The colours of a theme; the system's choice where the user made none."""
    if theme is Theme.SYSTEM:
        is_dark = QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light
        return DARK if is_dark else LIGHT
    return DARK if theme is Theme.DARK else LIGHT


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give all windows the colours of a theme."""
    colours = colours_for(theme)
    application.setStyle("Fusion")
    application.setPalette(_palette(colours))
    application.setStyleSheet(style_sheet(colours))


def style_sheet(colours: Colours) -> str:
    """The style sheet in these colours."""
    names = {name: getattr(colours, name) for name in Colours.__slots__}
    return Template(_STYLE).substitute(names)


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.Base: colours.panel,
        QPalette.ColorRole.AlternateBase: colours.raised,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.dim,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.BrightText: colours.on_danger,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.HighlightedText: colours.on_accent,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.Link: colours.accent,
        QPalette.ColorRole.Mid: colours.border,
        QPalette.ColorRole.Light: colours.hover,
        QPalette.ColorRole.Dark: colours.border,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText,
    ):  # fmt: skip
        dimmed = QColor(colours.dim)
        dimmed.setAlphaF(0.6)
        palette.setColor(QPalette.ColorGroup.Disabled, role, dimmed)
    return palette


_STYLE = """
QMainWindow, QDialog { background: $window; }
QMessageBox QLabel#qt_msgbox_label, QMessageBox QLabel#qt_msgbox_informativelabel {
    min-width: 380px;
}
QMessageBox QLabel#qt_msgbox_label { font-weight: 600; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }
QLabel[role="dim"] { color: $dim; }
QLabel[role="section"] { color: $dim; font-weight: 600; }
QLabel[role="title"] { font-size: 17px; font-weight: 600; }
QLabel[role="fine"] { color: $fine; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="danger"] { color: $danger; }
QFrame[role="panel"] { background: $panel; border: 1px solid $border; border-radius: 8px; }
QMenuBar { background: $window; padding: 2px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 24px; border-radius: 5px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $dim; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QPushButton, QToolButton {
    background: $raised; border: 1px solid $border; border-radius: 6px; padding: 5px 7px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $border; }
QPushButton:checked, QToolButton:checked {
    background: $accent; color: $on_accent; border-color: $accent;
}
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QListView:focus,
QTextBrowser:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $dim; background: $panel; }
QPushButton[role="primary"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[role="primary"]:hover { border-color: $text; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $raised; color: $dim; border-color: $border; }
QPushButton[role="danger"], QPushButton[role="recording"]:checked {
    background: $danger; color: $on_danger; border-color: $danger;
}
QPushButton[role="danger"] { font-weight: 600; }
QToolButton[role="quiet"] { background: transparent; border: 1px solid transparent; padding: 3px; }
QToolButton[role="quiet"]:checked {
    background: transparent; color: $text; border-color: transparent;
}
QToolButton[role="quiet"]:disabled { background: transparent; color: $dim; }
QToolButton[role="quiet"]:hover { background: $hover; }
QToolButton[role="quiet"]:focus { border: 1px solid $accent; }
QLineEdit {
    background: $raised; border: 1px solid $border; border-radius: 6px; padding: 4px 8px;
    selection-background-color: $accent; selection-color: $on_accent;
}
QListView[role="gallery"] {
    background: $panel; border: 1px solid $border; border-radius: 8px; outline: none;
}
QListView[role="gallery"][dropping="true"] { border: 2px dashed $accent; }
QTabWidget::pane { border: none; }
QTabBar::tab {
    background: transparent; color: $dim; padding: 5px 10px; border: none;
    border-bottom: 2px solid transparent;
}
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:focus { color: $accent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $border; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::handle:horizontal {
    width: 14px; height: 14px; margin: -6px 0; border-radius: 7px; background: $text;
    border: 1px solid $border;
}
QSlider::sub-page:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:disabled { background: $border; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; }
QProgressBar {
    background: $raised; border: 1px solid $border; border-radius: 4px; height: 8px;
    text-align: center;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QStatusBar { background: $window; color: $dim; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $dim; padding: 0 7px; }
QStatusBar QLabel[role="state"] { color: $text; font-weight: 600; }
QDockWidget { color: $dim; }
QDockWidget::title { background: $window; padding: 5px 8px; }
QScrollArea { border: none; background: transparent; }
QSplitter::handle { background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: $border; border-radius: 3px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $dim; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTextBrowser { background: $panel; border: 1px solid $border; border-radius: 8px; padding: 6px; }
QFrame[role="banner"] { background: $raised; border: 1px solid $border; border-radius: 7px; }
QFrame[role="banner"][severity="warning"] { background: $warning_soft; border-color: $warning; }
QFrame[role="banner"][severity="error"] { background: $danger_soft; border-color: $danger; }
QLabel[role="exposed"] {
    background: $danger; color: $on_danger; font-weight: 700; padding: 8px; border-radius: 7px;
}
"""
