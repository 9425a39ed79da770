"""What a live session needs of a motion model, whatever runs it."""

from typing import Protocol

from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.settings import MotionControls
from avatarify.session.live.listener import EngineReport, MotionView
from avatarify.session.live.sighting import Driving


class AvatarEngine(Protocol):
    """A loaded model with one avatar; made, used and closed by one thread."""

    @property
    def report(self) -> EngineReport:
        """What runs, for the status bar."""

    @property
    def input_size(self) -> int:
        """Side of the driving squares, in pixels."""

    @property
    def wants_landmarks(self) -> bool:
        """Whether every frame must be tracked: the avatar moves by the driver's landmarks."""

    def set_avatar(self, avatar: Avatar) -> None:
        """Take a portrait apart, or encode it."""

    def set_motion(self, motion: MotionControls) -> None:
        """Change how motion is transferred; called often, so cheap."""

    def calibrate(self, driving: Driving) -> None:
        """Take a frame as driving reference; its square has the side `input_size`."""

    @property
    def reference(self) -> DrivingReference | None:
        """The driving reference as numbers, or None while there is none."""

    def use_reference(self, reference: DrivingReference) -> None:
        """Go back to an earlier driving reference.

        Raises:
            ValueError: It belongs to another model.
        """

    def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
        """Move the avatar like the driving frame.

        Args:
            driving: Its square has the side `input_size`.
            time_s: When it was captured.
            strength: 0 is the still avatar, 1 all of the motion; for easing in and out.

        Returns:
            RGB, as large as the avatar's picture or a square, in memory of its own.
        """

    def xray(self, driving: Driving) -> MotionView | None:
        """Show what the model computes for a frame, or None where it cannot."""

    def close(self) -> None:
        """Free the model's memory; a second call does nothing."""
