"""Preparing clips: landmarks stay on their pixels, and an interruption costs one clip at most."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avatarify.errors import OutputError, SettingsError
from avatarify.frames import Frame, Image
from avatarify.media.image_file import write_image
from avatarify.media.video_writer import VideoWriter
from avatarify.tracking.crop import Crop, cut
from avatarify.training.clip_cache import open_cache
from avatarify.training.footage import Footage
from avatarify.training.prepare import (
    PreparationSettings,
    clip_name,
    in_crop,
    prepare,
    write_tracks,
)
from tests.full_disk import file_size_limit
from tests.training.made_faces import made_face

SIZE, DOT, SIDE = 160, 291, 80


def dotted(marks: NDArray[np.float32]) -> Image:
    """Return a black picture with a soft dot on one landmark; (0, 0) is the picture's corner."""
    row, column = np.mgrid[:SIZE, :SIZE] + 0.5
    squared = (column - marks[DOT, 0]) ** 2 + (row - marks[DOT, 1]) ** 2
    dot = (255.0 * np.exp(-squared / (2.0 * 3.0**2))).round().astype(np.uint8)
    return np.repeat(dot[..., None], 3, axis=2)


def dot_of(picture: Image) -> NDArray[np.float64]:
    """Return the dot's centre of gravity, pixel centres being whole numbers."""
    weight = np.clip(picture.mean(axis=2) - 20.0, 0.0, None)
    row, column = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return np.array([(weight * column).sum(), (weight * row).sum()]) / weight.sum()


def render(folder: Path, name: str, frames: int = 5, sway: float = 2.0) -> None:
    """Write a clip with its exact landmarks beside it, as `avatarify render` does."""
    middles = SIZE / 2 + sway * np.arange(frames)[:, None, None]
    marks = (middles + 25.0 * made_face()).astype(np.float32)
    with VideoWriter(folder / f"{name}.mp4", 25.0) as writer:
        for index in range(frames):
            writer.write(Frame(dotted(marks[index]), index / 25.0, index))
    np.savez_compressed(folder / f"{name}.npz", landmarks=marks, fps=25.0)


def settings(tmp_path: Path, **changes: object) -> PreparationSettings:
    cache, tracker = tmp_path / "cache", tmp_path / "no_tracker.task"
    return PreparationSettings(cache, tracker, side=SIDE, **changes)  # type: ignore[arg-type]


def ignore(name: str) -> None:
    """Take no interest in progress."""


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    return folder


def test_landmarks_stay_on_their_pixels(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann")
    assert prepare([videos], settings(tmp_path), ignore) == []
    (clip,) = open_cache(tmp_path / "cache")
    assert clip.frames.shape == (5, SIDE, SIDE, 3)
    assert clip.landmarks.shape == (5, 478, 2)
    for picture, marks in zip(clip.frames, clip.landmarks, strict=True):
        assert np.linalg.norm(dot_of(picture) - marks[DOT]) < 0.15


def test_the_square_is_fixed_and_as_large_as_said(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann")
    prepare([videos], settings(tmp_path), ignore)
    (clip,) = open_cache(tmp_path / "cache")
    faces = np.ptp(clip.landmarks, axis=1).max(axis=1)
    np.testing.assert_allclose(faces, SIDE / 2.375, rtol=1e-3)
    middles = (clip.landmarks.max(axis=1) + clip.landmarks.min(axis=1)) / 2.0
    np.testing.assert_allclose(middles[2], (SIDE - 1) / 2.0, atol=0.1)  # the median frame


def test_a_long_video_is_sampled_evenly(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann", frames=7, sway=0.5)
    prepare([videos], settings(tmp_path, most_frames=3), ignore)
    index = np.load(tmp_path / "cache" / "ann" / "index.npy")
    assert index.tolist() == [0, 3, 6]


def test_frames_whose_face_leaves_the_square_are_dropped(tmp_path: Path, videos: Path) -> None:
    middles = np.full((5, 1, 2), SIZE / 2.0)
    middles[4] += 40.0
    marks = (middles + 25.0 * made_face()).astype(np.float32)
    render(videos, "ann")
    np.savez_compressed(videos / "ann.npz", landmarks=marks, fps=25.0)
    prepare([videos], settings(tmp_path), ignore)
    assert np.load(tmp_path / "cache" / "ann" / "index.npy").tolist() == [0, 1, 2, 3]


def test_the_manifest_says_who_is_seen(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann_1", frames=2)
    render(videos, "bob", frames=2)
    (videos / "MANIFEST.csv").write_text("file,person\nclips/ann_1.mp4,p01\n", encoding="utf-8")
    prepare([videos], settings(tmp_path), ignore)
    assert [clip.person for clip in open_cache(tmp_path / "cache")] == ["p01", "bob"]


def test_a_still_is_a_clip_of_one_frame(tmp_path: Path, videos: Path) -> None:
    marks = (SIZE / 2 + 25.0 * made_face()).astype(np.float32)
    write_image(videos / "ann.png", dotted(marks))
    np.savez_compressed(videos / "ann.npz", landmarks=marks[None])
    prepare([videos], settings(tmp_path), ignore)
    (clip,) = open_cache(tmp_path / "cache")
    assert len(clip.frames) == 1
    assert np.linalg.norm(dot_of(clip.frames[0]) - clip.landmarks[0, DOT]) < 0.1


def test_what_is_prepared_is_not_prepared_again(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann", frames=2)
    prepare([videos], settings(tmp_path), ignore)
    before = (tmp_path / "cache" / "ann" / "frames.npy").stat().st_mtime_ns
    render(videos, "bob", frames=2)
    begun: list[str] = []
    prepare([videos], settings(tmp_path), begun.append)
    assert set(begun) == {"bob"}
    assert (tmp_path / "cache" / "ann" / "frames.npy").stat().st_mtime_ns == before


def test_a_full_disk_leaves_no_half_clip(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann")
    with file_size_limit(30_000), pytest.raises(OutputError, match="ann"):
        prepare([videos], settings(tmp_path), ignore)
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_a_kill_left_is_replaced(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann", frames=2)
    for leftover in (".ann.partial", "ann"):
        folder = tmp_path / "cache" / leftover
        folder.mkdir(parents=True)
        (folder / "frames.npy").write_bytes(b"half")
    prepare([videos], settings(tmp_path), ignore)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["ann"]
    assert len(open_cache(tmp_path / "cache")[0].frames) == 2


def test_a_broken_video_is_left_out_and_named(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann", frames=2)
    (videos / "broken.mp4").write_bytes(b"no video")
    (problem,) = prepare([videos], settings(tmp_path), ignore)
    assert "broken.mp4" in problem
    assert [clip.name for clip in open_cache(tmp_path / "cache")] == ["ann"]


def test_landmarks_in_a_crop_lie_where_the_cut_puts_their_pixels() -> None:
    marks = np.zeros((1, 478, 3), np.float32)
    marks[0, DOT, :2] = 90.25, 70.5
    square = Crop(80.0, 75.0, 100.0)
    picture = cut(dotted(marks[0]), square, 50)
    np.testing.assert_allclose(dot_of(picture), in_crop(marks, square, 50)[0, DOT, :2], atol=0.05)


def test_tracks_left_beside_the_videos_prepare_the_same_clip(
    tmp_path: Path, videos: Path, shared: Path
) -> None:
    (videos / "ann.mp4").write_bytes((shared / "clips" / "pyfeat_single.mp4").read_bytes())
    tracker = shared / "models" / "face_landmarker.task"
    tracked = PreparationSettings(tmp_path / "tracked", tracker, most_frames=3)
    prepare([videos], tracked, ignore)

    assert write_tracks([videos], tracked, ignore) == []
    without = PreparationSettings(tmp_path / "without", tmp_path / "none.task", most_frames=3)
    prepare([videos], without, ignore)
    (left,), (right,) = open_cache(tmp_path / "tracked"), open_cache(tmp_path / "without")
    np.testing.assert_allclose(left.landmarks, right.landmarks, atol=0.05)
    assert np.abs(left.frames.astype(int) - right.frames).mean() < 1.0


def test_landmarks_of_another_video_are_refused(tmp_path: Path, videos: Path) -> None:
    render(videos, "ann", frames=3)
    np.savez_compressed(videos / "ann.npz", landmarks=np.zeros((2, 478, 2), np.float32))
    with pytest.raises(SettingsError, match=r"ann\.npz does not fit its video"):
        prepare([videos], settings(tmp_path), ignore)
    (videos / "ann.npz").write_bytes(b"broken")
    with pytest.raises(SettingsError, match=r"ann\.npz holds no landmarks"):
        prepare([videos], settings(tmp_path), ignore)


def test_names_keep_pictures_and_videos_of_one_name_apart() -> None:
    folder = Path("shots")
    video = Footage(folder / "a" / "ann.mp4", "ann", is_still=False)
    still = Footage(folder / "a" / "ann.PNG", "ann", is_still=True)
    assert clip_name(video, folder) == "a_ann"
    assert clip_name(still, folder) == "a_ann_png"


def test_faces_are_tracked(tmp_path: Path, shared: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "pyfeat_single.mp4").symlink_to(shared / "clips" / "pyfeat_single.mp4")
    tracker = shared / "models" / "face_landmarker.task"
    found = PreparationSettings(tmp_path / "cache", tracker, shared / "MANIFEST.csv", most_frames=3)
    assert prepare([folder], found, ignore) == []
    (clip,) = open_cache(tmp_path / "cache")
    assert clip.person == "p03"
    assert clip.frames.shape == (3, 320, 320, 3)
    assert np.load(tmp_path / "cache" / clip.name / "blendshapes.npy").shape == (3, 52)
    assert np.load(tmp_path / "cache" / clip.name / "pose.npy").shape == (3, 4, 4)
