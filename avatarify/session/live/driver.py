"""The tracking stage: finds the driver in each camera frame and cuts the driving square."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Protocol

from avatarify.animation.face.panels import landmark_picture
from avatarify.errors import TrackerError
from avatarify.frames import Frame, Image
from avatarify.geometry.face_mesh import mirrored_landmarks
from avatarify.media.composition import mirror, rotate
from avatarify.media.motion_source import MotionFrame
from avatarify.session.live.absence_advice import AbsenceAdvice
from avatarify.session.live.calibration_search import CalibrationSearch, Candidate
from avatarify.session.live.commands import Commands
from avatarify.session.live.framing_advice import FramingAdvice
from avatarify.session.live.listener import (
    CalibrationStatus,
    CameraView,
    LiveListener,
    Notice,
    Severity,
    Topic,
)
from avatarify.session.live.sighting import CalibrationFrame, Driving, Sighting
from avatarify.streaming.output_picture import Origin, OutputPicture, PassThroughPermission
from avatarify.tracking.conditions import conditions, is_blank, observe
from avatarify.tracking.crop import Crop, cut
from avatarify.tracking.face import Face
from avatarify.tracking.face_choice import ChosenFace, FaceChoice
from avatarify.tracking.follow import FaceFollower, Framing
from avatarify.tracking.known_face import face_of_points
from avatarify.tracking.missing_face import Missing
from avatarify.tracking.mouth_watch import MouthWatch
from avatarify.tracking.placed_face import PlacedFace
from avatarify.tracking.upright import UprightTurn

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.045
"""While the crop rests the tracker looks no more often than this, after the frame was handed on: a
face must be out of place for longer before the crop follows."""


class FaceFinder(Protocol):
    """What finds faces: `tracking.landmarker.FaceLandmarker`."""

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        """Find all faces, the one to follow first."""

    def prefer(self, face: Face) -> None:
        """Follow this face from now on: one of those that `find_all` returned last."""

    @property
    def name(self) -> str:
        """What users call it."""

    def close(self) -> None:
        """Release the model."""


_LYING = (
    "Your head does not stand upright, so the picture is turned by {}°. If the camera hangs so, "
    "turn its picture under Devices, or with --rotate."
)

OBSERVE_EVERY_S = 0.09
"""Once calibrated, light, place and pose are judged no more often than this: people read slowly."""


class Driver:
    """The work of the tracking stage. All methods but `post` belong to its thread."""

    def __init__(
        self,
        open_finder: Callable[[], FaceFinder],
        listener: LiveListener,
        *,
        show_camera: Callable[[OutputPicture], None],
        generation: Callable[[], int],
        is_calibrated: Callable[[], bool],
        tell_calibration: Callable[[CalibrationStatus], None],
        explain_absence: Callable[[Image], Missing | None] = lambda image: None,
    ) -> None:
        """Prepare; the tracker's model is loaded by the tracking thread.

        Args:
            open_finder: Loads the tracker; raises TrackerError where that is impossible.
            listener: Hears of camera frames and of trouble with the tracker.
            show_camera: Takes the real camera's picture while that is permitted.
            generation: The scene's present generation, for those pictures.
            is_calibrated: Whether there is a driving reference.
            tell_calibration: Hears how well the present frame would calibrate.
            explain_absence: Says why no face is found in a picture.
        """
        self._open_finder = open_finder
        self._listener = listener
        self._show_camera = show_camera
        self._generation = generation
        self._is_calibrated = is_calibrated
        self._tell_calibration = tell_calibration
        self._commands = Commands()
        self._finder: FaceFinder | None = None
        self._choice = FaceChoice()
        self._chosen: ChosenFace | None = None
        self._lack = ""
        self.is_settled = False
        """The tracker was loaded, or could not be."""
        self._follower = FaceFollower()
        self._placed = PlacedFace()
        self._faces: tuple[Face, ...] = ()
        self._looked_s = float("-inf")
        self._observed_s = float("-inf")
        self._unseen: Frame | None = None
        self._frame_size: tuple[int, int] | None = None
        self._numbers = count(1)
        self._calibration: CalibrationFrame | None = None
        self._advice = FramingAdvice()
        self._absence = AbsenceAdvice(explain_absence)
        self._mouth = MouthWatch()
        self._permission: PassThroughPermission | None = None
        self.search = CalibrationSearch()
        self.input_size = 256
        self.wants_landmarks = False
        """Every frame is tracked before it is handed on: the avatar moves by landmarks."""
        self.is_mirrored = False
        self._rotation = self._turn = 0
        self._upright: UprightTurn | None = None
        self.calibrates_itself = True
        """A frame may be taken as reference without being asked for."""
        self.has_face = False

    @property
    def has_tracker(self) -> bool:
        """Whether faces can be found."""
        return self._finder is not None

    def post(self, call: Callable[[], None]) -> None:
        """Have a call made in the tracking thread between two frames; from any thread."""
        self._commands.post(call)

    def between(self) -> None:
        """Make the posted calls; the first time, load the tracker."""
        if not self.is_settled:
            self._load_finder()
            self.is_settled = True
        self._commands.run()

    def close(self) -> None:
        """Release the tracker."""
        finder, self._finder, self._chosen = self._finder, None, None
        if finder is not None:
            finder.close()

    def set_framing(self, framing: Framing) -> None:
        """Zoom and move the crop."""
        self._follower.framing = framing

    def reload_finder(self) -> None:
        """Load the tracker again: its file has come."""
        self.close()
        self._load_finder()
        if self._finder is not None:
            self._listener.noticed(Notice(Topic.TRACKER, ""))

    def lay(self, rotation: int, *, is_mirrored: bool) -> None:
        """Turn the frames clockwise by 0, 90, 180 or 270 degrees, then mirror them or not."""
        if (rotation, is_mirrored) != (self._rotation, self.is_mirrored):
            self._rotation, self.is_mirrored = rotation, is_mirrored
            self._faces = ()  # they were elsewhere
            if self._upright is not None:
                self._upright.reset()
                self._tell_turn(0)

    def choose_face(self, choice: FaceChoice) -> None:
        """Follow another one of several faces from the next frame on."""
        self._choice = choice
        if self._chosen is not None:
            self._chosen.choose(choice)

    def follow_at(self, x: float, y: float) -> None:
        """Follow the face at a point of the camera picture, and take it as reference.

        Args:
            x: In pixels of the picture that is shown.
            y: The same, downwards.
        """
        if len(self._faces) > 1:
            self.choose_face(FaceChoice(point=(x, y)))
            self._mouth = MouthWatch()
            self.search.take_next()

    def permit(self, permission: PassThroughPermission | None) -> None:
        """Show the real camera while this permission is valid."""
        self._permission = permission

    def work(self, frame: Frame) -> Sighting | None:
        """Track one camera frame.

        Returns:
            What the animating stage needs; None while the real camera is shown.
        """
        laid = _laid(frame, self._rotation, is_mirrored=self.is_mirrored)
        turn = 0 if self._upright is None else self._upright.turn
        frame, self._turn = _laid(laid, turn, is_mirrored=False), turn + self._rotation
        if _size(frame) != self._frame_size:
            self._begin_anew(_size(frame))
        if self._is_resting:
            is_due = not 0.0 <= frame.time_s - self._looked_s < LOOK_EVERY_S
            self._unseen = frame if is_due else None
        else:
            self._look(frame)
        face = self._faces[0] if self._faces else None
        crop = self._follower.follow(face, _size(frame), frame.time_s)
        seen = frame.image if face is None else _shown(frame, face)
        others = tuple(other.box for other in self._faces[1:])
        self._listener.camera_seen(CameraView(seen, frame.time_s, crop, face, others))
        if self._pass_through(laid):
            return None
        return Sighting(
            driving=self._seen(frame, crop, face),
            time_s=frame.time_s,
            index=frame.index,
            has_face=self.has_face,
            calibration=self._calibration,
        )

    def _begin_anew(self, size: tuple[int, int]) -> None:
        """Forget where the face was: the camera's picture has got another shape."""
        is_change, self._frame_size = self._frame_size is not None, size
        self._faces, self._unseen = (), None
        if is_change:
            self._search_anew()

    def _search_anew(self) -> None:
        """Take the reference from pictures as they are now."""
        if self.search.is_searching or (self._is_calibrated() and self.calibrates_itself):
            self.search.begin()

    def _seen(self, frame: Frame, crop: Crop, face: Face | None) -> Driving:
        landmarks = None if face is None else self._placed.as_now(face.landmarks)
        if self.wants_landmarks:
            return Driving(None, landmarks)
        return Driving(cut(frame.image, crop, self.input_size), landmarks)

    @property
    def owes_a_look(self) -> bool:
        """Whether a frame was handed on that the tracker should see, see `look_back`."""
        return self._unseen is not None

    def look_back(self) -> None:
        """Track the frame that was handed on without: nobody had to wait for it."""
        frame, self._unseen = self._unseen, None
        if frame is not None:
            self._look(frame)

    @property
    def _is_resting(self) -> bool:
        """Whether what the tracker saw last still serves, and the next frame need not wait."""
        if self.wants_landmarks:
            return False
        is_at_rest = bool(self._faces) and not self._follower.is_moving
        return is_at_rest and not self.search.is_expecting and self._is_calibrated()

    def _look(self, frame: Frame) -> None:
        self._unseen = None
        self._faces, self._looked_s = self._find(frame), frame.time_s
        self._placed.place(next((f.landmarks for f in self._faces), None), _size(frame), self._turn)
        self._keep_upright(frame)
        is_tracked = self._finder is not None or isinstance(frame, MotionFrame)
        self.has_face = bool(self._faces) or not is_tracked
        if is_tracked and not isinstance(frame, MotionFrame):
            self._advise(frame)
        is_due = not 0.0 <= frame.time_s - self._observed_s < OBSERVE_EVERY_S
        if is_due or self.search.is_expecting or not self._is_calibrated():
            self._observed_s = frame.time_s
            self._observe(frame, self._faces, has_tracker=is_tracked)

    def _keep_upright(self, frame: Frame) -> None:
        """Turn the frames from the next one on, if the head in them lies or stands otherwise."""
        upright = self._upright
        if upright is None or self._finder is None or isinstance(frame, MotionFrame):
            return
        if not upright.look(frame.image, self._faces, frame.time_s):
            return
        self._faces = ()  # they are elsewhere in the next frame
        self._search_anew()
        self._tell_turn(upright.turn)

    def _tell_turn(self, turn: int) -> None:
        text = _LYING.format(turn) if turn else ""
        self._listener.noticed(Notice(Topic.TURN, text, Severity.INFORMATION))

    def _advise(self, frame: Frame) -> None:
        """Say why no face is seen, and of a mouth that it never opens."""
        absence = self._absence.update(frame.image, frame.time_s, has_face=self.has_face)
        if absence is not None:
            self._listener.noticed(Notice(Topic.FACE_MISSING, absence))
        mouth = self._mouth.update(self._faces[0] if self._faces else None, frame.time_s)
        if mouth is not None:
            self._listener.noticed(Notice(Topic.MOUTH, mouth, Severity.INFORMATION))

    def _observe(self, frame: Frame, faces: tuple[Face, ...], *, has_tracker: bool) -> None:
        """Look for a calibration frame and for what the picture lacks."""
        if not has_tracker and is_blank(frame.image):
            return  # many cameras begin so
        observation = observe(frame.image, faces, frame.time_s)
        taken, status = self.search.look(
            observation,
            frame.image,
            has_tracker=has_tracker,
            is_mirrored=self.is_mirrored,
            is_calibrated=self._is_calibrated(),
        )
        if taken is not None:
            self._take(taken, frame.time_s)
        if status is not None:
            self._tell_calibration(status)
        if has_tracker and not isinstance(frame, MotionFrame):
            text = self._advice.update(conditions(observation), frame.time_s)
            if text is not None:
                self._listener.noticed(Notice(Topic.FRAMING, text, Severity.INFORMATION))

    def _take(self, candidate: Candidate, time_s: float) -> None:
        """Frame the face exactly, as the portraits are, and calibrate with that square."""
        image = candidate.image
        crop = self._follower.recenter(candidate.face, (image.shape[0], image.shape[1]), time_s)
        face = candidate.face
        landmarks = None if face is None else self._placed.as_now(face.landmarks)
        driving = Driving(cut(image, crop, self.input_size), landmarks)
        self._calibration = CalibrationFrame(next(self._numbers), driving)

    def _pass_through(self, frame: Frame) -> bool:
        """Show the real camera if the user permitted it in this run."""
        permission = self._permission
        if permission is None or not permission.is_valid:
            self._permission = None
            return False
        self._show_camera(
            OutputPicture(
                frame.image,
                Origin.PASS_THROUGH,
                frame.time_s,
                frame.index,
                self._generation(),
                permission,
            )
        )
        return True

    def _find(self, frame: Frame) -> tuple[Face, ...]:
        if isinstance(frame, MotionFrame):
            if frame.landmarks is None or frame.blendshapes is None:
                return ()
            return (face_of_points(frame.landmarks, frame.blendshapes, _size(frame)),)
        if self._chosen is None:
            self._tell_lack()
            return ()
        try:
            return self._chosen.find_all(frame.image, frame.time_s)
        except (TrackerError, RuntimeError, ValueError) as error:
            logger.debug("tracking failed", exc_info=True)
            self.close()
            self._warn(f"Face tracking stopped ({error}). The crop stays fixed; restart the app.")
            return ()

    def _load_finder(self) -> None:
        try:
            self._finder = self._open_finder()
        except TrackerError as error:
            self._lack = str(error)
        else:
            self._chosen = ChosenFace(self._finder, self._choice, self._tell_whom)
            with suppress(TrackerError):  # an OpenCV without cascades: pictures stay as they are
                self._upright = UprightTurn()
            self._listener.tracker_ready(self._finder.name)

    def _tell_whom(self, words: str) -> None:
        text = f"The camera shows {words}"
        self._listener.noticed(Notice(Topic.FRAMING, text, Severity.INFORMATION))

    def _tell_lack(self) -> None:
        """Say that there is no tracker when one is wanted: saved motion needs none."""
        lack, self._lack = self._lack, ""
        if lack:
            self._warn(f"{lack} Until then the crop is fixed: sit in the middle of the picture.")

    def _warn(self, text: str) -> None:
        self._listener.noticed(Notice(Topic.TRACKER, text, Severity.WARNING))


def _shown(frame: Frame, face: Face) -> Image:
    """What the user sees of the driver: of saved motion, its points, for there is no picture."""
    if isinstance(frame, MotionFrame):
        return landmark_picture(frame.image, face.landmarks)
    return frame.image


def _laid(frame: Frame, rotation: int, *, is_mirrored: bool) -> Frame:
    """Turn a frame upright, and mirror it; saved motion is upright already."""
    if rotation and not isinstance(frame, MotionFrame):
        frame = replace(frame, image=rotate(frame.image, rotation))
    return _mirrored(frame) if is_mirrored else frame


def _mirrored(frame: Frame) -> Frame:
    flipped = replace(frame, image=mirror(frame.image))
    if isinstance(flipped, MotionFrame) and flipped.landmarks is not None:
        landmarks = mirrored_landmarks(flipped.landmarks, frame.image.shape[1])
        return replace(flipped, landmarks=landmarks)
    return flipped


def _size(frame: Frame) -> tuple[int, int]:
    return frame.image.shape[0], frame.image.shape[1]
