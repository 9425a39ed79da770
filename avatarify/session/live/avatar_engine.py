"""What a live session needs of a motion model, whatever runs it."""

from typing import Protocol

from avatarify.frames import Image
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.settings import MotionControls
from avatarify.session.live.listener import EngineReport, MotionView


class AvatarEngine(Protocol):
    """A loaded model with one avatar; made, used and closed by one thread."""

    @property
    def report(self) -> EngineReport:
        """What runs, for the status bar."""

    @property
    def input_size(self) -> int:
        """Side of the driving squares, in pixels."""

    def set_avatar(self, portrait: Image) -> None:
        """Encode a portrait.

        Args:
            portrait: RGB (S, S, 3) square of any size.
        """

    def set_motion(self, motion: MotionControls) -> None:
        """Change how motion is transferred; called often, so cheap."""

    def calibrate(self, driving: Image) -> None:
        """Take a frame as driving reference.

        Args:
            driving: RGB (input_size, input_size, 3).
        """

    @property
    def reference(self) -> DrivingReference | None:
        """The driving reference as numbers, or None while there is none."""

    def use_reference(self, reference: DrivingReference) -> None:
        """Go back to an earlier driving reference.

        Raises:
            ValueError: It belongs to another model.
        """

    def animate(self, driving: Image, time_s: float, strength: float) -> Image:
        """Move the avatar like the driving frame.

        Args:
            driving: RGB (input_size, input_size, 3).
            time_s: When it was captured.
            strength: 0 is the still avatar, 1 all of the motion; for easing in and out.

        Returns:
            RGB square, in memory of its own.
        """

    def xray(self, driving: Image) -> MotionView | None:
        """Show what the model computes for a frame, or None where it cannot."""

    def close(self) -> None:
        """Free the model's memory; a second call does nothing."""
