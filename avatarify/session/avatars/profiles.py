"""What the user settled for one avatar, kept with it: crop, gains, mirror, driving reference."""

import hashlib
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avatarify.errors import SettingsError
from avatarify.frames import Image
from avatarify.geometry.face_gains import FaceGains
from avatarify.session.keeping.json_file import (
    configuration_folder,
    from_json,
    keep_copy,
    read_json,
    to_json,
    write_json,
)
from avatarify.tracking.follow import Framing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DrivingReference:
    """The calibrated pose as the model sees it: never a photograph of the user.

    The face engine needs the user's 478 landmarks. No picture can be made of them, but the shape of
    the user's face can be drawn from them, so they are personal: they stay in the user's own
    configuration folder. A motion model's few keypoints say less.
    """

    model: str
    """Name of the model whose keypoints these are; another model cannot use them."""

    arrays: tuple[tuple[str, NDArray[np.float32]], ...] = field(compare=False)
    """(name, values), as the engine gives them: landmarks (478, 3) in pixels of the camera's frame,
    or a motion model's keypoints (K, 2) and jacobians (K, 2, 2)."""


@dataclass(frozen=True, slots=True)
class AvatarProfile:
    """Settings that belong to one avatar."""

    framing: Framing = field(default_factory=Framing)
    """What the user added to the automatic crop."""

    gain: float = 1.0
    """Motion gain, 0 to 2."""

    gains: FaceGains = field(default_factory=FaceGains)
    """The same for each part of the face."""

    mirror: bool = False
    """Mirror the output."""

    reference: DrivingReference | None = None
    """The driving reference, or None while never calibrated."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.gain <= 2.0:
            raise ValueError("The motion gain lies between 0 and 2.")


def avatar_key(image: Image) -> str:
    """Name a portrait by its pixels, so that renaming or moving the file keeps its profile.

    Args:
        image: RGB (H, W, 3).
    """
    digest = hashlib.sha256(str(image.shape).encode())
    digest.update(np.ascontiguousarray(image).tobytes())
    return digest.hexdigest()[:24]


class ProfileStore:
    """One small JSON file per avatar."""

    def __init__(self, folder: Path | None = None) -> None:
        """Use a folder, made when the first profile is saved.

        Args:
            folder: By default `profiles` in the configuration folder.
        """
        self._folder = folder or configuration_folder() / "profiles"

    def load(self, key: str) -> AvatarProfile | None:
        """The profile kept for an avatar, or None when there is none that can be used."""
        path = self._path(key)
        content = read_json(path)
        if content is None:
            return None
        dropped: list[str] = []
        profile = _profile_from_json(content, dropped)
        keep_copy(path, dropped)
        return profile

    def save(self, key: str, profile: AvatarProfile) -> None:
        """Keep a profile. Trouble is logged: a call goes on without it."""
        content = {
            "framing": to_json(profile.framing),
            "gain": profile.gain,
            "gains": to_json(profile.gains),
            "mirror": profile.mirror,
            "reference": profile.reference and _reference_to_json(profile.reference),
        }
        try:
            write_json(self._path(key), content)
        except SettingsError as error:
            logger.warning("%s", error)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _profile_from_json(content: dict[str, Any], dropped: list[str]) -> AvatarProfile:
    """Read what can be read; whatever else keeps its default and is named in `dropped`."""
    settled = {name: value for name, value in content.items() if name != "reference"}
    profile = from_json(AvatarProfile, settled, dropped)
    kept = content.get("reference")
    try:
        reference = None if kept is None else _reference_from_json(kept)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        dropped.append(f"reference ({error})")
        return profile
    return replace(profile, reference=reference)


def _reference_to_json(reference: DrivingReference) -> dict[str, Any]:
    arrays = {name: np.round(values, 6).tolist() for name, values in reference.arrays}
    return {"model": reference.model, "arrays": arrays}


def _reference_from_json(content: dict[str, Any]) -> DrivingReference:
    arrays = tuple(
        (str(name), np.asarray(values, np.float32)) for name, values in content["arrays"].items()
    )
    if not all(np.isfinite(values).all() for _, values in arrays):
        raise ValueError("the driving reference holds impossible numbers")
    return DrivingReference(str(content["model"]), arrays)
