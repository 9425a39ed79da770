"""What offline commands share: a bar on stderr, and a Ctrl-C that keeps what is done."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never

if TYPE_CHECKING:  # these import OpenCV, which `--help` must not
    from tqdm import tqdm

    from avatarify.session.offline.settings import Stage


class Progress:
    """Bars and notices on stderr, so that they never mix with what a script reads."""

    def __init__(self) -> None:
        self._bar: tqdm[Never] | None = None

    def notice(self, text: str) -> None:
        """Say something without tearing the bar."""
        from tqdm import tqdm

        tqdm.write(f"avatarify: {text}", file=sys.stderr)

    def begin(self, stage: "Stage", total: int | None) -> None:
        """Replace the bar by that of the next stage."""
        from tqdm import tqdm

        self._end_bar()
        self._bar = tqdm(
            total=total,
            desc=stage.value,
            unit=" frames",
            file=sys.stderr,
            dynamic_ncols=True,
            mininterval=0.2 if sys.stderr.isatty() else 10.0,  # a log needs no smooth bar
        )

    def advance(self) -> None:
        """Move the bar by one frame."""
        if self._bar is not None:
            self._bar.update()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _endings() -> list[signal.Signals]:
    """The signals that ask for an end: Ctrl-C, a shutdown, a terminal that is closed."""
    endings = [signal.SIGINT, signal.SIGTERM]
    closed: signal.Signals | None = getattr(signal, "SIGHUP", None)  # not on Windows
    if closed is not None and signal.getsignal(closed) is not signal.SIG_IGN:  # as `nohup` wishes
        endings.append(closed)
    return endings


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Let a first Ctrl-C or SIGTERM finish the frame in work and the file, a second end at once.

    A terminal that is closed counts as well.

    An exception raised in the middle of the video library's callbacks could lose what it writes.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals belong to the main thread
        return
    previous = {kind: signal.getsignal(kind) for kind in _endings()}

    def restore() -> None:
        for kind, action in previous.items():
            signal.signal(kind, action)

    def ask_to_stop(*_: object) -> None:
        stop.set()
        restore()

    for kind in previous:
        signal.signal(kind, ask_to_stop)
    try:
        yield stop
    finally:
        restore()
