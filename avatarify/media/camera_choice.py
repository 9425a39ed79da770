"""Which webcam a user means, and which one is taken when they name none."""

import re
from collections.abc import Sequence

from avatarify.errors import CameraError
from avatarify.media.camera_links import device_of, is_by_id
from avatarify.media.camera_list import NO_CAMERA, CameraInfo, distinct_names, readable_port
from avatarify.media.known_camera import KnownCamera

_INFRARED = re.compile(r"\bIR\b|infra-?red|\bdepth\b|windows hello|: integrated i$", re.IGNORECASE)
"""Names of cameras that see no colours. The last one is what V4L2's 31 letters leave of the second
camera of many notebooks."""

_GREY_FORMATS = {"GREY", "Y8", "Y8I", "Y10", "Y10B", "Y10P", "Y12", "Y12I", "Y16", "Y16 ", "Z16"}

_FED = re.compile(r"virtual cam|\bobs\b|unity video capture", re.IGNORECASE)
"""Names of cameras that our own pictures may go to."""


def find_camera(
    wanted: int | str, cameras: Sequence[CameraInfo], known: KnownCamera | None = None
) -> CameraInfo:
    """Return the camera that a user means.

    Args:
        wanted: A number, a path or a link to it, a name, or a part of a name that only one camera
            has; empty means the first to try.
        cameras: Where to look.
        known: What that camera was when it was last seen. It counts more than `wanted`, which may
            have become another camera's.

    Raises:
        CameraError: There is none, or several match; the message lists them.
    """
    return candidates(wanted, cameras, known)[0]


def candidates(
    wanted: int | str, cameras: Sequence[CameraInfo], known: KnownCamera | None = None
) -> list[CameraInfo]:
    """Return the cameras to try, the best first: several only if the user named none.

    Arguments and errors are those of `find_camera`.
    """
    text = str(wanted).strip()
    if not cameras:
        raise CameraError(f"Camera '{text}' is gone. {NO_CAMERA}" if text else NO_CAMERA)
    again = None if known is None else find_again(known, cameras)
    if not text:
        ranked = by_preference(cameras)
        if not (ranked or again):
            raise CameraError(f"{NO_CAMERA} {_listed(cameras)} may show our own picture.")
        return ranked if again is None else [again, *(c for c in ranked if c is not again)]
    if again is not None:
        return [again]
    if known is not None and known.name:
        port = readable_port(known.port) if known.has_twin else ""
        where = f" at {port}" if port else ""
        raise CameraError(f"Camera '{known.name}'{where} is gone. Plug it in. {_choose(cameras)}")
    matches = _matches(text, cameras)
    if not matches:
        raise CameraError(f"There is no camera '{text}'. {_choose(cameras)}")
    if len({camera.name for camera in matches}) > 1:
        raise CameraError(f"Several cameras match '{text}': {_listed(matches)}. Choose by number.")
    return matches[:1]  # of several twins, the first


def by_preference(cameras: Sequence[CameraInfo]) -> list[CameraInfo]:
    """Return the cameras in the order in which to try them when the user names none.

    Colour webcams go first; then infrared ones; then what other programs feed, or nobody does;
    then those that may not be opened. Cameras that may show our own pictures are left out.
    """
    # Of loopbacks the kernel says who feeds them, and those that we feed are not in the list.
    foreign = [camera for camera in cameras if camera.is_loopback or not _FED.search(camera.name)]
    return sorted(foreign, key=_rank)


def _rank(camera: CameraInfo) -> int:
    if camera.problem:
        return 3
    if camera.is_loopback:
        return 2
    is_grey = bool(camera.formats) and all(name in _GREY_FORMATS for name in camera.formats)
    return 1 if is_grey or _INFRARED.search(camera.name) else 0


def find_again(known: KnownCamera, cameras: Sequence[CameraInfo]) -> CameraInfo | None:
    """Find a camera that was known: by what is its own, then by name, of twins by their port.

    Args:
        known: What it was when it was last seen.
        cameras: Where to look.
    """
    if known.id and (same := [camera for camera in cameras if camera.id == known.id]):
        return same[0]
    named = [
        camera
        for camera in cameras
        if known.name and camera.name == known.name and not _differ(camera, known)
    ]
    at_port = [camera for camera in named if known.port and camera.port == known.port]
    at_path = [camera for camera in named if known.path and camera.path == known.path]
    if known.has_twin and known.port:
        found = at_port  # one elsewhere may be the other one
    elif known.has_twin:
        found = at_path
    else:
        found = at_port or at_path or named
    return found[0] if found else None


def _differ(camera: CameraInfo, known: KnownCamera) -> bool:
    """Whether two cameras of one name have serial numbers that differ."""
    return is_by_id(camera.id) and is_by_id(known.id) and camera.id != known.id


def _matches(text: str, cameras: Sequence[CameraInfo]) -> list[CameraInfo]:
    folded = text.casefold()
    device = device_of(text)
    distinct = dict(zip(distinct_names(cameras), cameras, strict=True))
    for is_meant in (
        lambda camera: text == str(camera.index),
        lambda camera: text in (camera.path, camera.id),
        lambda camera: device == camera.path,
        lambda camera: camera is distinct.get(text),
        lambda camera: folded == camera.name.casefold(),
        lambda camera: folded in camera.name.casefold(),
    ):
        if found := [camera for camera in cameras if is_meant(camera)]:
            return found
    return []


def _choose(cameras: Sequence[CameraInfo]) -> str:
    return f"Choose one of: {_listed(cameras)}."


def _listed(cameras: Sequence[CameraInfo]) -> str:
    names = zip(cameras, distinct_names(cameras), strict=True)
    return ", ".join(f"{camera.index} ({name})" for camera, name in names)
