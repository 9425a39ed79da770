"""Animated pictures drive like clips, with their own durations."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from avatarify.errors import ImageError
from avatarify.frames import Frame
from avatarify.media.file_choice import open_source
from avatarify.media.image_folder import ImageSequence
from avatarify.media.moving_picture import MovingPicture, picture_count

LEVELS = (20, 90, 160, 230)
DURATIONS_MS = [100, 250, 50, 400]


def _pictures(size: tuple[int, int] = (40, 32)) -> list[Pillow.Image]:
    return [Pillow.new("RGB", size, (level, level, level)) for level in LEVELS]


def _write(path: Path, **options: Any) -> Path:
    first, *rest = _pictures()
    first.save(path, save_all=True, append_images=rest, **options)
    return path


def _read(path: Path) -> list[Frame]:
    with open_source(path) as source:
        assert isinstance(source, MovingPicture)
        assert source.frame_count == len(LEVELS)
        return list(iter(source.read, None))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.webp", {"lossless": True}),
        ("a.png", {}),
        ("a.gif", {}),
        ("a.GIF", {"disposal": 2}),
    ],
)
def test_all_pictures_come_with_their_durations(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    frames = _read(_write(tmp_path / name, duration=DURATIONS_MS, **options))
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.1, 0.35, 0.4], abs=0.006)
    assert [frame.image.mean() for frame in frames] == pytest.approx(LEVELS, abs=2)
    assert [frame.index for frame in frames] == [0, 1, 2, 3]


def test_pages_of_a_tiff_come_at_the_rate_of_pictures(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.tiff")
    with open_source(path, fps=10) as source:
        times_s = [frame.time_s for frame in iter(source.read, None)]
        assert source.fps == pytest.approx(10)
    assert times_s == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_the_mean_duration_is_the_rate(tmp_path: Path) -> None:
    with open_source(_write(tmp_path / "a.webp", duration=DURATIONS_MS)) as source:
        assert source.fps == pytest.approx(1000 / np.mean(DURATIONS_MS), rel=0.02)


def test_a_picture_without_a_duration_is_shown_as_browsers_do(tmp_path: Path) -> None:
    frames = _read(_write(tmp_path / "a.gif", duration=0))
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_an_apngs_picture_for_old_programs_is_no_part_of_it(tmp_path: Path) -> None:
    still, *moving = [Pillow.new("RGB", (40, 32), (0, 0, 0)), *_pictures()]
    still.save(
        tmp_path / "a.png", save_all=True, append_images=moving, duration=100, default_image=True
    )
    frames = _read(tmp_path / "a.png")
    assert [frame.image.mean() for frame in frames] == pytest.approx(LEVELS, abs=1)


@pytest.mark.parametrize("name", ["a.mp4", "a", "a.png"])
def test_the_content_tells_not_the_name(tmp_path: Path, name: str) -> None:
    _write(tmp_path / "a.webp", duration=100)
    (tmp_path / "a.webp").rename(tmp_path / name)
    assert len(_read(tmp_path / name)) == len(LEVELS)


@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.gif", "a.jpg", "a.tif"])
def test_one_picture_stays_one_picture(tmp_path: Path, name: str) -> None:
    _pictures()[0].save(tmp_path / name)
    with open_source(tmp_path / name) as source:
        assert isinstance(source, ImageSequence)
    assert picture_count(tmp_path / name) == 1


def test_a_photo_with_a_preview_is_one_picture(tmp_path: Path) -> None:
    first, second, *_ = _pictures()
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    with open_source(tmp_path / "a.jpg") as source:
        assert isinstance(source, ImageSequence)


def test_a_cut_off_file_gives_the_pictures_it_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rng = np.random.default_rng(0)
    noise = [Pillow.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)) for _ in range(6)]
    path = tmp_path / "a.gif"
    noise[0].save(path, save_all=True, append_images=noise[1:], duration=100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with open_source(path) as source:
        frames = list(iter(source.read, None))
    assert 1 <= len(frames) < 6
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImageError):
        open_source(path)
