"""A real sink that keeps what it is given, and pictures whose colour tells where they came from."""

from collections.abc import Callable

import numpy as np
import pytest

from avatarify.errors import VirtualCameraError
from avatarify.frames import Frame, Image
from avatarify.streaming.output_picture import Origin, OutputPicture


class MemorySink:
    """Keeps every frame; can be made to refuse."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.is_closed = False
        self.refuses = False

    def write(self, frame: Frame) -> None:
        if self.refuses:
            raise VirtualCameraError("The virtual camera is gone. Start it again.")
        self.frames.append(frame)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def plain() -> Callable[[int], Image]:
    """Makes an 8 x 8 picture of one grey level."""
    return lambda level: np.full((8, 8, 3), level, np.uint8)


@pytest.fixture
def picture(plain: Callable[[int], Image]) -> Callable[..., OutputPicture]:
    """Makes an avatar picture of one grey level."""

    def make(level: int, time_s: float = 0.0, generation: int = 0) -> OutputPicture:
        return OutputPicture(plain(level), Origin.AVATAR, time_s, generation=generation)

    return make
