"""Recordings and snapshots: where they go, and what is said about them."""

import time
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_pictures_path, user_videos_path
from PySide6.QtCore import QObject

from avatarify.errors import AvatarifyError
from avatarify.gui.pieces.background import Background
from avatarify.gui.window.controller import LiveController
from avatarify.media.image_file import write_image
from avatarify.session.live.listener import Severity, Topic

FOLDER = "Avatarify"
"""Within the user's folders of pictures and of videos."""


class Keepsakes(QObject):
    """Keeps what others see, at the press of a button."""

    def __init__(
        self, controller: LiveController, background: Background, say: Callable[[str], None]
    ) -> None:
        """Keep the pictures of a session.

        Args:
            controller: Has the session.
            background: Where pictures are written.
            say: Tells something in passing.
        """
        super().__init__(controller)
        self._controller = controller
        self._background = background
        self._say = say

    def record(self) -> None:
        """Start to record, or end the recording."""
        if self._controller.is_recording:
            self._controller.stop_recording()
            return
        path = _new_file(user_videos_path(), "mp4")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            text = (
                f"Nothing is recorded: the folder {path.parent} cannot be made ({error.strerror})."
            )
            self._controller.tell(Topic.RECORDING, text, Severity.ERROR)
            self._controller.modes_changed.emit()  # the button was not pressed after all
        else:
            self._controller.start_recording(path)

    def save_snapshot(self) -> None:
        """Write the picture that others saw last."""
        image = self._controller.snapshot()
        if image is None:
            return
        path = _new_file(user_pictures_path(), "png")

        def save() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(path, image)

        self._background.run(
            save,
            lambda _: self._say(f"Saved {path}"),
            lambda error: self._controller.tell(Topic.RECORDING, str(error)),
        )

    def show_end(self, path: str, error: AvatarifyError | None) -> None:
        """Say that a recording is closed, or why it ended early."""
        if error is None:
            self._say(f"Saved {path}")
        else:
            self._controller.tell(Topic.RECORDING, str(error), Severity.ERROR)


def _new_file(folder: Path, suffix: str) -> Path:
    return folder / FOLDER / f"avatar-{time.strftime('%Y%m%d-%H%M%S')}.{suffix}"
