"""The log file: where the system keeps logs, of bounded size, without names of the user's files.

It is meant to be shown to others when something went wrong. So what a message was filled with is
made private before it is written: paths, names of files, addresses. Words of the program stay.
"""

import logging
import logging.handlers
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from platformdirs import user_log_path

from avatarify.errors import AvatarifyError

_FILE_NAME = "avatarify.log"
_MOST_BYTES = 500_000
_OLD_FILES = 3

_IMPORTERS = ("importlib.", "pyimod")
"""Modules whose steps between two others say nothing."""

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_QUOTED = re.compile(r"'[^'\n]*[/\\.][^'\n]*'|\"[^\"\n]*[/\\.][^\"\n]*\"")
# Up to the end of the clause: a folder's name may have spaces, and nothing marks its end.
_PATH = re.compile(r"(?<![\w<])(?:[A-Za-z]:[\\/]|~[\\/]|/|\\\\)(?=[^\s/])[^\n:;,()<>]*")
_SUFFIXES = (
    "png|jpe?g|webp|bmp|tiff?|gif|ppm|avif|hei[cf]|jxl|svg|pdf|mp4|mov|mkv|webm|avi|m4v|npz|json|ya?ml|safetensors|pth|tar|"
    "task|broken|part|log|txt"
)
_NAME = re.compile(rf"[^\n:;,()<>]*\.(?:{_SUFFIXES})\b", re.IGNORECASE)


def log_folder() -> Path:
    """Where the log file lies: $AVATARIFY_LOGS, or the system's place for logs."""
    chosen = os.environ.get("AVATARIFY_LOGS")
    return Path(chosen) if chosen else user_log_path("avatarify", appauthor=False)


def log_path() -> Path:
    """The newest log file; it need not exist."""
    return log_folder() / _FILE_NAME


@contextmanager
def log_file() -> Iterator[None]:
    """Write what the program logs to the log file; where that cannot be, nothing is written."""
    logger = logging.getLogger("avatarify")
    try:
        log_folder().mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = _Quiet(
            log_path(), maxBytes=_MOST_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setLevel(logging.INFO)
    handler.setFormatter(PrivateFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    level = logger.level
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        with _uncaught_told(logger):
            yield
    except Exception:
        logger.info("The program ends with an error.", exc_info=True)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


@contextmanager
def _uncaught_told(logger: logging.Logger) -> Iterator[None]:
    """Log what ends a thread, or a slot of the window, which nobody catches."""
    say, say_of_thread = sys.excepthook, threading.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.info("An error was not caught.", exc_info=(kind, error, trace))
        say(kind, error, trace)

    def tell_of_thread(event: threading.ExceptHookArgs) -> None:
        if event.exc_value is not None:
            found = (event.exc_type, event.exc_value, event.exc_traceback)
            logger.info("A thread ended with an error.", exc_info=found)
        say_of_thread(event)

    sys.excepthook, threading.excepthook = tell, tell_of_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = say, say_of_thread


class _Quiet(logging.handlers.RotatingFileHandler):
    """A full disk, or another start that renames the file, is no reason to speak of logs."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        pass


class PrivateFormatter(logging.Formatter):
    """Writes messages without the user's names."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, on one line if it has no traceback."""
        private = logging.makeLogRecord(record.__dict__)
        private.exc_text = None  # other handlers keep theirs here
        if isinstance(record.args, tuple):
            private.args = tuple(map(private_value, record.args))
        elif record.args:
            private.args = {key: private_value(value) for key, value in record.args.items()}
        private.msg, private.args = private_text(private.getMessage()), None
        return super().format(private)

    def formatException(  # noqa: N802 - the library's name
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Write a traceback: modules, lines and functions, but neither paths nor source."""
        lines = []
        error = ei[1]
        while error is not None:
            lines.append(private_error(error))
            lines += [
                f"  {frame.f_globals.get('__name__')}:{line} {frame.f_code.co_name}"
                for frame, line in traceback.walk_tb(error.__traceback__)
                if not str(frame.f_globals.get("__name__")).startswith(_IMPORTERS)
            ]
            error = error.__cause__ or error.__context__
        return "\n".join(lines)


def private_value(value: Any) -> Any:
    """What a message may be filled with: numbers as they are, the rest without names."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, os.PathLike):
        return "<path>"
    if isinstance(value, BaseException):
        return private_error(value)
    return private_text(str(value))


def private_error(error: BaseException) -> str:
    """Name an error. Our own messages speak to the user about files by name, so they are left out.

    Args:
        error: Any.
    """
    kind = type(error).__name__
    if isinstance(error, AvatarifyError):
        return kind
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return f"{kind}: {private_text(str(error))}" if str(error) else kind


def private_text(text: str) -> str:
    """Take addresses, paths and names of files out of a text; rather too much than too little."""
    text = _ADDRESS.sub("<address>", text)
    text = _QUOTED.sub("<path>", text)
    text = _PATH.sub("<path>", text)
    return _NAME.sub("<file>", text)
