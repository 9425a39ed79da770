"""A portrait and a clip in, an animated video out: nothing live, nothing dropped."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import tee
from math import isclose
from pathlib import Path
from threading import Event

import cv2
import numpy as np

from avatarify.errors import FaceNotFoundError, OutputError
from avatarify.file_names import is_there
from avatarify.frames import Frame, Image
from avatarify.media.composition import side_by_side
from avatarify.media.file_choice import FileSink, FileSource, can_sound, open_sink, open_source
from avatarify.media.image_file import read_image
from avatarify.session.avatars.portrait_file import tell_of_several
from avatarify.session.keeping.loading import without_collections
from avatarify.session.keeping.tracker_choice import open_tracker
from avatarify.session.offline.chosen_face import HOW_TO_CHOOSE, following
from avatarify.session.offline.driving_survey import DrivingSurvey, FaceFinder, Surveyor
from avatarify.session.offline.overlap import reading_ahead, writing_behind
from avatarify.session.offline.settings import (
    OfflineAnimator,
    OfflineListener,
    OfflineSettings,
    Stage,
)
from avatarify.tracking.crop import Crop, crop_of_face, cut
from avatarify.tracking.face import Face
from avatarify.tracking.face_choice import whom
from avatarify.tracking.landmarker import LandmarkerMode


class OfflineAnimation:
    """One run: survey the clip, then animate it frame by frame."""

    def __init__(
        self,
        settings: OfflineSettings,
        load_animator: Callable[[], OfflineAnimator],
        tracker_file: Path | None,
        listener: OfflineListener,
        stop: Event,
    ) -> None:
        """Prepare a run; nothing is read yet.

        Args:
            settings: What to animate with what, and where to.
            load_animator: Loads the motion model; called once, in a thread of its own, when input
                and output are known to be usable.
            tracker_file: A face tracker's file; None works without.
            listener: Told what happens.
            stop: Set by another thread or a signal to stop after the frame in work.
        """
        self._settings = settings
        self._load_animator = load_animator
        self._tracker_file = tracker_file
        self._listener = listener
        self._stop = stop

    def run(self) -> int:
        """Do it all.

        Returns:
            How many frames were written: all of the clip unless `stop` was set.

        Raises:
            AvatarifyError: What the user can fix. A video that was begun stays playable.
        """
        portrait = read_image(self._settings.avatar)
        tell_of_several(self._settings.avatar)
        self._refuse_overwriting()
        with self._open_driving() as driving, self._open_sink(driving) as sink:
            avatar = self._find_avatar_face(portrait)
            with self._face_finder() as find_face, _begun(self._load_animator) as loading:
                surveyor = self._surveyor(find_face, avatar)
                survey = self._survey(driving, surveyor, loading)
                animator = loading.result()
            if survey is None:
                return 0
            crop = self._avatar_crop(portrait, avatar)
            animator.set_source(_square(portrait, crop, animator.output_size))
            if self._settings.uses_reference:
                animator.calibrate(_driving_square(survey.reference, survey, animator.input_size))
            height = self._settings.size or animator.output_size
            shown = _square(portrait, crop, height)
            return self._animate(animator, shown, survey, sink)

    @property
    def _tracks(self) -> bool:
        wants_reference = self._settings.uses_reference and self._settings.reference is None
        return self._tracker_file is not None and (self._settings.crops or wants_reference)

    def _refuse_overwriting(self) -> None:
        output = Path(self._settings.output)
        for path in (self._settings.avatar, self._settings.driving):
            if is_there(output) and is_there(path) and output.samefile(path):
                raise OutputError(f"{path} is also what is read. Choose another output.")

    def _open_driving(self) -> FileSource:
        settings = self._settings
        return open_source(settings.driving, settings.fps, rotation=settings.rotation)

    def _open_sink(self, driving: FileSource) -> FileSink:
        fps = self._settings.fps or driving.fps
        sound = self._settings.driving if driving.has_sound else None
        is_retimed = not isclose(fps, driving.fps, rel_tol=1e-3)
        if sound is not None and is_retimed and can_sound(self._settings.output):
            self._listener.notice(
                f"The sound is left out: at {fps:g} frames per second it would not fit the picture."
            )
        return open_sink(self._settings.output, fps, audio_from=None if is_retimed else sound)

    def _find_avatar_face(self, portrait: Image) -> Face | None:
        if self._tracker_file is None:
            self._tell_what_is_missing()
            return None
        if not self._tracks:
            return None
        with (
            without_collections(),
            open_tracker(self._tracker_file, LandmarkerMode.IMAGE) as landmarker,
        ):
            faces = landmarker.find_all(portrait)
        choice, name = self._settings.avatar_face, self._settings.avatar.name
        face = choice.require(faces, name)
        if face is not None and len(faces) > 1 and not choice.is_made:
            self._listener.notice(f"{name} shows {whom(face, faces)} {HOW_TO_CHOOSE}")
        if face is None and self._settings.crops:
            raise FaceNotFoundError(
                f"No face was found in {self._settings.avatar}. Use a portrait that shows a whole "
                "face from the front, or --crop none."
            )
        return face

    def _tell_what_is_missing(self) -> None:
        consequences = []
        if self._settings.crops:
            consequences.append("a fixed square in the middle is used instead of the face")
        if self._settings.uses_reference and self._settings.reference is None:
            consequences.append("frame 0 is the reference")
        if consequences:
            self._listener.notice(
                f"The face tracker is missing, so {' and '.join(consequences)}. Get it with "
                "`avatarify models pull face-landmarker`."
            )

    def _avatar_crop(self, portrait: Image, face: Face | None) -> Crop | None:
        if not self._settings.crops:
            return None
        if face is not None:
            return crop_of_face(face)
        height, width = portrait.shape[:2]
        return Crop(width / 2, height / 2, min(height, width))

    def _surveyor(self, find_face: FaceFinder | None, avatar: Face | None) -> Surveyor:
        is_chosen = self._settings.uses_reference and self._settings.reference is not None
        wanted = self._settings.reference if is_chosen else None if self._tracks else 0
        return Surveyor(find_face, avatar, wanted, crops=self._settings.crops)

    def _survey(
        self, driving: FileSource, surveyor: Surveyor, loading: "Future[OfflineAnimator]"
    ) -> DrivingSurvey | None:
        """Look through the clip; None if that was stopped, or is no use without a model."""
        if self._tracks:
            self._listener.begin(Stage.SURVEY, driving.frame_count)
        with reading_ahead(driving.read) as frames:
            for frame in frames:
                surveyor.see(frame)
                if self._tracks:
                    self._listener.advance()
                if self._stop.is_set() or _has_failed(loading):
                    return None
                if surveyor.is_done:
                    break
        return surveyor.finish(str(self._settings.driving))

    @contextmanager
    def _face_finder(self) -> Iterator[FaceFinder | None]:
        if self._tracks and self._tracker_file is not None:
            name, choice = self._settings.driving.name, self._settings.face
            with (
                open_tracker(self._tracker_file, LandmarkerMode.VIDEO) as landmarker,
                following(landmarker, choice, name, self._listener.notice) as chosen,
            ):
                yield chosen.find
        else:
            yield None

    def _animate(
        self, animator: OfflineAnimator, portrait: Image, survey: DrivingSurvey, sink: FileSink
    ) -> int:
        height = portrait.shape[0]
        written = 0
        with (
            self._open_driving() as driving,
            reading_ahead(driving.read) as read,
            writing_behind(sink.write) as write,
            _animated(animator, read, survey) as animated,
        ):
            self._listener.begin(Stage.ANIMATION, survey.frame_count or driving.frame_count)
            for frame, picture in animated:
                composed = _resize(picture, height)
                if self._settings.is_side_by_side:
                    driven_by = _driving_square(frame, survey, height)
                    composed = side_by_side([portrait, driven_by, composed], height)
                write(Frame(composed, self._time_s(frame, driving), frame.index))
                written += 1
                self._listener.advance()
                if self._stop.is_set():
                    break
        return written

    def _time_s(self, frame: Frame, driving: FileSource) -> float:
        fps = self._settings.fps
        if fps is None or isclose(fps, driving.fps, rel_tol=1e-3):
            return frame.time_s
        return frame.index / fps


@contextmanager
def _begun(load: Callable[[], OfflineAnimator]) -> "Iterator[Future[OfflineAnimator]]":
    """Load the model while the clip is surveyed, which needs none."""
    with ThreadPoolExecutor(1, "avatarify-load") as loader:
        yield loader.submit(load)


def _has_failed(loading: "Future[OfflineAnimator]") -> bool:
    return loading.done() and loading.exception() is not None


@contextmanager
def _animated(
    animator: OfflineAnimator, frames: Iterator[Frame], survey: DrivingSurvey
) -> Iterator[Iterator[tuple[Frame, Image]]]:
    """Yield the driving frames with their pictures; the animator reads a few frames ahead."""
    frames, ahead = tee(frames)
    squares = (_driving_square(frame, survey, animator.input_size) for frame in ahead)
    with closing(animator.animate_all(squares)) as pictures:
        yield ((next(frames), picture) for picture in pictures)


def _driving_square(frame: Frame, survey: DrivingSurvey, size: int) -> Image:
    return _square(frame.image, survey.crop_at(frame.index), size)


def _square(image: Image, crop: Crop | None, size: int) -> Image:
    return _resize(image, size) if crop is None else cut(image, crop, size)


def _resize(image: Image, side: int) -> Image:
    """Scale to a square; what was not square is squeezed."""
    if image.shape[:2] == (side, side):
        return image
    is_smaller = max(image.shape[:2]) > side
    interpolation = cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC
    resized = cv2.resize(image, (side, side), interpolation=interpolation)
    return np.ascontiguousarray(resized, dtype=np.uint8)
