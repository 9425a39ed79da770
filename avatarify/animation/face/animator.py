"""Moves a portrait like tracked faces: the face engine, as the rest of the program sees it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.backdrop import fill_backdrop
from avatarify.animation.face.eyes import Eyeballs
from avatarify.animation.face.eyes_shut import ShutLids
from avatarify.animation.face.face_picture import NO_OTHERS, FacePicture, FurtherPictures
from avatarify.animation.face.matte import person_matte
from avatarify.animation.face.mouth import MouthInside
from avatarify.animation.face.native_eyes import fastest_eyeballs
from avatarify.animation.face.native_mouth import fastest_mouth
from avatarify.animation.face.painter import FacePainters
from avatarify.animation.face.person_painter import PersonPainters
from avatarify.animation.face.puppet import FacePuppet, PersonFlow
from avatarify.animation.face.skin_light import SkinLight
from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.geometry.face_mesh import LANDMARK_COUNT
from avatarify.geometry.face_motion import FaceMotion, MotionReader, placed_like
from avatarify.geometry.face_smoothing import FaceSmoother, FaceTremble, smoothed_both_ways
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace

Landmarks = NDArray[np.floating]

_ASSUMED_FRAME_TIME_S = 1.0 / 30.0


@dataclass(frozen=True, slots=True, eq=False)
class FacePortrait:
    """A picture of a person, with what the face engine needs to know of it."""

    picture: Image
    """RGB (H, W, 3), any shape."""

    landmarks: Landmarks
    """(478, 3) x, y, depth in pixels of the picture, 0 its upper left corner."""

    matte: NDArray[np.uint8]
    """(H, W), 255 where the person is, 0 where the room is."""

    further: FurtherPictures = NO_OTHERS
    """Other pictures of the same person, as far as there are any."""

    @classmethod
    def of(cls, picture: Image, landmarks: Landmarks) -> "FacePortrait":
        """Cut the person out of a picture; takes about a second."""
        return cls(picture, landmarks, person_matte(picture, landmarks))


@dataclass(frozen=True, slots=True)
class FaceSettings:
    """How a driver's motion becomes the portrait's."""

    gains: FaceGains = field(default_factory=FaceGains)
    """How much of each part arrives."""

    smoothing: float = 0.0
    """0 off, 0.5 for a common webcam, 1 strongest."""

    first_frame_is_reference: bool = True
    """Without calibration the first driving face becomes the driving reference; otherwise the
    portrait stays still until it is calibrated."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.smoothing <= 1.0:
            raise ValueError("smoothing lies between 0 and 1")


@dataclass(frozen=True, slots=True)
class FaceLayers:
    """What is painted over the warped person; all of it but where somebody measures its worth."""

    eyes: bool = True
    mouth: bool = True
    light: bool = True
    """Whether skin that turns away from the light darkens."""
    folds: bool = True
    """Whether it also darkens where it folds; only together with `light`."""
    painters: FacePainters | None = None
    """What corrects the layers in the end; without them the layers stay as they are."""


class FaceDecomposition(NamedTuple):
    """Everything that went into one animated picture."""

    face: MovedFace
    """Where the landmarks went."""
    flow: PersonFlow
    """The dense flow and the triangles that are its masks."""
    person: Image
    """RGB (H, W, 3), the warped person alone, over black."""
    matte: NDArray[np.uint8]
    """(H, W), the warped matte."""
    backdrop: Image
    """RGB (H, W, 3), the filled room."""
    picture: Image
    """RGB (H, W, 3), all layers together."""


class FaceAnimator:
    """Moves one portrait by tracked landmarks.

    Example:
        >>> animator = FaceAnimator()
        >>> animator.set_source(FacePortrait.of(picture, landmarks))
        >>> animator.calibrate(first_landmarks)
        >>> picture = animator.animate(landmarks)
    """

    def __init__(
        self,
        settings: FaceSettings | None = None,
        layers: FaceLayers | None = None,
        painters: PersonPainters | None = None,
    ) -> None:
        """Start without portrait and driving reference.

        Args:
            settings: How motion is transferred.
            layers: What is painted; eyes and mouth, without painters, by default.
            painters: Make what paints the person; the processor by default.
        """
        self._painters = painters or PersonPainters()
        self._layers = layers or FaceLayers()
        self._settings = settings or FaceSettings()
        self._smoother = _smoother(self._settings.smoothing)
        self._stage: _Stage | None = None
        self._reference: Landmarks | None = None
        self._reader: MotionReader | None = None
        self._is_unplaced = False
        self._time_s = 0.0

    @property
    def settings(self) -> FaceSettings:
        """How motion is transferred; may be changed between frames."""
        return self._settings

    @settings.setter
    def settings(self, settings: FaceSettings) -> None:
        if settings.smoothing != self._settings.smoothing:
            self._smoother = _smoother(settings.smoothing)
        self._settings = settings

    @property
    def reference(self) -> Landmarks | None:
        """The driver's landmarks at calibration (478, 3), or None; assigning restores them."""
        return self._reference

    @reference.setter
    def reference(self, landmarks: Landmarks | None) -> None:
        if landmarks is not None:
            is_right = landmarks.shape == (LANDMARK_COUNT, 3) and np.isfinite(landmarks).all()
            if not is_right:
                raise ValueError(f"a driving reference is {LANDMARK_COUNT} finite landmarks")
        self._reference, self._reader = landmarks, None
        self._is_unplaced = False
        if self._smoother is not None:
            self._smoother.reset()

    def restore(self, landmarks: Landmarks) -> None:
        """Take a driving reference of another day; the next driving face says where it belongs.

        Its pose and expression hold. Where the driver sits, how near, and how many pixels the
        camera has may all be others now.

        Raises:
            ValueError: It is not 478 finite landmarks.
        """
        self.reference = landmarks
        self._is_unplaced = True

    def set_source(self, portrait: FacePortrait, backdrop: Image | None = None) -> None:
        """Choose the portrait; the driving reference stays.

        Args:
            portrait: The picture, its landmarks and its matte.
            backdrop: RGB (H, W, 3), the room without the person where it is known; filled in
                otherwise.
        """
        room = fill_backdrop(portrait.picture, portrait.matte) if backdrop is None else backdrop
        self._stage = _Stage(portrait, room, self._layers, self._painters)

    def calibrate(self, landmarks: Landmarks) -> None:
        """Store the driver's landmarks (478, 3): what moves away from them counts from now on."""
        self.reference = np.array(landmarks, dtype=np.float64)

    def animate(
        self, landmarks: Landmarks, *, time_s: float | None = None, strength: float = 1.0
    ) -> Image:
        """Paint the portrait with a driver's motion.

        Args:
            landmarks: (478, 3), the driver's, in the unit of the driving reference.
            time_s: When they were seen; the smoothing needs it. Without it, 1/30 s after the last.
            strength: 0 shows the still portrait, 1 all motion; for easing in and out.

        Returns:
            RGB (H, W, 3), as large as the portrait, in memory of its own.

        Raises:
            ValueError: There is no portrait, or the landmarks are not finite.
        """
        stage = self._require_stage()
        return stage.paint(self._move(stage, landmarks, time_s, strength))

    def cut_out(
        self, landmarks: Landmarks, *, time_s: float | None = None, strength: float = 1.0
    ) -> NDArray[np.uint8]:
        """Paint the person alone; arguments as for `animate`.

        Returns:
            RGBA (H, W, 4), 0 where the room would be; colours are not multiplied by alpha.
        """
        stage = self._require_stage()
        return stage.cut_out(self._move(stage, landmarks, time_s, strength))

    def follow(self, track: Iterable[tuple[Landmarks, float]]) -> Iterator[MovedFace]:
        """Say where the portrait's landmarks go in a clip: `paint` or `paint_alone` show it.

        What comes later is known, so nothing that is smoothed comes late, as it must with
        `animate`. A few seconds of the track are read ahead.

        Args:
            track: The driver's landmarks (478, 3) in each frame, and when they were seen.

        Raises:
            ValueError: There is no portrait, or landmarks are not finite.
        """
        stage = self._require_stage()
        motions = self._motions(track)
        if self._settings.smoothing > 0.0:
            seen = smoothed_both_ways(motions, _tremble(self._settings.smoothing))
        else:
            seen = (motion for motion, _ in motions)
        for motion in seen:
            assert self._reference is not None
            yield stage.transfer(motion, self._reference, self._settings.gains)

    def _motions(
        self, track: Iterable[tuple[Landmarks, float]]
    ) -> Iterator[tuple[FaceMotion, float]]:
        for landmarks, time_s in track:
            if self._reference is None:
                self.calibrate(landmarks)
            yield self._read(landmarks), time_s

    def paint(self, face: MovedFace) -> Image:
        """Paint the portrait with its landmarks moved; see `animate`."""
        return self._require_stage().paint(face)

    def paint_alone(self, face: MovedFace) -> NDArray[np.uint8]:
        """Paint the person alone with the landmarks moved; see `cut_out`."""
        return self._require_stage().cut_out(face)

    def decompose(self, landmarks: Landmarks) -> FaceDecomposition:
        """Animate one frame and keep everything, without disturbing the smoothing."""
        stage = self._require_stage()
        return stage.decompose(self._move(stage, landmarks, self._time_s, 1.0))

    def _move(
        self, stage: "_Stage", landmarks: Landmarks, time_s: float | None, strength: float
    ) -> MovedFace:
        self._time_s = self._time_s + _ASSUMED_FRAME_TIME_S if time_s is None else time_s
        if self._reference is None:
            if not self._settings.first_frame_is_reference:
                return stage.transfer.still()
            self.calibrate(landmarks)
        motion = self._read(landmarks)
        assert self._reference is not None
        if self._smoother is not None:
            motion = self._smoother(motion, self._time_s)
        return stage.transfer(motion, self._reference, self._settings.gains.scaled(strength))

    def _read(self, landmarks: Landmarks) -> FaceMotion:
        """Tell what the driver does, against the reference that there is."""
        assert self._reference is not None
        if self._is_unplaced:
            self._reference = placed_like(self._reference, landmarks)
            self._is_unplaced, self._reader = False, None
        if self._reader is None:
            self._reader = MotionReader(self._reference)
        return self._reader(landmarks)

    def _require_stage(self) -> "_Stage":
        if self._stage is None:
            raise ValueError("set_source must be called before a portrait can be animated")
        return self._stage


class Layer(Protocol):
    """Something painted over the warped person."""

    def draw(self, canvas: Image, face: MovedFace) -> None:
        """Paint in place onto the picture in which the person is warped already."""


class _Stage:
    """One portrait's layers, in the order in which they are painted."""

    def __init__(
        self,
        portrait: FacePortrait,
        backdrop: Image,
        layers: FaceLayers,
        painters: PersonPainters,
    ) -> None:
        picture, landmarks = portrait.picture, portrait.landmarks
        self.transfer = FaceTransfer(landmarks)
        eyes = Eyeballs(picture, landmarks) if layers.eyes else None
        skin = picture if eyes is None else eyes.skin
        self._puppet = FacePuppet(skin, landmarks, portrait.matte, backdrop)
        self._processor = painters.on_processor(self._puppet)
        self._painter = painters.of(self._processor)
        self._over: list[Layer] = [] if eyes is None else [fastest_eyeballs(eyes, self.transfer)]
        further = portrait.further
        if eyes is not None and further.shut_eyes is not None:
            self._over.append(ShutLids(FacePicture(picture, landmarks), further.shut_eyes))
        if layers.mouth:
            mouth = MouthInside(picture, landmarks, further.teeth)
            self._over.append(fastest_mouth(mouth, picture, landmarks))
        if layers.light:
            light = SkinLight(picture, landmarks, self._puppet.sheet, has_folds=layers.folds)
            self._over.append(light)
        if layers.painters is not None:
            self._over.append(layers.painters.of(picture, landmarks))

    def paint(self, face: MovedFace) -> Image:
        picture = self._painter.draw(face)
        for layer in self._over:
            layer.draw(picture, face)
        return picture

    def cut_out(self, face: MovedFace) -> NDArray[np.uint8]:
        person, matte = self._alone(face)
        for layer in self._over:
            layer.draw(person, face)
        matte = np.maximum(matte, person.max(axis=2))  # light that the room cannot give is person
        opaque = np.maximum(matte, 1).astype(np.float32)[..., None] / 255.0
        colour = np.clip(np.round(person / opaque), 0, 255).astype(np.uint8)
        return np.dstack([colour, matte])

    def _alone(self, face: MovedFace) -> tuple[Image, NDArray[np.uint8]]:
        """The warped person over black, and its matte, as large as the portrait."""
        layer, size = self._processor.warp(face), self._puppet.size
        person, matte = np.zeros((*size, 3), np.uint8), np.zeros(size, np.uint8)
        person[layer.place], matte[layer.place] = layer.person[..., :3], layer.person[..., 3]
        return person, matte

    def decompose(self, face: MovedFace) -> FaceDecomposition:
        puppet = self._puppet
        person, matte = self._alone(face)
        return FaceDecomposition(
            face, puppet.flow(face), person, matte, puppet.backdrop, self.paint(face)
        )


def _smoother(smoothing: float) -> FaceSmoother | None:
    return FaceSmoother(_tremble(smoothing)) if smoothing > 0.0 else None


def _tremble(smoothing: float) -> FaceTremble:
    """0.5 is made for a common webcam; each half step more expects four times the noise."""
    return FaceTremble().scaled(16.0 ** (smoothing - 0.5))
