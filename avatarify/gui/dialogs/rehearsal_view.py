"""The portrait moving as it will with the points as they are; all in the background."""

import logging
import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, QSizeF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from avatarify.frames import Image
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.picture import draw_image, fitted
from avatarify.session.avatars.rehearsal import Rehearsal

logger = logging.getLogger(__name__)

INTERVAL_MS = 66
"""Between two pictures: 15 a second."""

_PREPARING = "Preparing the preview…"
_IMPOSSIBLE = "These points fit no face. Move them apart."


class RehearsalView(QWidget):
    """Turns, blinks, smiles and opens the mouth, over and over."""

    def __init__(self, image: Image) -> None:
        """Show a portrait; nothing moves before `show_points`.

        Args:
            image: RGB (H, W, 3).
        """
        super().__init__()
        self._image = image
        self._background = Background(parent=self)
        self._rehearsal: Rehearsal | None = None
        self._wanted: NDArray[np.float64] | None = None
        self._is_preparing = self._is_painting = False
        self._words = _PREPARING
        self._started_s = time.monotonic()
        self._picture: Image | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._paint_next)
        self.setMinimumSize(240, 200)
        self.setAccessibleName("Preview of the moving avatar")

    @property
    def picture(self) -> Image | None:
        """What is shown, RGB; None before the first."""
        return self._picture

    @property
    def is_preparing(self) -> bool:
        """Whether the newest points are not shown yet."""
        return self._is_preparing or self._wanted is not None

    def show_points(self, landmarks: NDArray[np.float64]) -> None:
        """Move the portrait by these points (478, 3), as soon as they are prepared."""
        self._wanted = landmarks.copy()
        self._prepare_next()

    def stop(self) -> None:
        """Move no longer."""
        self._timer.stop()
        self._background.close()

    def sizeHint(self) -> QSize:
        """A square beside the large picture."""
        return QSize(300, 300)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the newest picture, and what is being done."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().window())
        if self._picture is not None:
            height, width = self._picture.shape[:2]
            draw_image(painter, self, self._picture, fitted(QSizeF(self.size()), width, height))
        if self._words:
            room = self.rect().adjusted(8, 8, -8, -8)
            bottom = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            where = Qt.AlignmentFlag.AlignCenter if self._picture is None else bottom
            box = painter.boundingRect(room, int(where), self._words).adjusted(-6, -2, 6, 2)
            painter.fillRect(box, self.palette().window())
            painter.setPen(self.palette().text().color())
            painter.drawText(room, int(where), self._words)

    def _prepare_next(self) -> None:
        landmarks = self._wanted
        if self._is_preparing or landmarks is None:
            return
        self._wanted, self._is_preparing, self._words = None, True, _PREPARING
        self.update()
        image = self._image
        self._background.run(lambda: Rehearsal(image, landmarks), self._take, self._refuse)

    def _take(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._settle("")
        self._timer.start()

    def _refuse(self, error: Exception) -> None:
        logger.info("The preview cannot be made: %s", error)
        self._settle(_IMPOSSIBLE)

    def _settle(self, words: str) -> None:
        self._is_preparing, self._words = False, words
        self._prepare_next()
        self.update()

    def _paint_next(self) -> None:
        rehearsal = self._rehearsal
        if rehearsal is None or self._is_painting:
            return
        self._is_painting = True
        time_s = time.monotonic() - self._started_s
        self._background.run(lambda: rehearsal.picture(time_s), self._show, self._skip)

    def _show(self, picture: Image) -> None:
        self._is_painting = False
        self._picture = picture
        self.update()

    def _skip(self, error: Exception) -> None:
        logger.info("The preview cannot be painted: %s", error)
        self._is_painting, self._rehearsal = False, None
        self._words = _IMPOSSIBLE
        self.update()
