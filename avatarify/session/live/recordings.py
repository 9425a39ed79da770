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


class Recordings:
    """All that is written of the shown pictures; `offer` may run beside the other calls."""

    def __init__(
        self, open_sink: Callable[[str, float], FrameSink], listener: LiveListener
    ) -> None:
        """Begin with none.

        Args:
            open_sink: Opens a path with a rate in frames per second.
            listener: Told when one ends.
        """
        self._open_sink = open_sink
        self._listener = listener
        self.users: Recording | None = None
        self._output: Recording | None = None

    @property
    def output_error(self) -> Exception | None:
        """What ended the file that is the output, or None."""
        return None if self._output is None else self._output.error

    def start(self, path: Path, fps: float) -> None:
        """Start the user's recording; one that runs is finished.

        Raises:
            OutputError: The file cannot be created.
        """
        self.stop()
        self.users = Recording(str(path), fps, self._open_sink, self._listener)

    def stop(self) -> None:
        """Finish the user's recording, without waiting for the file to be closed."""
        recording, self.users = self.users, None
        if recording is not None:
            recording.finish()

    def set_output(self, path: str | None, fps: float) -> None:
        """Finish the file that is the output, and begin another one unless `path` is None.

        Raises:
            OutputError: The path cannot be written.
        """
        previous, self._output = self._output, None
        if previous is not None:
            previous.finish()
        if path is not None:
            self._output = Recording(path, fps, self._open_sink, self._listener)

    def offer(self, image: Image, time_s: float, *, is_output: bool) -> None:
        """Give the picture shown since `time_s`; never waits.

        Args:
            image: RGB (H, W, 3).
            time_s: When it was shown.
            is_output: Whether it also belongs into the file that is the output.
        """
        users, output = self.users, self._output
        if users is not None:
            users.offer(image, time_s)
        if output is not None and is_output:
            output.offer(image, time_s)

    def close(self, timeout_s: float) -> None:
        """Finish all and wait until each file is closed, at most `timeout_s` for each."""
        for recording in (self.users, self._output):
            if recording is not None:
                recording.finish()
                recording.join(timeout_s)
        self.users = None
