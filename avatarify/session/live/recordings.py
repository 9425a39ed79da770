"""The recordings that run beside the live output: the user's, and the one that is the output."""

from collections.abc import Callable
from pathlib import Path

from avatarify.errors import AvatarifyError, OutputError
from avatarify.frames import FrameSink, Image
from avatarify.session.live.listener import LiveListener, Notice, Severity, Topic
from avatarify.streaming.recording import Recorder


class Recording:
    """One recording, told to the listener when it ends."""

    def __init__(
        self,
        path: str,
        fps: float,
        open_sink: Callable[[str, float], FrameSink],
        listener: LiveListener,
    ) -> None:
        """Open the file and begin.

        Args:
            path: An mp4 file, or a folder for PNGs.
            fps: Rate of the recording.
            open_sink: Opens the path.
            listener: Told of the end.

        Raises:
            OutputError: The path cannot be written.
        """
        self._path = path
        self._listener = listener
        self.error: Exception | None = None
        self._recorder = Recorder(open_sink(path, fps), fps, self._end)

    @property
    def path(self) -> Path:
        """Where it is written."""
        return Path(self._path)

    @property
    def frames(self) -> int:
        """Frames written until now."""
        return self._recorder.written

    def offer(self, image: Image, time_s: float) -> None:
        """Give the picture shown since `time_s`; never waits."""
        self._recorder.offer(image, time_s)

    def finish(self) -> None:
        """End it, without waiting for the file to be closed."""
        self._recorder.finish()

    def join(self, timeout_s: float) -> bool:
        """Wait until the file is closed; False when that takes longer."""
        return self._recorder.join(timeout_s)

    def _end(self, error: Exception | None) -> None:
        self.error = error
        if error is not None:
            text = f"The recording ended early: {error}"
            self._listener.noticed(Notice(Topic.RECORDING, text, Severity.ERROR))
        if error is not None and not isinstance(error, AvatarifyError):
            error = OutputError(f"{self._path} cannot be written: {error}")
        self._listener.recording_finished(self._path, error)
