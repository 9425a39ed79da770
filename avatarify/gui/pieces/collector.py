"""Collects Python's garbage in the window's thread alone.

Python collects cycles of references in whichever thread happens to allocate: the one that animates,
as a rule. Widgets in such a cycle would then be destroyed outside of their own thread, which ends
the program with signal 11 now and then, and the frame in work would wait for it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000

_OLDER_EVERY = 5
"""Young garbage is collected each time, older garbage as rarely as this, and all of it as rarely
again."""


class Collector(QObject):
    """Takes over from Python's own collector, until it is stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin; to be made in the thread of the window.

        Args:
            parent: Owns it.
        """
        super().__init__(parent)
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        gc.disable()

    def collect(self) -> None:
        """Collect what is due."""
        self._rounds += 1
        older = self._rounds % _OLDER_EVERY == 0
        oldest = self._rounds % _OLDER_EVERY**2 == 0
        gc.collect(older + oldest)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()
