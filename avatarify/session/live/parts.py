"""The real devices and models of a session, each behind one function that opens it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from avatarify.errors import TrackerError
from avatarify.frames import FrameSink, FrameSource, Image
from avatarify.media.motion_file import SUFFIX as MOTION_SUFFIX
from avatarify.media.source_kind import SourceKind, kind_of
from avatarify.session.avatars.profiles import ProfileStore
from avatarify.session.keeping.loading import without_collections
from avatarify.session.keeping.settings import (
    COMPACT_MODEL,
    CameraSettings,
    EngineSettings,
    OutputSettings,
    TrackerWish,
)
from avatarify.session.live.avatar_engine import AvatarEngine
from avatarify.session.live.driver import FaceFinder
from avatarify.tracking.face import Face
from avatarify.tracking.missing_face import Missing


@dataclass(frozen=True, slots=True)
class LiveParts:
    """How a session opens what it needs; each may be called again after a loss."""

    camera_opener: Callable[[CameraSettings, Callable[[str], None]], Callable[[], FrameSource]]
    """Returns what opens the camera, after a loss again; it raises CameraError (tried again) or
    VideoError (given up). What is worth knowing of a camera that works is told to the second
    argument."""

    open_virtual_camera: Callable[[OutputSettings], FrameSink]
    """Raises VirtualCameraError."""

    open_recording: Callable[[str, float], FrameSink]
    """Takes a path and fps; raises OutputError."""

    load_engine: Callable[[EngineSettings], AvatarEngine]
    """Chooses device and precision (the start-up self-test belongs here) and loads the model."""

    has_tracker: Callable[[], bool]
    """Whether `open_finder` would find a tracker's file."""

    open_finder: Callable[[], FaceFinder]
    """Raises TrackerError."""

    find_portrait_face: Callable[[Image], Face | None]
    """Finds the face of a portrait, to compare the driver with; None where that fails."""

    profiles: ProfileStore
    """Where avatar profiles are kept."""

    explain_absence: Callable[[Image], Missing | None] = lambda image: None
    """Says why no face is found in a picture."""


def standard_parts(tracker: Callable[[], TrackerWish] = lambda: "auto") -> LiveParts:
    """The parts of the product.

    Args:
        tracker: Which face tracker is wanted; asked anew whenever one is opened.
    """
    return LiveParts(
        camera_opener=_camera_opener,
        open_virtual_camera=_open_virtual_camera,
        open_recording=_open_recording,
        load_engine=lambda engine: _load_engine(engine, tracker),
        has_tracker=lambda: _has_tracker(tracker()),
        open_finder=lambda: _open_finder(tracker()),
        find_portrait_face=lambda portrait: _find_portrait_face(portrait, tracker()),
        profiles=ProfileStore(),
        explain_absence=_explain_absence,
    )


def is_file(camera: CameraSettings) -> bool:
    """Whether the frames come from a file or folder: it can wait, and stays broken if it is."""
    kind = SourceKind.WEBCAM if camera.known.key else kind_of(camera.name)
    return kind in (SourceKind.FILE, SourceKind.MISSING_FILE)


def stays_broken(camera: CameraSettings) -> bool:
    """Whether opening it again cannot help: a broken file, or an address that is none."""
    return is_file(camera) or kind_of(camera.name) is SourceKind.WRONG_ADDRESS


def opens_the_same(camera: CameraSettings, before: CameraSettings) -> bool:
    """Whether only what is done with the frames differs, or what is known of the device."""
    unlaid = replace(camera, mirror=before.mirror, rotation=before.rotation, known=before.known)
    return unlaid == before


def is_motion(camera: CameraSettings) -> bool:
    """Whether the camera is saved motion: the driver's face is known without a tracker."""
    return is_file(camera) and Path(camera.name).suffix.lower() == MOTION_SUFFIX


def _camera_opener(
    camera: CameraSettings, tell: Callable[[str], None]
) -> Callable[[], FrameSource]:
    from avatarify.media.live_source import LiveWishes, SourceOpener

    wishes = LiveWishes((camera.height, camera.width), camera.fps, camera.mjpg, camera.loop)
    return SourceOpener(camera.name, wishes, camera.known, tell)


def _load_engine(settings: EngineSettings, tracker: Callable[[], TrackerWish]) -> AvatarEngine:
    with without_collections():
        if settings.is_face:
            from avatarify.animation.face.person_painter import person_painters
            from avatarify.session.live.face_engine import FaceEngine

            compact = replace(settings, model=COMPACT_MODEL)
            return FaceEngine(
                lambda: _load_engine(compact, tracker),
                lambda: _has_tracker(tracker()),
                painters=person_painters(settings.device),
            )
        from avatarify.session.live.model_engine import load_model_engine

        return load_model_engine(settings)


def _has_tracker(wish: TrackerWish) -> bool:
    from avatarify.session.keeping.tracker_choice import has_tracker

    return has_tracker(wish)


def _open_virtual_camera(output: OutputSettings) -> FrameSink:
    from avatarify.media.virtual_camera import VirtualCamera

    size = (output.height, output.width)
    return VirtualCamera(size, output.fps, output.backend or None, output.device or None)


def _explain_absence(image: Image) -> Missing | None:
    from avatarify.session.keeping.absent_face import explain_absence

    return explain_absence(image)


def _open_recording(path: str, fps: float) -> FrameSink:
    from avatarify.media.file_choice import open_sink

    return open_sink(path, fps)


def _open_finder(wish: TrackerWish) -> FaceFinder:
    from avatarify.session.keeping.tracker_choice import open_tracker, require_tracker
    from avatarify.tracking.landmarker import LandmarkerMode

    return open_tracker(require_tracker(wish), LandmarkerMode.LIVE)


def _find_portrait_face(portrait: Image, wish: TrackerWish) -> Face | None:
    from avatarify.session.keeping.tracker_choice import find_tracker, open_tracker
    from avatarify.tracking.landmarker import LandmarkerMode

    path = find_tracker(wish)
    if path is None:
        return None
    try:
        with open_tracker(path, LandmarkerMode.IMAGE) as finder:
            return finder.find(portrait)
    except TrackerError:
        return None
