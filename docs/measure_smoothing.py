"""Measure how much of a driver's motion arrives, and how calm a still driver is.

    python docs/measure_smoothing.py CLIP ...

Each clip is tracked as it is, and once more in a webcam's noise. What the clean points do is the
truth; a way to smooth the noisy ones is the better, the less it errs and the calmer it is. What is
smoothed twice is calm, and late.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avatarify.frames import Image
from avatarify.geometry.face_motion import FaceMotion, MotionReader
from avatarify.geometry.face_smoothing import FaceSmoother, smoothed_both_ways
from avatarify.geometry.one_euro import OneEuroFilter, OneEuroSettings
from avatarify.media.video_file import VideoFile
from avatarify.session.keeping.tracker_choice import find_tracker
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.tracking.mesh_networks import MeshReader, compiled_networks
from avatarify.tracking.own_finder import OwnFinder

NOISE = 8.0
"""Standard deviation, of 255: a dim room."""

FRAMES, STILL_FRAMES, FPS = 150, 60, 30.0
PARTS = ("turn", "shift", "expression", "lids", "gaze", "lips")
OWN = Path(__file__).resolve().parents[1] / "models" / "landmarks.safetensors"

Points = NDArray[np.float32]
Motions = list[FaceMotion]
Way = Callable[[Points, Sequence[Points]], Motions]


def main() -> None:
    """Track all clips in both ways, and print a table."""
    random = np.random.default_rng(0)
    write("points", "smoothed by", "measure", *PARTS)
    write("---", "---", "---", *("---:" for _ in PARTS))
    for name, track, ways in (
        ("mediapipe", by_mediapipe, {**WAYS, "mediapipe, then the avatar (before)": twice}),
        ("our own", by_own, WAYS),
    ):
        rows: dict[str, list[NDArray[np.float64]]] = {way: [] for way in ways}
        for path in sys.argv[1:]:
            frames = list(read(Path(path)))
            noisy = track([with_noise(frame, random) for frame in frames])
            still = track([with_noise(frames[0], random) for _ in range(STILL_FRAMES)])
            clean = track(frames)
            truth = values(as_seen(clean[0], clean))
            for way, follow in ways.items():
                errors = misses(values(follow(clean[0], noisy)), truth)
                rows[way].append(np.stack([errors, tremble(values(follow(clean[0], still)))]))
        raw = np.median(rows["nothing"], axis=0)
        for way, found in rows.items():
            errors, trembles = np.median(found, axis=0)
            write(name, way, "error over movement", *(f"{error:.2f}" for error in errors))
            write("", "", "calmer, times", *(f"{times:.1f}" for times in raw[1] / trembles))


def read(path: Path) -> Iterator[Image]:
    """Read a clip's first frames."""
    with VideoFile(path) as video:
        yield from (frame.image for frame in islice(iter(video.read, None), FRAMES))


def with_noise(frame: Image, random: np.random.Generator) -> Image:
    """Return a frame as a webcam in a dim room sees it."""
    noisy = frame + random.normal(0.0, NOISE, frame.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def by_mediapipe(frames: Sequence[Image]) -> list[Points]:
    """Follow a face by mediapipe's networks."""
    file = find_tracker("mediapipe")
    assert file is not None, "avatarify models pull face-landmarker"
    with FaceLandmarker(file, LandmarkerMode.IMAGE) as scout:
        face = scout.find(frames[0])
    reader = MeshReader(compiled_networks(file.read_bytes()))
    found = []
    for frame in frames:
        assert face is not None, "the face is lost"
        face = reader.read(frame, face.landmarks)
        assert face is not None, "the face is lost"
        found.append(face.landmarks)
    return found


def by_own(frames: Sequence[Image]) -> list[Points]:
    """Follow a face by our own networks."""
    with OwnFinder(OWN, LandmarkerMode.LIVE) as finder:
        faces = [finder.find(frame, index / FPS) for index, frame in enumerate(frames)]
    return [face.landmarks for face in faces if face is not None]


def as_seen(reference: Points, track: Sequence[Points]) -> Motions:
    """Read the motion of points that nothing smooths."""
    reader = MotionReader(reference)
    return [reader(points) for points in track]


def once(reference: Points, track: Sequence[Points]) -> Motions:
    """Smooth as avatars are, live."""
    smooth = FaceSmoother()
    return [smooth(m, i / FPS) for i, m in enumerate(as_seen(reference, track))]


def both_ways(reference: Points, track: Sequence[Points]) -> Motions:
    """Smooth as avatars are that a clip moves."""
    return list(smoothed_both_ways((m, i / FPS) for i, m in enumerate(as_seen(reference, track))))


def twice(reference: Points, track: Sequence[Points]) -> Motions:
    """Smooth as mediapipe does when it follows one face, then as avatars are."""
    size = float(np.ptp(track[0][:, :2], axis=0).mean())
    settings = OneEuroSettings(0.05, 80.0 / size, 0.0, 1.0)
    smooth: OneEuroFilter[Points] = OneEuroFilter(settings)
    return once(reference, [smooth(points, i / FPS) for i, points in enumerate(track)])


WAYS: dict[str, Way] = {
    "nothing": as_seen,
    "the avatar, live": once,
    "the avatar, from a clip": both_ways,
}


def values(motions: Motions) -> list[NDArray[np.float64]]:
    """Return (frames, numbers) for each part."""
    return [np.array([np.ravel(getattr(motion, part)) for motion in motions]) for part in PARTS]


def misses(
    found: Sequence[NDArray[np.float64]], truth: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return each part's error, root mean square over that of its movement."""
    pairs = zip(found, truth, strict=True)
    return np.array([np.sqrt(((f - t) ** 2).mean() / t.var(axis=0).mean()) for f, t in pairs])


def tremble(found: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return each part's mean standard deviation, once the filters have settled."""
    return np.array([part[len(part) // 3 :].std(axis=0).mean() for part in found])


def write(*cells: str) -> None:
    """Write a row of the table."""
    sys.stdout.write(f"| {' | '.join(cells)} |\n")


if __name__ == "__main__":
    main()
