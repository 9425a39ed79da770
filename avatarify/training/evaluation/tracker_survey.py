"""Our face tracker beside mediapipe's, over clips: points, movements, pose, expression, time."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Frame, Image
from avatarify.media.file_choice import open_source
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.own_finder import OwnFinder
from avatarify.tracking.track_score import (
    Agreement,
    TrackScore,
    agreement,
    score_track,
)
from avatarify.training.evaluation.tracker_trials import (
    Trackers,
    emptied,
    false_alarms,
    find_rate,
    tremble,
)
from avatarify.training.footage import Footage, list_footage

MOVEMENTS = ("lip gap", "mouth width", "lids", "gaze", "brows")
_POSES = ("yaw", "pitch", "roll")
_LEAST_SPREAD = 0.02
"""Standard deviation of a blendshape below which it says nothing about agreement."""

_LEAST_TURN_DEG = 1.0
_NOISY_STILLS = 6
_ROOM_FRAMES = 100
_ROOM_EVERY = 20


@dataclass(frozen=True, slots=True)
class SurveySettings:
    """What is compared."""

    trackers: Trackers
    """The files of both."""

    clips: Path
    """Folder of videos."""

    portraits: tuple[Path, ...] = ()
    """Folders of pictures with a face, for what only stills show."""

    people: tuple[str, ...] = ()
    """Only clips of these people, or of these names."""

    manifest: Path | None = None
    """As for `list_footage`."""

    most_frames: int = 300
    """Of each clip."""


@dataclass(frozen=True, slots=True)
class ClipComparison:
    """Both trackers on one clip."""

    name: str
    score: TrackScore
    poses: dict[str, Agreement]
    shapes: dict[str, Agreement]
    own_ms: float
    """The processor's median time for a frame of our tracker."""

    other_ms: float
    """The same of mediapipe's."""


def survey(settings: SurveySettings, advance: Callable[[str], None]) -> str:
    """Compare both trackers, and say it in Markdown.

    Args:
        settings: What is compared.
        advance: Told the name of each clip when it is begun.

    Raises:
        SettingsError: A folder holds nothing.
        TrackerError: A tracker's file is missing or broken.
    """
    comparisons = []
    for footage in list_footage(settings.clips, settings.manifest):
        is_meant = not settings.people or {footage.person, footage.name} & set(settings.people)
        if footage.is_still or not is_meant:
            continue
        advance(footage.name)
        found = compare(footage, settings.trackers, settings.most_frames)
        comparisons += [] if found is None else [found]
    parts = [as_table(comparisons), _rooms(settings)]
    stills = [f for folder in settings.portraits for f in list_footage(folder) if f.is_still]
    if stills:
        parts.append(_stills([next(_frames(f.path, 1)).image for f in stills], settings.trackers))
    return "\n".join(parts)


def compare(footage: Footage, trackers: Trackers, most_frames: int) -> ClipComparison | None:
    """Let both trackers follow the face of a clip; each frame is measured for itself.

    Returns:
        None where mediapipe finds no face.

    Raises:
        VideoError: The file cannot be read.
        TrackerError: A tracker's file is missing or broken.
    """
    with (
        FaceLandmarker(trackers.other, LandmarkerMode.VIDEO) as other,
        OwnFinder(trackers.own, LandmarkerMode.VIDEO) as own,
    ):
        theirs, other_s = _timed(other.find, _frames(footage.path, most_frames))
        ours, own_s = _timed(own.find, _frames(footage.path, most_frames))
    seen = [(a, b) for a, b in zip(ours, theirs, strict=True) if b is not None]
    both = [(a, b) for a, b in seen if a is not None]
    if not both:
        return None
    a, b = (list(faces) for faces in zip(*both, strict=True))
    score = score_track(_points(a), _points(b), len(both) / len(seen))
    return ClipComparison(
        footage.name,
        score,
        _pose_agreement(a, b),
        _shape_agreement(a, b),
        1e3 * own_s,
        1e3 * other_s,
    )


def as_table(comparisons: list[ClipComparison]) -> str:
    """Return the clips and their mean in Markdown."""
    head = (
        "clip",
        "frames",
        "found",
        "all %",
        "lips %",
        "lids %",
        *MOVEMENTS,
        *_POSES,
        "shapes",
        "CPU ms",
    )
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(_cells(comparison)) for comparison in comparisons]
    lines += [" | ".join(_mean_cells(comparisons))] if len(comparisons) > 1 else []
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def _rooms(settings: SurveySettings) -> str:
    """Paint the people of every clip out, and look for faces in what is left."""
    rooms: list[Image] = []
    most = min(_ROOM_FRAMES, settings.most_frames)
    with FaceLandmarker(settings.trackers.other, LandmarkerMode.IMAGE) as other:
        for footage in list_footage(settings.clips, settings.manifest):
            is_meant = not settings.people or {footage.person, footage.name} & set(settings.people)
            for frame in _frames(footage.path, most) if is_meant else ():
                if (
                    frame.index % _ROOM_EVERY == 0
                    and len(faces := other.find_all(frame.image)) == 1
                ):
                    rooms.append(emptied(frame.image, faces[0].box))
    if not rooms:
        return ""
    with OwnFinder(settings.trackers.own, LandmarkerMode.IMAGE) as own:
        share = false_alarms(rooms, own)
    return f"False alarms in {len(rooms)} emptied rooms: {100 * share:.1f} %\n"


def _stills(stills: list[Image], trackers: Trackers) -> str:
    with (
        OwnFinder(trackers.own, LandmarkerMode.IMAGE) as own,
        FaceLandmarker(trackers.other, LandmarkerMode.IMAGE) as other,
    ):
        share = find_rate(stills, own, other)
    trembling = np.array([tremble(still, trackers) for still in stills[:_NOISY_STILLS]])
    ours, theirs = np.nanmean(trembling, axis=0)
    return (
        f"Faces found in {len(stills)} stills, turned up to 30° and small: {100 * share:.1f} %\n\n"
        f"Trembling of the avatar before a noisy webcam, of the irises' distance: {100 * ours:.3f} "
        f"% (mediapipe's points, as it smooths them: {100 * theirs:.3f} %)\n"
    )


def _cells(comparison: ClipComparison) -> Iterator[str]:
    score = comparison.score
    yield from (comparison.name, str(score.frames), f"{100 * score.found:.1f} %")
    yield from (f"{100 * value:.2f}" for value in (score.all_points, score.lips, score.lids))
    yield from (_pair(score.movements[name]) for name in MOVEMENTS)
    yield from (_pair(comparison.poses.get(name)) for name in _POSES)
    shapes = [found.correlation for found in comparison.shapes.values()]
    yield f"{np.mean(shapes):.2f}" if shapes else "–"
    yield f"{comparison.own_ms:.1f} / {comparison.other_ms:.1f}"


def _mean_cells(comparisons: list[ClipComparison]) -> Iterator[str]:
    """Return the means over the clips, of a movement over those in which it could be measured."""
    scores = [comparison.score for comparison in comparisons]
    yield from ("**mean**", str(sum(score.frames for score in scores)))
    yield f"{100 * np.mean([score.found for score in scores]):.1f} %"
    for name in ("all_points", "lips", "lids"):
        yield f"{100 * np.mean([getattr(score, name) for score in scores]):.2f}"
    columns = [[score.movements[name] for score in scores] for name in MOVEMENTS]
    columns += [[c.poses[name] for c in comparisons if name in c.poses] for name in _POSES]
    for column in columns:
        known = [(a.correlation, a.gain) for a in column if not np.isnan(a.correlation)]
        yield _pair(Agreement(*np.mean(known, axis=0)) if known else None)
    shapes = [np.mean([a.correlation for a in c.shapes.values()]) for c in comparisons if c.shapes]
    yield f"{np.mean(shapes):.2f}" if shapes else "–"
    times = np.mean([(c.own_ms, c.other_ms) for c in comparisons], axis=0)
    yield f"{times[0]:.1f} / {times[1]:.1f}"


def _pair(found: Agreement | None) -> str:
    if found is None or np.isnan(found.correlation):
        return "–"
    return f"{found.correlation:.2f} / {found.gain:.2f}"


def _frames(path: Path, most: int) -> Iterator[Frame]:
    with open_source(path) as source:
        for frame in iter(source.read, None):
            if frame.index >= most:
                return
            yield frame


def _timed(
    find: Callable[[Image, float], Face | None], frames: Iterable[Frame]
) -> tuple[list[Face | None], float]:
    """Return the faces, and the processor's median seconds for a search, whatever else it did."""
    found, seconds = [], []
    for frame in frames:
        start = time.process_time()
        found.append(find(frame.image, frame.time_s))
        seconds.append(time.process_time() - start)
    return found, float(np.median(seconds)) if seconds else 0.0


def _points(faces: list[Face]) -> NDArray[np.float32]:
    return np.stack([face.landmarks for face in faces])


def _pose_agreement(ours: list[Face], theirs: list[Face]) -> dict[str, Agreement]:
    def series(faces: list[Face]) -> dict[str, NDArray[np.float64]]:
        return {name: np.array([getattr(f, f"{name}_deg") for f in faces]) for name in _POSES}

    a, b = series(ours), series(theirs)
    return {n: agreement(a[n], b[n]) for n in _POSES if b[n].std() > _LEAST_TURN_DEG}


def _shape_agreement(ours: list[Face], theirs: list[Face]) -> dict[str, Agreement]:
    a = np.stack([face.blendshapes for face in ours])
    b = np.stack([face.blendshapes for face in theirs])
    moved = np.flatnonzero(b.std(axis=0) > _LEAST_SPREAD)
    return {BLENDSHAPE_NAMES[i]: agreement(a[:, i], b[:, i]) for i in moved}
