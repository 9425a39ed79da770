"""Examples for painters: what the engine makes of a face, beside the camera's own picture of it.

Self-reenactment: one frame of a clip is the portrait, another one drives it. Both pictures of the
driving frame, the engine's and the true one, are cut by the same kind of patch, each laid by its
own landmarks. The engine is slow beside a small network, so examples are made once and kept.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from avatarify.animation.face.animator import FaceAnimator, FaceLayers, FacePortrait
from avatarify.animation.face.painter_view import PatchView, View, cut_patch
from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.geometry.face_mesh import EYES
from avatarify.geometry.face_motion import read_motion
from avatarify.geometry.face_patches import FacePatch
from avatarify.geometry.face_transfer import FaceTransfer, MovedFace
from avatarify.media.whole_file import whole_file
from avatarify.training.clip_cache import Clip
from avatarify.training.painting.settings import ExampleSettings
from avatarify.training.rare_frames import calm_frames, rare_frames

logger = logging.getLogger(__name__)

PATCHES = {
    "mouth": (FacePatch((96, 96)),),
    "eyes": tuple(FacePatch((48, 64), eye) for eye in EYES),
}
"""The patches of each part of the face; the eyes' are learnt as one."""

_FARTHEST = 0.03
"""Examples whose outlines lie farther from the true ones, in widths of the patch, are left out:
the engine went elsewhere, and a painter must not learn to bring them back."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Examples of one part of the face in one clip; N may be 0."""

    picture: NDArray[np.uint8]
    """(N, H, W, 3), RGB, what warp and layers made."""
    target: NDArray[np.uint8]
    """(N, H, W, 3), the camera's picture."""
    masks: NDArray[np.uint8]
    """(N, H, W, 2), 255 inside the outlines."""
    region: NDArray[np.uint8]
    """(N, H, W), 255 where everything may change."""
    rest: NDArray[np.uint8]
    """(S, H, W, 3), the portraits' own patches."""
    source: NDArray[np.int32]
    """(N,), which of these each example belongs to."""


def examples_of(clip: Clip, part: str, settings: ExampleSettings) -> Examples:
    """Return a clip's examples of one part, made of the clip where they are not there yet.

    Raises:
        SettingsError: A kept file is broken.
        OutputError: The folder cannot be written.
    """
    path = _path(clip, part, settings)
    if not path.is_file():
        _make(clip, settings)
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            return Examples(**{name: file[name] for name in Examples.__slots__})
    except (OSError, KeyError, ValueError, BadZipFile) as error:
        raise SettingsError(f"{path} holds no examples: {error}. Delete it.") from error


def _path(clip: Clip, part: str, settings: ExampleSettings) -> Path:
    return Path(settings.examples) / f"{clip.name}.{part}.npz"


def _make(clip: Clip, settings: ExampleSettings) -> None:
    """Move portraits of a clip to other frames of it, and keep every part of the face."""
    collectors = {part: _Collector(patches) for part, patches in PATCHES.items()}
    rng = np.random.default_rng(sum(clip.name.encode()))
    for source in _drawn(
        rng, clip, calm_frames(clip.landmarks), settings.sources, settings.calm_share
    ):
        _animate(clip, int(source), _targets(rng, clip, settings), tuple(collectors.values()))
    for part, collector in collectors.items():
        _write(_path(clip, part, settings), collector.examples())
    logger.info("%s: %d mouths, %d eyes", clip.name, *(len(one) for one in collectors.values()))


def _animate(
    clip: Clip, source: int, targets: NDArray[np.int64], collectors: "Sequence[_Collector]"
) -> None:
    portrait, marks = np.ascontiguousarray(clip.frames[source]), _marks(clip, source)
    animator = FaceAnimator(layers=FaceLayers())  # as painters will find it, without them
    whole = np.full(portrait.shape[:2], 255, np.uint8)  # the room behind is nobody's business here
    animator.set_source(FacePortrait(portrait, marks, whole), portrait)
    animator.calibrate(marks)
    for collector in collectors:
        collector.begin(portrait, marks)
    transfer = FaceTransfer(marks)
    for target in targets:
        driving = _marks(clip, int(target))
        face = transfer(read_motion(marks, driving), marks)
        picture = animator.animate(driving)
        for collector in collectors:
            collector.add(picture, face, clip.frames[target], driving)


def _targets(rng: np.random.Generator, clip: Clip, settings: ExampleSettings) -> NDArray[np.int64]:
    return _drawn(rng, clip, rare_frames(clip.landmarks), settings.targets, settings.rare_share)


def _drawn(
    rng: np.random.Generator, clip: Clip, favoured: NDArray[np.int64], count: int, share: float
) -> NDArray[np.int64]:
    """Draw different frames, a share of them from the favoured ones."""
    first = rng.permutation(favoured)[: round(share * count)]
    rest = np.setdiff1d(np.arange(len(clip.frames)), first)
    return np.concatenate([first, rng.permutation(rest)[: max(0, count - len(first))]])


def _marks(clip: Clip, index: int) -> NDArray[np.float64]:
    """Return (478, 3), a frame's landmarks as the engine counts pixels: from the corner."""
    marks = np.column_stack([clip.landmarks[index], clip.depth[index]]).astype(np.float64)
    return marks + np.array([0.5, 0.5, 0.0])


class _Collector:
    """Gathers one part's examples."""

    def __init__(self, patches: Sequence[FacePatch]) -> None:
        self._patches = patches
        self._views: list[PatchView] = []
        self._rests: list[Image] = []
        self._rows: list[tuple[View, Image, int]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def begin(self, portrait: Image, marks: NDArray[np.float64]) -> None:
        """Take up the next portrait."""
        self._views = [PatchView(patch, portrait, marks) for patch in self._patches]
        self._rests += [view.rest for view in self._views]

    def add(self, picture: Image, face: MovedFace, true: Image, marks: NDArray[np.float64]) -> None:
        """Take an animated picture and the true one, with the landmarks of both."""
        first = len(self._rests) - len(self._views)
        for number, view in enumerate(self._views):
            look = view.look(picture, face.landmarks)
            if look is None or view.patch.motion(marks, face.landmarks) > _FARTHEST:
                continue
            target = cut_patch(true, view.patch.place(marks), view.patch.size, view.finer)
            self._rows.append((look, target, first + number))

    def examples(self) -> Examples:
        """Return what was gathered."""
        size = self._patches[0].size
        looks = [look for look, _, _ in self._rows]
        return Examples(
            picture=_stacked([look.picture for look in looks], (*size, 3)),
            target=_stacked([target for _, target, _ in self._rows], (*size, 3)),
            masks=_stacked([look.masks for look in looks], (*size, 2)),
            region=_stacked([np.round(255 * look.region) for look in looks], size),
            rest=_stacked(self._rests, (*size, 3)),
            source=np.array([source for _, _, source in self._rows], np.int32),
        )


def _stacked(rows: "Sequence[NDArray[np.generic]]", shape: tuple[int, ...]) -> NDArray[np.uint8]:
    if not rows:
        return np.zeros((0, *shape), np.uint8)
    return np.stack(rows).astype(np.uint8)


def _write(path: Path, examples: Examples) -> None:
    with whole_file(path) as file:
        np.savez(file, **{name: getattr(examples, name) for name in Examples.__slots__})
