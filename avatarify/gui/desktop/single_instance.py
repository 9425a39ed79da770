"""One window per user: a second start hands its pictures to the first and shows that one.

The first start holds a lock file and listens on a local socket, which other users cannot open and
which no network reaches. Starts with other settings (`$AVATARIFY_CONFIG`) do not see each other.
"""

import getpass
import hashlib
import json
import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path
from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from avatarify.errors import AvatarifyError
from avatarify.session.keeping.json_file import configuration_folder

logger = logging.getLogger(__name__)

_PATIENCE_MS = 20_000
"""How long a start waits for the first one, which may itself be loading still."""

_PAUSE_S = 0.1
_LONGEST_MESSAGE = 1_000_000
_DONE = b"shown"


class SingleInstance(QObject):
    """The only window of this user, or the word that there is one."""

    wanted = Signal(object, str)
    """A second start: (tuple of Path, its pictures; the desktop's token that allows to come to the
    front, or empty)."""

    def __init__(self, folder: Path | None = None) -> None:
        """Prepare; nothing is locked yet.

        Args:
            folder: Where lock and socket lie; the user's run-time folder when left out.
        """
        super().__init__()
        user = getattr(os, "getuid", getpass.getuser)()
        digest = hashlib.sha256(f"{user}\n{configuration_folder().absolute()}".encode())
        name = f"avatarify-{digest.hexdigest()[:12]}"
        place = folder or _own_folder()
        self._lock = QLockFile(str(place / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # only the lock of a process that is gone is stale
        self._name = str(place / name) if os.name == "posix" else name
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)

    def claim(self) -> bool:
        """Become the first, if there is none; a crashed one does not count."""
        if self._lock.tryLock(0):
            return True
        # A folder that cannot be written to locks nobody out.
        return self._lock.error() is not QLockFile.LockError.LockFailedError

    def listen(self) -> None:
        """Hear of further starts; the application must be there already."""
        QLocalServer.removeServer(self._name)  # what a crashed one left
        if not self._server.listen(self._name):
            logger.warning("Further starts open further windows: %s", self._server.errorString())
            self.release()

    def hand_over(self, pictures: Sequence[Path]) -> None:
        """Let the first show itself and take pictures.

        Args:
            pictures: Files that are to become avatars.

        Raises:
            AvatarifyError: It does not answer.
        """
        message = {
            "pictures": [str(path.absolute()) for path in pictures],
            "token": os.environ.get("XDG_ACTIVATION_TOKEN", ""),
        }
        deadline = QDeadlineTimer(_PATIENCE_MS)
        while not deadline.hasExpired():
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            if not socket.waitForConnected(deadline.remainingTime()):
                time.sleep(_PAUSE_S)  # it does not listen yet
                continue
            socket.write(json.dumps(message).encode() + b"\n")
            socket.waitForBytesWritten(deadline.remainingTime())
            if socket.bytesAvailable() or socket.waitForReadyRead(deadline.remainingTime()):
                return
        process = self._lock.getLockInfo()[0]
        raise AvatarifyError(
            f"Avatarify is open already (process {process}) but does not answer. End it, then "
            "start again."
        )

    def release(self) -> None:
        """Let another start be the first."""
        self._server.close()
        self._lock.unlock()

    def _welcome(self) -> None:
        socket = self._server.nextPendingConnection()
        if socket is None:
            return
        socket.disconnected.connect(socket.deleteLater)
        socket.readyRead.connect(lambda: self._read(socket))
        if socket.bytesAvailable():
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST_MESSAGE:
                socket.abort()
            return
        try:
            message = json.loads(bytes(socket.readLine(_LONGEST_MESSAGE).data()))
            pictures = tuple(Path(str(each)) for each in message["pictures"])
            token = str(message["token"])
        except (ValueError, KeyError, TypeError):
            socket.abort()
            return
        socket.write(_DONE)
        socket.flush()
        self.wanted.emit(pictures, token)


def _own_folder() -> Path:
    """A folder in which no other user can put a socket of this name."""
    chosen = os.environ.get("XDG_RUNTIME_DIR", "")
    if chosen and Path(chosen).is_dir():
        return Path(chosen)
    folder = user_cache_path("avatarify", appauthor=False)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder
