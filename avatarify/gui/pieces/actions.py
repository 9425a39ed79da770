"""Everything that a key or a menu can do, with the keys that users of such programs know."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMenu

from avatarify.session.keeping.settings import Settings, Theme

_THEMES = ((Theme.SYSTEM, "As the s&ystem"), (Theme.DARK, "&Dark"), (Theme.LIGHT, "&Light"))
_PANS = (("Left", -1, 0), ("Right", 1, 0), ("Up", 0, -1), ("Down", 0, 1))


class WindowActions(QObject):
    """Makes the menus of a window; the window connects what they do."""

    number_pressed = Signal(int)
    """1 to 9."""

    panned = Signal(int, int)
    """Right and down: -1, 0 or 1, as the user sees it."""

    theme_chosen = Signal(object)
    """Theme."""

    def __init__(self, window: QMainWindow) -> None:
        """Fill a window's menu bar.

        Args:
            window: Has the keys everywhere.
        """
        super().__init__(window)
        self._window = window
        self.add = self._action("&Add picture…", "Ctrl+O")
        self.paste = self._action("&Paste picture", "Ctrl+V")
        self.rename = self._action("&Rename…", "F2")
        self.remove = self._action("Re&move…", "Del")
        self.correct = self._action("Correct the &face…", "Ctrl+E")
        self.previous = self._action("Pre&vious avatar", "A")
        self.next = self._action("&Next avatar", "D")
        self.settings = self._action("&Settings…", "Ctrl+,")
        self.quit = self._action("&Quit", "Esc", "Ctrl+Q")
        self.start = self._action("S&tart", "Ctrl+Return")
        self.calibrate = self._action("&Calibrate", "X")
        self.auto_calibrate = self._switch("Calibrate &automatically", "F")
        self.undo_calibration = self._action("&Undo calibration", "Ctrl+Z")
        self.hold = self._switch("&Hold the still avatar", "0")
        self.record = self._switch("&Record", "Ctrl+R")
        self.snapshot = self._action("Sna&pshot", "Ctrl+S")
        self.pass_through = self._switch("Show my real &camera…", "")
        self.zoom_in = self._action("Zoom &in", "W")
        self.zoom_out = self._action("Zoom &out", "S")
        self.reset_framing = self._action("&Automatic framing", "Ctrl+0")
        self.ghost_less = self._action("Ghost of the avatar, &less", "Z")
        self.ghost_more = self._action("Ghost of the avatar, &more", "C")
        self.mirror_input = self._switch("Mirror &camera", "R")
        self.mirror_output = self._switch("Mirror &picture", "T")
        self.landmarks = self._switch("Lan&dmarks", "O")
        self.information = self._switch("&Information", "I")
        self.xray = self._switch("&X-ray", "V")
        self.guide = self._action("&First steps", "")
        self.help = self._action("&Keys and check of this machine", "F1")
        self.about = self._action("&About", "")
        self._themes = QActionGroup(self)
        self._fill_menus()
        self._add_keys()

    def show_settings(self, settings: Settings) -> None:
        """Set the check marks."""
        for action, is_on in (
            (self.auto_calibrate, settings.auto_calibration),
            (self.mirror_input, settings.camera.mirror),
            (self.mirror_output, settings.view.mirror),
            (self.landmarks, settings.window.shows_landmarks),
            (self.information, settings.window.shows_information),
        ):
            action.setChecked(is_on)
        for action in self._themes.actions():
            action.setChecked(action.data() == settings.window.theme.value)

    def set_active(self, is_active: bool) -> None:
        """Enable what needs a running session."""
        for action in (
            self.calibrate, self.undo_calibration, self.hold, self.record, self.snapshot,
            self.pass_through, self.zoom_in, self.zoom_out, self.reset_framing,
        ):  # fmt: skip
            action.setEnabled(is_active)
        self.start.setText("S&top" if is_active else "S&tart")

    def _action(self, text: str, *keys: str) -> QAction:
        action = QAction(text, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys if key])
        self._window.addAction(action)
        return action

    def _switch(self, text: str, key: str) -> QAction:
        action = self._action(text, key)
        action.setCheckable(True)
        return action

    def _fill_menus(self) -> None:
        menus: tuple[tuple[str, tuple[QAction | None, ...]], ...] = (
            (
                "&Avatar",
                (
                    self.add, self.paste, None, self.correct, self.rename, self.remove,
                    None, self.previous, self.next, None, self.settings, self.quit,
                ),
            ),
            (
                "&Live",
                (
                    self.start, None, self.calibrate, self.auto_calibrate, self.undo_calibration,
                    None, self.hold, self.record, self.snapshot, None, self.pass_through,
                ),
            ),
            (
                "&View",
                (
                    self.zoom_in, self.zoom_out, self.reset_framing, None, self.ghost_less,
                    self.ghost_more, None, self.mirror_input, self.mirror_output, None,
                    self.landmarks, self.information, self.xray, None,
                ),
            ),
            ("&Help", (self.guide, self.help, self.about)),
        )  # fmt: skip
        for title, actions in menus:
            menu = self._window.menuBar().addMenu(title)
            for action in actions:
                menu.addSeparator() if action is None else menu.addAction(action)
            if title == "&View":
                self._fill_themes(menu.addMenu("&Theme"))

    def _fill_themes(self, menu: QMenu) -> None:
        for theme, name in _THEMES:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setData(theme.value)
            self._themes.addAction(action)
        self._themes.triggered.connect(lambda action: self.theme_chosen.emit(Theme(action.data())))

    def _add_keys(self) -> None:
        for number in range(1, 10):
            self._key(str(number), self._press_number(number))
        for name, right, down in _PANS:
            self._key(f"Ctrl+{name}", self._press_pan(right, down))

    def _key(self, keys: str, press: Callable[[], None]) -> None:
        QShortcut(QKeySequence(keys), self._window).activated.connect(press)

    def _press_number(self, number: int) -> Callable[[], None]:
        return lambda: self.number_pressed.emit(number)

    def _press_pan(self, right: int, down: int) -> Callable[[], None]:
        return lambda: self.panned.emit(right, down)
