"""The live session: camera in, animated avatar out, with everything a user can press meanwhile.

A window, the command line and the tests drive this one class. It knows nothing of Qt. All methods
may be called from any thread and return at once; what comes of them arrives at the listener.
"""

from dataclasses import dataclass
from pathlib import Path

from avatarify.frames import Image
from avatarify.session.listener import LiveListener, LiveState
from avatarify.session.settings import (
    CameraSettings,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
)
from avatarify.streaming.statistics import StreamReport


@dataclass(frozen=True, slots=True)
class Avatar:
    """A portrait ready to be animated."""

    name: str
    """What the user calls it."""

    image: Image
    """RGB (H, W, 3), square, framed as the models expect (see `tracking.crop.FACE_MARGIN`)."""


class LiveSession:
    """Camera, tracker, animator and outputs, running together.

    Example:
        >>> session = LiveSession(settings, listener)
        >>> session.set_avatar(Avatar("Ada", portrait))
        >>> session.start()
        >>> ...
        >>> session.stop()
    """

    def __init__(self, settings: Settings, listener: LiveListener | None = None) -> None:
        """Prepare a session; no device is opened before `start`.

        Args:
            settings: What to open. Later changes go through the `set_…` methods.
            listener: Gets the callbacks, on worker threads.
        """
        raise NotImplementedError

    @property
    def state(self) -> LiveState:
        """What the session does at this moment."""
        raise NotImplementedError

    @property
    def is_recording(self) -> bool:
        """Whether a recording is being written."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the threads and return at once; devices and model open in the background.

        Nothing here raises for a missing camera, model or virtual camera: the listener is told,
        a card is shown and everything that can be retried is.
        """
        raise NotImplementedError

    def stop(self, timeout_s: float = 5.0) -> None:
        """Ease the output to the still avatar, stop all threads and release all devices.

        A second call does nothing. A device that does not let go within `timeout_s` is left behind.
        """
        raise NotImplementedError

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the session has ended by itself (end of a file) or was stopped.

        Returns:
            False when `timeout_s` passed first.

        Raises:
            Exception: A defect that ended a worker thread.
        """
        raise NotImplementedError

    def set_camera(self, camera: CameraSettings) -> None:
        """Change to another camera, file, folder, URL or the screen."""
        raise NotImplementedError

    def set_avatar(self, avatar: Avatar) -> None:
        """Change the avatar: its still picture is shown until its first animated one is ready.

        The avatar's profile (crop, gain, mirror, driving reference) is loaded.
        """
        raise NotImplementedError

    def set_output(self, output: OutputSettings) -> None:
        """Close the output and open another one (the only moment its size may change)."""
        raise NotImplementedError

    def set_motion(self, motion: MotionControls) -> None:
        """Change gain, smoothing, relative or absolute motion; the gain is kept per avatar."""
        raise NotImplementedError

    def set_view(self, view: ViewSettings) -> None:
        """Change fit mode, output mirror and badge; the mirror is kept per avatar."""
        raise NotImplementedError

    def set_hold(self, holds: bool) -> None:
        """Ease to the still avatar and stay there (True), or move again (False)."""
        raise NotImplementedError

    def set_pass_through(self, shows_camera: bool) -> None:
        """Show the real camera to others (True) or never again (False).

        Call it with True only after the user confirmed. It ends at `stop` and is never remembered.
        """
        raise NotImplementedError

    def set_xray(self, is_on: bool) -> None:
        """Deliver `motion_seen` for some frames each second; costs speed."""
        raise NotImplementedError

    def set_test_pattern(self, is_on: bool) -> None:
        """Send a moving test pattern instead of the avatar, to check the virtual camera."""
        raise NotImplementedError

    def calibrate(self) -> None:
        """Take the next frame with a face as driving reference (key X)."""
        raise NotImplementedError

    def undo_calibration(self) -> None:
        """Go back to the driving reference before the last one taken."""
        raise NotImplementedError

    def set_auto_calibration(self, is_on: bool) -> None:
        """Look for the frame that matches the avatar best and take it (key F)."""
        raise NotImplementedError

    def zoom(self, factor: float) -> None:
        """Multiply the zoom on the driver: 1.05 comes closer, 1/1.05 goes back (keys W, S)."""
        raise NotImplementedError

    def pan(self, right: float, down: float) -> None:
        """Move the crop by parts of its side (arrow keys)."""
        raise NotImplementedError

    def reset_framing(self) -> None:
        """Forget zoom and pan: only the automatic crop remains."""
        raise NotImplementedError

    def start_recording(self, path: Path) -> None:
        """Record what the output gets, as mp4 (or PNGs into a folder).

        Raises:
            OutputError: The file cannot be created. Later trouble comes to the listener.
        """
        raise NotImplementedError

    def stop_recording(self) -> None:
        """Finish the recording; `recording_finished` follows. Nothing happens without one."""
        raise NotImplementedError

    def snapshot(self) -> Image | None:
        """The picture the outputs got last, RGB at the output's size; None before the first."""
        raise NotImplementedError

    def report(self) -> StreamReport:
        """Frame rates, latency, drops and stage times until now."""
        raise NotImplementedError
