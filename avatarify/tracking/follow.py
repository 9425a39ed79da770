"""The crop that follows the driver's face without passing its trembling on to the avatar.

Motion is read relative to the calibrated frame, so a crop that moves moves the avatar. The crop
therefore rests, to the last bit, while the face stays about where it was; when the face really
leaves, the crop glides after it, and the avatar's head comes back to the middle with it. Far from
the camera or beside its axis the face ends up framed the same.
"""

from dataclasses import dataclass, replace

import numpy as np

from avatarify.tracking.crop import Crop, crop_of_face
from avatarify.tracking.face import Face
from avatarify.tracking.glide import Glide

FIXED_SIZE = 0.8
"""Side of the crop without a face, over the smaller side of the camera's picture."""


@dataclass(frozen=True, slots=True)
class Framing:
    """What the user adds to the crop by hand."""

    zoom: float = 1.0
    """Above 1 the face appears larger; 0.5 to 3."""

    offset_x: float = 0.0
    """Crop moved to the right of the picture by this part of its size; -0.5 to 0.5."""

    offset_y: float = 0.0
    """Crop moved downwards by this part of its size; -0.5 to 0.5."""

    def __post_init__(self) -> None:
        if not 0.5 <= self.zoom <= 3:
            raise ValueError(f"The zoom must be 0.5 to 3, not {self.zoom}.")
        if max(abs(self.offset_x), abs(self.offset_y)) > 0.5:
            raise ValueError("Offsets must be -0.5 to 0.5.")

    def zoomed(self, factor: float) -> "Framing":
        """Return the framing zoomed further in (above 1) or out, within the limits."""
        return replace(self, zoom=min(max(self.zoom * factor, 0.5), 3.0))

    def moved(self, x: float, y: float) -> "Framing":
        """Return the framing moved by parts of the crop's size, within the limits."""
        return replace(
            self,
            offset_x=min(max(self.offset_x + x, -0.5), 0.5),
            offset_y=min(max(self.offset_y + y, -0.5), 0.5),
        )

    def applied_to(self, crop: Crop) -> Crop:
        """Return the crop zoomed and moved."""
        return crop.zoomed(self.zoom).moved(self.offset_x, self.offset_y)


@dataclass(frozen=True, slots=True)
class FollowSettings:
    """When and how fast the crop moves."""

    is_automatic: bool = True
    """Whether the crop follows the face; otherwise it is fixed, and only the framing moves it."""

    dead_zone: float = 0.12
    """How far the face may leave the middle, as a part of the crop's size."""

    size_dead_zone: float = 0.2
    """By which part of it the crop may be too large or too small. Opening the mouth wide takes up
    to 0.12."""

    rate: float = 8.0
    """Per second: the way left falls to 9 % in 4 / rate seconds."""

    patience_s: float = 0.1
    """How long the face must be outside the dead zone: single wrong frames move nothing."""

    hold_s: float = 2.0
    """How long the crop stays where it is after the face was lost, before it goes to the middle."""

    jump_after_s: float = 0.5
    """A face that comes back after this time is framed at once: the avatar was resting."""


class FaceFollower:
    """Decides the crop of each camera frame."""

    def __init__(
        self, settings: FollowSettings | None = None, framing: Framing | None = None
    ) -> None:
        """Start without a face.

        Args:
            settings: When and how fast the crop moves.
            framing: What the user added by hand.
        """
        self.settings = settings or FollowSettings()
        self._framing = framing or Framing()
        self._image_size = (0, 0)
        self._time_s = 0.0
        self._seen_s: float | None = None
        self._center = Glide(
            (0.0, 0.0),
            dead_zone=self.settings.dead_zone,
            arrived=0.1 * self.settings.dead_zone,
            rate=self.settings.rate,
            patience_s=self.settings.patience_s,
        )
        self._size = Glide(
            (1.0,),
            dead_zone=self.settings.size_dead_zone,
            arrived=0.1 * self.settings.size_dead_zone,
            rate=self.settings.rate,
            patience_s=self.settings.patience_s,
        )

    @property
    def framing(self) -> Framing:
        """What the user added by hand; when it is set the crop glides there."""
        return self._framing

    @framing.setter
    def framing(self, framing: Framing) -> None:
        if framing != self._framing:
            self._framing = framing
            self._center.start()
            self._size.start()

    @property
    def is_moving(self) -> bool:
        """Whether the crop is on its way; calibrate when it rests, or with `recenter`."""
        return self._center.is_moving or self._size.is_moving

    def follow(self, face: Face | None, image_size: tuple[int, int], time_s: float) -> Crop:
        """Take the next camera frame.

        Args:
            face: What the tracker found in it; always None without a tracker.
            image_size: (height, width) of the frame in pixels.
            time_s: When it was taken.

        Returns:
            What to cut from this frame.
        """
        if image_size != self._image_size:
            return self.recenter(face, image_size, time_s)
        elapsed_s = max(0.0, time_s - self._time_s)
        self._time_s = time_s
        if not self.settings.is_automatic:
            return self._glide(self._fixed(), elapsed_s)
        if face is None:
            return self._without_face(elapsed_s)
        if self._seen_s is None or time_s - self._seen_s > self.settings.jump_after_s:
            return self._frame_anew(face, elapsed_s)
        self._seen_s = time_s
        return self._glide(self._framed(face), elapsed_s)

    def recenter(self, face: Face | None, image_size: tuple[int, int], time_s: float) -> Crop:
        """Frame the face exactly, at once: at calibration. Arguments and result as `follow`."""
        self._image_size, self._time_s = image_size, time_s
        is_followed = face is not None and self.settings.is_automatic
        self._seen_s = time_s if is_followed else None
        return self._jump(self._framed(face) if face and is_followed else self._fixed())

    def _without_face(self, elapsed_s: float) -> Crop:
        if self._seen_s is None:
            return self._glide(self._fixed(), elapsed_s)
        if self._time_s - self._seen_s <= self.settings.hold_s:
            return self._crop()
        self._center.start()
        self._size.start()
        self._seen_s = None
        return self._glide(self._fixed(), elapsed_s)

    def _frame_anew(self, face: Face, elapsed_s: float) -> Crop:
        """Frame a face that was away: at once, unless it is where it was."""
        self._seen_s = self._time_s
        target = self._framed(face)
        here = self._crop()
        away = np.hypot(target.center_x - here.center_x, target.center_y - here.center_y)
        is_near = away <= self.settings.dead_zone * here.size
        is_alike = abs(target.size - here.size) <= self.settings.size_dead_zone * here.size
        return self._glide(target, elapsed_s) if is_near and is_alike else self._jump(target)

    def _framed(self, face: Face) -> Crop:
        return self._framing.applied_to(crop_of_face(face))

    def _fixed(self) -> Crop:
        height, width = self._image_size
        middle = Crop(width / 2, height / 2, FIXED_SIZE * min(height, width))
        return self._framing.applied_to(middle)

    def _jump(self, target: Crop) -> Crop:
        self._center.jump((target.center_x, target.center_y))
        self._size.jump((target.size,))
        return target

    def _glide(self, target: Crop, elapsed_s: float) -> Crop:
        size = self._crop().size
        self._center.follow((target.center_x, target.center_y), elapsed_s, unit=size)
        self._size.follow((target.size,), elapsed_s, unit=size)
        return self._crop()

    def _crop(self) -> Crop:
        center_x, center_y = self._center.value.tolist()
        return Crop(center_x, center_y, max(1.0, float(self._size.value[0])))
