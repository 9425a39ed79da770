"""An offline run of the face engine: read or track the driver's motion, then move the portrait."""

from collections.abc import Iterator
from math import isclose
from pathlib import Path
from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FaceLayers, FaceSettings
from avatarify.animation.face.panels import landmark_picture
from avatarify.animation.face.shipped_painters import shipped_painters
from avatarify.errors import OutputError, SettingsError, TrackerError
from avatarify.file_names import is_there
from avatarify.frames import Frame, Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.likeness import most_alike
from avatarify.media.composition import letterbox, side_by_side
from avatarify.media.file_choice import FileSink, FileSource, can_sound, open_sink, open_source
from avatarify.media.motion_file import Motion, read_motion
from avatarify.media.motion_source import MotionFrame, MotionSource
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.backgrounds import read_background
from avatarify.session.keeping.tracker_choice import open_tracker
from avatarify.session.offline.chosen_face import following
from avatarify.session.offline.motion_tracking import remark_on_mouth, track_motion
from avatarify.session.offline.overlap import reading_ahead, writing_behind
from avatarify.session.offline.settings import OfflineListener, OfflineSettings, Stage
from avatarify.tracking.landmarker import LandmarkerMode

TRANSPARENT = "transparent"
"""The background of a picture with alpha."""

_OPAQUE = {".mp4", ".m4v", ".mov"}

SMOOTHING = 0.5
"""As live, for the tracker trembles on files too; but of a file it is known what comes."""


class FaceAnimation:
    """One run."""

    def __init__(
        self,
        settings: OfflineSettings,
        avatar: Avatar,
        tracker_file: Path | None,
        listener: OfflineListener,
        stop: Event,
        *,
        gains: FaceGains | None = None,
        has_painter: bool = False,
    ) -> None:
        """Prepare a run; nothing is read yet.

        Args:
            settings: What to animate with what, and where to.
            avatar: The portrait, with landmarks and matte.
            tracker_file: A face tracker's file; saved motion needs none.
            listener: Told what happens.
            stop: Set by another thread or a signal to stop after the frame in work.
            gains: How much of each part of the motion arrives.
            has_painter: Whether the shipped painter corrects the mouth in the end.
        """
        self._settings = settings
        self._avatar = avatar
        self._tracker_file = tracker_file
        self._listener = listener
        self._stop = stop
        self._gains = gains or FaceGains()
        self._layers = FaceLayers(painters=shipped_painters() if has_painter else None)

    def run(self) -> int:
        """Do it all.

        Returns:
            How many frames were written: all of the clip unless `stop` was set.

        Raises:
            AvatarifyError: What the user can fix. A video that was begun stays playable.
        """
        self._refuse_overwriting()
        self._choose_background()
        with self._open_driving() as driving, self._open_sink(driving) as sink:
            motion = self._motion(driving)
            if motion is None:
                return 0
            return self._animate(self._animator(motion), motion, sink)

    def _refuse_overwriting(self) -> None:
        output = Path(self._settings.output)
        for path in (self._settings.avatar, self._settings.driving):
            if is_there(output) and is_there(path) and output.samefile(path):
                raise OutputError(f"{path} is also what is read. Choose another output.")

    @property
    def _is_transparent(self) -> bool:
        return self._settings.background == TRANSPARENT

    def _choose_background(self) -> None:
        settings = self._settings
        if not self._is_transparent:
            self._avatar = self._avatar.before(read_background(settings.background))
        elif settings.is_side_by_side or Path(settings.output).suffix.lower() in _OPAQUE:
            raise OutputError(
                f"{settings.output} cannot be transparent. End it in .webm, or in / for PNGs, and "
                "leave --side-by-side out."
            )

    def _open_driving(self) -> FileSource:
        settings = self._settings
        return open_source(settings.driving, settings.fps, rotation=settings.rotation)

    def _open_sink(self, driving: FileSource) -> FileSink:
        fps = self._settings.fps or driving.fps
        is_retimed = not isclose(fps, driving.fps, rel_tol=1e-3)
        sound = self._settings.driving if driving.has_sound and not is_retimed else None
        if driving.has_sound and is_retimed and can_sound(self._settings.output):
            self._listener.notice(
                f"The sound is left out: at {fps:g} frames per second it would not fit the picture."
            )
        return open_sink(self._settings.output, fps, audio_from=sound)

    def _motion(self, driving: FileSource) -> Motion | None:
        """Read saved motion, or look for the face in every frame; None if that was stopped."""
        if isinstance(driving, MotionSource):
            return read_motion(self._settings.driving)
        if self._tracker_file is None:
            raise TrackerError(
                "The face tracker is missing. Run `avatarify models pull face-landmarker`, drive "
                "with saved motion (.npz), or take --model compact."
            )
        self._listener.begin(Stage.SURVEY, driving.frame_count)
        name, choice = self._settings.driving.name, self._settings.face
        with (
            open_tracker(self._tracker_file, LandmarkerMode.VIDEO) as landmarker,
            following(landmarker, choice, name, self._listener.notice) as chosen,
        ):
            motion = track_motion(driving, chosen.find, self._listener.advance, self._stop)
        remark = "" if motion is None else remark_on_mouth(motion, name)
        if remark:
            self._listener.notice(remark)
        return None if self._stop.is_set() else motion

    def _animator(self, motion: Motion) -> FaceAnimator:
        avatar = self._avatar
        assert avatar.landmarks is not None
        animator = FaceAnimator(FaceSettings(self._gains, SMOOTHING), self._layers)
        animator.set_source(avatar.portrait(), avatar.backdrop)
        animator.calibrate(motion.landmarks[self._reference(motion, avatar.landmarks)])
        return animator

    def _reference(self, motion: Motion, own: NDArray[np.float32]) -> int:
        chosen = self._settings.reference
        if chosen is None:
            return most_alike(motion.landmarks, own)
        if chosen >= motion.frame_count or not motion.has_face[chosen]:
            last = motion.frame_count - 1
            raise SettingsError(
                f"Frame {chosen} of {self._settings.driving.name} shows no face. Choose another "
                f"reference from 0 to {last}, or auto."
            )
        return chosen

    def _animate(self, animator: FaceAnimator, motion: Motion, sink: FileSink) -> int:
        written = 0
        self._listener.begin(Stage.ANIMATION, motion.frame_count)
        with (
            self._open_driving() as driving,
            reading_ahead(driving.read) as frames,
            writing_behind(sink.write) as write,
        ):
            faces = animator.follow(zip(_held(motion), motion.times_s.tolist(), strict=True))
            paint = animator.paint_alone if self._is_transparent else animator.paint
            for frame, landmarks, face in zip(frames, _held(motion), faces, strict=False):
                picture = self._sized(paint(face))
                if self._settings.is_side_by_side:
                    picture = self._beside(frame, landmarks, picture, motion.size)
                write(Frame(picture, self._time_s(frame, driving), frame.index))
                written += 1
                self._listener.advance()
                if self._stop.is_set():
                    break
        return written

    def _sized(self, picture: Image) -> Image:
        """Scale to the wished height, to even sides, as video wants them."""
        height, width = picture.shape[:2]
        wished = self._settings.size or height
        size = (max(2, round(width * wished / height / 2) * 2), max(2, round(wished / 2) * 2))
        if size == (width, height):
            return picture
        interpolation = cv2.INTER_AREA if wished < height else cv2.INTER_CUBIC
        return cv2.resize(picture, size, interpolation=interpolation).astype(np.uint8)

    def _beside(
        self, frame: Frame, landmarks: NDArray[np.float32], picture: Image, size: tuple[int, int]
    ) -> Image:
        is_known = isinstance(frame, MotionFrame)  # there is no picture of the driver
        driven_by = landmark_picture(frame.image, landmarks) if is_known else frame.image
        driven_by = letterbox(driven_by, size)  # a clip may change its shape
        return side_by_side([self._sized(self._avatar.image), driven_by, picture], picture.shape[0])

    def _time_s(self, frame: Frame, driving: FileSource) -> float:
        fps = self._settings.fps
        if fps is None or isclose(fps, driving.fps, rel_tol=1e-3):
            return frame.time_s
        return frame.index / fps


def _held(motion: Motion) -> Iterator[NDArray[np.float32]]:
    """Yield each frame's landmarks; while no face is seen, the last ones that were."""
    last = motion.landmarks[int(np.argmax(motion.has_face))]
    for landmarks, is_seen in zip(motion.landmarks, motion.has_face, strict=True):
        last = landmarks if is_seen else last
        yield last
