"""Takes the animation of one frame apart: which pictures, cut how, explained by which figure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.decomposition_figure import draw_explanation
from avatarify.animation.decomposition_panels import Explanation
from avatarify.animation.settings import MotionSettings
from avatarify.errors import FaceNotFoundError, OutputError
from avatarify.frames import Image
from avatarify.media.file_choice import open_source
from avatarify.media.image_file import read_image, write_image
from avatarify.session.keeping.tracker_choice import open_tracker
from avatarify.tracking.crop import Crop, crop_of_face, cut
from avatarify.tracking.face_choice import FaceChoice, whom
from avatarify.tracking.face_finder import FaceFinder
from avatarify.tracking.landmarker import LandmarkerMode

MOST_FRAMES = 120
"""Of a longer clip only every n-th frame is looked at."""

_SHOWN_SIDE = 512

SquareFinder = Callable[[Image, Path], Crop | None]
"""Takes a picture and the file it is from."""


@dataclass(frozen=True, slots=True)
class ExplainSettings:
    """What to explain, and where to."""

    avatar: Path
    """The portrait."""

    driving: Path
    """A picture, a video, or a folder of pictures."""

    output: Path
    """The PNG file."""

    face: FaceChoice = field(default_factory=FaceChoice)
    """Which of several faces drives."""

    avatar_face: FaceChoice = field(default_factory=FaceChoice)
    """Which of several faces in the portrait moves."""

    rotation: int = 0
    """By how many degrees the driving frames are turned clockwise: 0, 90, 180 or 270."""

    crops: bool = True
    """Cut squares around the faces; otherwise pictures are used whole, squeezed to squares."""

    def __post_init__(self) -> None:
        if self.output.suffix.lower() != ".png":
            raise OutputError(f"{self.output} must end in .png.")


def explain(
    settings: ExplainSettings,
    load_animator: Callable[[], PortraitAnimator],
    tracker_file: Path | None,
    tell: Callable[[str], None] = lambda words: None,
) -> int:
    """Draw how the portrait follows one driving frame.

    A driving picture is followed in absolute terms: there is no earlier frame to compare it with.
    In a clip, the first frame is the reference, and the frame that moved most from it is shown.

    Args:
        settings: What to explain, and where to.
        load_animator: Loads the motion model; called once the pictures are known to be usable.
        tracker_file: A face tracker's file; without it squares are cut from the
            middle.
        tell: Hears which of several faces is taken.

    Returns:
        The index of the driving frame that is shown; 0 for a picture.

    Raises:
        AvatarifyError: What the user can fix.
    """
    with _square_cutter(settings, tracker_file, tell) as square_of:
        portrait_image = read_image(settings.avatar)
        portrait = _cut(portrait_image, square_of(portrait_image, settings.avatar))
        drivings = list(_driving_squares(settings, square_of))
    with load_animator() as animator:
        animator.set_source(portrait)
        shown, reference = 0, None
        if len(drivings) == 1:
            animator.settings = MotionSettings("absolute")
        else:
            reference = drivings[0]
            animator.calibrate(reference)
            shown = _most_moved(animator, drivings)
        decomposition = animator.decompose(drivings[shown])
        variance = animator.config.dense_motion.variance
    figure = draw_explanation(
        Explanation(portrait, drivings[shown], reference, decomposition, variance)
    )
    write_image(settings.output, figure)
    return shown


def _driving_squares(settings: ExplainSettings, square_of: SquareFinder) -> Iterator[Image]:
    """Yield the frames that are looked at, all cut alike: the head's motion is motion."""
    path = settings.driving
    with open_source(path, rotation=settings.rotation) as source:
        step = max(1, -(-(source.frame_count or 1) // MOST_FRAMES))
        crop, shape = None, None
        for frame in iter(source.read, None):
            if frame.image.shape != shape:
                crop, shape = square_of(frame.image, path), frame.image.shape
            if frame.index % step == 0:
                yield _cut(frame.image, crop)


def _cut(image: Image, crop: Crop | None) -> Image:
    if crop is not None:
        return cut(image, crop, _SHOWN_SIDE)
    squeezed = cv2.resize(image, (_SHOWN_SIDE, _SHOWN_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(squeezed, dtype=np.uint8)


@contextmanager
def _square_cutter(
    settings: ExplainSettings, tracker_file: Path | None, tell: Callable[[str], None]
) -> Iterator[SquareFinder]:
    """Give what finds the square to cut out of a picture; None takes the whole picture."""
    if not settings.crops:
        yield lambda image, path: None
    elif tracker_file is None:
        yield lambda image, path: _middle(image)
    else:
        with open_tracker(tracker_file, LandmarkerMode.IMAGE) as landmarker:

            def square_of(image: Image, path: Path) -> Crop:
                choice = settings.avatar_face if path == settings.avatar else settings.face
                return _around_face(image, path, landmarker, choice, tell)

            yield square_of


def _middle(image: Image) -> Crop:
    height, width = image.shape[:2]
    return Crop(width / 2, height / 2, min(height, width))


def _around_face(
    image: Image,
    path: Path,
    landmarker: FaceFinder,
    choice: FaceChoice,
    tell: Callable[[str], None],
) -> Crop:
    faces = landmarker.find_all(image)
    face = choice.require(faces, path.name)
    if face is None:
        raise FaceNotFoundError(
            f"No face was found in {path}. Use a picture or clip that shows a whole face from the "
            "front, or --crop none."
        )
    if len(faces) > 1 and not choice.is_made:
        tell(f"{path.name} shows {whom(face, faces)}")
    return crop_of_face(face)


def _most_moved(animator: PortraitAnimator, drivings: Sequence[Image]) -> int:
    """Return the index of the frame whose keypoints are farthest from the first one's."""
    first = animator.detect(drivings[0]).value
    distances = [
        float((animator.detect(driving).value - first).norm(dim=-1).mean()) for driving in drivings
    ]
    return int(np.argmax(distances))
