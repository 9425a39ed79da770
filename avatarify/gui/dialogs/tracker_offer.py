"""Offers the face tracker's file where it is missing: nobody needs a terminal to get it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.banners import Remedy
from avatarify.session.keeping.tracker_choice import has_tracker
from avatarify.session.keeping.tracker_file import (
    TRACKER_FILE_NAME,
    fetch_tracker,
    install_tracker,
    tracker_host,
    tracker_is_damaged,
    tracker_megabytes,
)

_STEP_PERCENT = 5
"""Progress is told this finely."""


class TrackerOffer(QObject):
    """Downloads the file, or takes one that the user has; both only when a button is pressed."""

    progressed = Signal(str)
    """What is being done, in words."""

    failed = Signal(str)
    """Why the file did not come."""

    installed = Signal()
    """The file is in its place."""

    def __init__(self, background: Background, window: QWidget) -> None:
        """Offer it in a window.

        Args:
            background: Where files are fetched and copied.
            window: Has the file dialog.
        """
        super().__init__(window)
        self._background = background
        self._window = window
        self._is_busy = False

    @property
    def words(self) -> str:
        """What is missing and what can be done about it."""
        source = f"It is one file, {tracker_megabytes():.1f} MB from {tracker_host()}."
        if has_tracker("own"):
            damage = "Its file is damaged. " if tracker_is_damaged() else ""
            return (
                "Our own face tracker follows you. Mediapipe's sees lips and eyes more exactly. "
                f"{damage}{source}"
            )
        problem = "'s file is damaged" if tracker_is_damaged() else " is missing"
        return (
            f"The face tracker{problem}. Without it nothing follows your face: sit in the middle "
            f"of the picture and calibrate by hand. {source}"
        )

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What buttons offer."""
        return (
            Remedy(f"Download ({tracker_megabytes():.1f} MB)", self.download),
            Remedy("Choose file…", self.choose_file),
        )

    def download(self) -> None:
        """Fetch the file; the user has just said yes."""
        last_told = -_STEP_PERCENT

        def tell(have: int, whole: int | None) -> None:
            nonlocal last_told
            percent = 100 * have // whole if whole else 0
            if percent >= last_told + _STEP_PERCENT:
                last_told = percent
                self.progressed.emit(f"Downloading the face tracker: {percent} %")

        self._get(lambda: fetch_tracker(tell), "Downloading the face tracker…")

    def choose_file(self) -> None:
        """Let the user point at the file."""
        kinds = f"Face tracker ({TRACKER_FILE_NAME});;All files (*)"
        title = "Choose the face tracker's file"
        path, _ = QFileDialog.getOpenFileName(self._window, title, "", kinds)
        if path:
            self.take(Path(path))

    def take(self, file: Path) -> None:
        """Install a file that the user chose."""
        self._get(lambda: install_tracker(file), "Checking the file…")

    def _get(self, work: Callable[[], Path], words: str) -> None:
        if self._is_busy:
            return
        self._is_busy = True
        self.progressed.emit(words)
        self._background.run(work, self._finish, self._fail)

    def _finish(self, _: Path) -> None:
        self._is_busy = False
        self.progressed.emit("The face tracker is installed.")
        self.installed.emit()

    def _fail(self, error: Exception) -> None:
        self._is_busy = False
        self.progressed.emit("")
        self.failed.emit(str(error))
