"""The face engine as a method to be evaluated: whole, and with layers left out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from avatarify.animation.face.animator import (
    FaceAnimator,
    FaceLayers,
    FacePortrait,
    FaceSettings,
)
from avatarify.animation.face.face_picture import FacePicture, FurtherPictures
from avatarify.animation.face.shipped_painters import shipped_painters
from avatarify.frames import Image
from avatarify.training.evaluation.driven_by import DrivenByOwn
from avatarify.training.evaluation.methods import DoNothing, Method
from avatarify.training.evaluation.sight import Sight

WARP_ONLY, WITH_EYES = "warp only", "+ eyeballs"
WITHOUT_FOLDS = "without folds"
WITH_FURTHER, WITH_PAINTER = "+ further pictures", "+ painter"


_STREAM_S = 0.05
"""Frames that lie farther apart are a thinned clip and no stream: there is nothing to smooth."""

SMOOTHING = 0.5
"""What the program does by default."""


class FaceMethod:
    """The face engine, driven by the landmarks that the evaluation's own tracker found."""

    def __init__(self, name: str, layers: FaceLayers | None = None) -> None:
        """Evaluate the engine.

        Args:
            name: As tables call it.
            layers: What is painted; all by default.
        """
        self.name = name
        self._animator = FaceAnimator(FaceSettings(), layers)
        self._portrait: Image | None = None

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Take the portrait apart, and calibrate."""
        self._portrait = portrait.picture
        self._animator.set_source(FacePortrait.of(portrait.picture, portrait.face.landmarks))
        self._animator.calibrate(reference.face.landmarks)

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Animate one frame after the other; smoothed as live, if they come as fast."""
        times_s = [sight.time_s for sight in driving]
        is_stream = len(times_s) > 1 and float(np.median(np.diff(times_s))) <= _STREAM_S
        self._animator.settings = FaceSettings(smoothing=SMOOTHING if is_stream else 0.0)
        self._animator.reference = self._animator.reference  # forgets what was smoothed before
        for sight in driving:
            yield self._animator.animate(sight.face.landmarks, time_s=sight.time_s)

    def still(self) -> Image:
        """Return the portrait."""
        assert self._portrait is not None
        return self._portrait


class WithFurtherPictures(FaceMethod):
    """The face engine with further pictures of the person: the widest mouth, the shut eyes.

    They are driving pictures, as a user would add pictures of the same person.
    """

    def start(self, portrait: Sight, reference: Sight) -> None:
        """Remember the portrait; it is taken apart when the further pictures are known."""
        self._portrait, self._cast = portrait.picture, (portrait, reference)

    def perform(self, driving: Sequence[Sight]) -> Iterator[Image]:
        """Choose the further pictures, then animate one frame after the other."""
        portrait, reference = self._cast
        widest = max(driving, key=lambda sight: sight.face.lips_apart)
        found = FacePortrait.of(portrait.picture, portrait.face.landmarks)
        shut = max(driving, key=lambda sight: min(sight.face.blink_left, sight.face.blink_right))
        further = FurtherPictures(_picture(widest), _picture(shut))
        self._animator.set_source(replace(found, further=further))
        self._animator.calibrate(reference.face.landmarks)
        yield from super().perform(driving)


def _picture(sight: Sight) -> FacePicture:
    return FacePicture(sight.picture, sight.face.landmarks.astype(np.float64))


def face_methods(name: str, *, takes_apart: bool, own_tracker: Path | None = None) -> list[Method]:
    """Return the face engine and doing nothing.

    Args:
        name: As tables call the whole engine.
        takes_apart: Also with layers left out, to tell what each is worth.
        own_tracker: `landmarks.safetensors`: the whole engine also driven by our own tracker.
    """
    methods: list[Method] = [FaceMethod(name)]
    if own_tracker is not None:
        methods.append(DrivenByOwn(FaceMethod(name), own_tracker))
    if takes_apart:
        methods += [
            FaceMethod(WARP_ONLY, FaceLayers(eyes=False, mouth=False, light=False)),
            FaceMethod(WITH_EYES, FaceLayers(eyes=True, mouth=False, light=False)),
            FaceMethod(WITHOUT_FOLDS, FaceLayers(folds=False)),
            WithFurtherPictures(WITH_FURTHER),
            FaceMethod(WITH_PAINTER, FaceLayers(painters=shipped_painters())),
        ]
    return [*methods, DoNothing()]
