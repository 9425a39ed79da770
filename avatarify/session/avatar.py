"""An avatar: a square portrait and what the user calls it."""

from dataclasses import dataclass

from avatarify.frames import Image


@dataclass(frozen=True, slots=True, eq=False)
class Avatar:
    """A portrait ready to be animated."""

    name: str
    """What the user calls it."""

    image: Image
    """RGB (H, W, 3), square, framed as the models expect (see `tracking.crop.FACE_MARGIN`)."""

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[0] != self.image.shape[1]:
            raise ValueError(f"An avatar is a square RGB picture, not {self.image.shape}.")
