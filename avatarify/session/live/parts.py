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
)
from avatarify.session.live.avatar_engine import AvatarEngine
from avatarify.session.live.driver import FaceFinder
from avatarify.tracking.face import Face


@dataclass(frozen=True, slots=True)
class LiveParts:
    """How a session opens what it needs; each may be called again after a loss."""

    open_camera: Callable[[CameraSettings], FrameSource]
    """Raises CameraError (tried again) or VideoError (given up)."""

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


def standard_parts() -> LiveParts:
    """The parts of the product."""
    return LiveParts(
        open_camera=_open_camera,
        open_virtual_camera=_open_virtual_camera,
        open_recording=_open_recording,
        load_engine=_load_engine,
        has_tracker=_has_tracker,
        open_finder=_open_finder,
        find_portrait_face=_find_portrait_face,
        profiles=ProfileStore(),
    )


def is_file(camera: CameraSettings) -> bool:
    """Whether the frames come from a file or folder: it can wait, and stays broken if it is."""
    return kind_of(camera.name) in (SourceKind.FILE, SourceKind.MISSING_FILE)


def is_motion(camera: CameraSettings) -> bool:
    """Whether the camera is saved motion: the driver's face is known without a tracker."""
    return is_file(camera) and Path(camera.name).suffix.lower() == MOTION_SUFFIX


def _open_camera(camera: CameraSettings) -> FrameSource:
    from avatarify.media.live_source import LiveWishes, open_live_source

    size = (camera.height, camera.width)
    return open_live_source(camera.name, LiveWishes(size, camera.fps, camera.mjpg, camera.loop))


def _load_engine(settings: EngineSettings) -> AvatarEngine:
    with without_collections():
        if settings.is_face:
            from avatarify.session.live.face_engine import FaceEngine

            compact = replace(settings, model=COMPACT_MODEL)
            return FaceEngine(lambda: _load_engine(compact), _has_tracker)
        from avatarify.session.live.model_engine import load_model_engine

        return load_model_engine(settings)


def _has_tracker() -> bool:
    from avatarify.zoo.registry import FACE_LANDMARKER
    from avatarify.zoo.store import find

    return find(FACE_LANDMARKER.installed_name) is not None


def _open_virtual_camera(output: OutputSettings) -> FrameSink:
    from avatarify.media.virtual_camera import VirtualCamera

    size = (output.height, output.width)
    return VirtualCamera(size, output.fps, output.backend or None, output.device or None)


def _open_recording(path: str, fps: float) -> FrameSink:
    from avatarify.media.file_choice import open_sink

    return open_sink(path, fps)


def _open_finder() -> FaceFinder:
    from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
    from avatarify.zoo.registry import FACE_LANDMARKER
    from avatarify.zoo.store import find

    path = find(FACE_LANDMARKER.installed_name)
    if path is None:
        raise TrackerError(
            "The face tracker's file is missing. Run `avatarify models pull face-landmarker`."
        )
    return FaceLandmarker(path, LandmarkerMode.LIVE)


def _find_portrait_face(portrait: Image) -> Face | None:
    from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
    from avatarify.zoo.registry import FACE_LANDMARKER
    from avatarify.zoo.store import find

    path = find(FACE_LANDMARKER.installed_name)
    if path is None:
        return None
    try:
        with FaceLandmarker(path, LandmarkerMode.IMAGE) as landmarker:
            return landmarker.find(portrait)
    except TrackerError:
        return None
