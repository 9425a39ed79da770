from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest

from avatarify.errors import CheckpointError, ImageError, OutputError
from avatarify.frames import Frame, Image
from avatarify.media.image_file import write_image
from avatarify.media.image_folder import ImageFolder
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.session.offline import offline_animation as offline
from avatarify.session.offline.offline_animation import OfflineAnimation
from avatarify.session.offline.settings import OfflineSettings, Stage
from avatarify.tracking.face import Face


class Negative:
    """Animates by inverting the driving square, so that a test can see what it was given."""

    input_size, output_size = 16, 32

    def __init__(self) -> None:
        self.calibrated: list[Image] = []
        self.source: Image | None = None

    def set_source(self, portrait: Image) -> None:
        assert portrait.shape == (32, 32, 3)
        self.source = portrait

    def calibrate(self, driving: Image) -> None:
        self.calibrated.append(driving)

    def animate_all(self, drivings: Iterable[Image]) -> Generator[Image, None, None]:
        for driving in drivings:
            assert driving.shape == (16, 16, 3)
            yield np.kron(255 - driving, np.ones((2, 2, 1), np.uint8))


class Listener:
    """Remembers what it is told."""

    def __init__(self, at_frame: Callable[[int], None] = lambda _: None) -> None:
        self.notices: list[str] = []
        self.stages: list[tuple[Stage, int | None]] = []
        self.frames = 0
        self._at_frame = at_frame

    def notice(self, text: str) -> None:
        self.notices.append(text)

    def begin(self, stage: Stage, total: int | None) -> None:
        self.stages.append((stage, total))

    def advance(self) -> None:
        self.frames += 1
        self._at_frame(self.frames)


def _level(index: int) -> Image:
    return np.full((40, 60, 3), 10 * index, np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten driving pictures, brighter and brighter, and a portrait."""
    (tmp_path / "in").mkdir()
    for index in range(10):
        write_image(tmp_path / "in" / f"{index}.png", _level(index))
    write_image(tmp_path / "avatar.png", _level(20))
    return tmp_path


def _settings(folder: Path, output: str = "out/", **more: object) -> OfflineSettings:
    values = {"avatar": folder / "avatar.png", "driving": folder / "in", "crops": False, **more}
    return OfflineSettings(output=f"{folder}/{output}", **values)  # type: ignore[arg-type]


def _run(
    settings: OfflineSettings,
    animator: Negative | None = None,
    listener: Listener | None = None,
    stop: Event | None = None,
) -> int:
    made = animator or Negative()
    listener, stop = listener or Listener(), stop or Event()
    return OfflineAnimation(settings, lambda: made, None, listener, stop).run()


def _levels(folder: Path) -> list[int]:
    with ImageFolder(folder) as frames:
        return [int(frame.image[0, 0, 0]) for frame in iter(frames.read, None)]


def test_every_driving_frame_becomes_one_picture(folder: Path) -> None:
    assert _run(_settings(folder)) == 10
    assert _levels(folder / "out") == [255 - 10 * index for index in range(10)]


def test_the_reference_and_the_portrait_reach_the_model(folder: Path) -> None:
    animator = Negative()
    _run(_settings(folder, reference=4), animator)
    assert [int(image[0, 0, 0]) for image in animator.calibrated] == [40]
    assert animator.source is not None
    assert (animator.source == 200).all()


def test_absolute_motion_needs_no_reference(folder: Path) -> None:
    animator = Negative()
    _run(_settings(folder, uses_reference=False, reference=99), animator)
    assert animator.calibrated == []


def test_side_by_side_shows_portrait_driving_frame_and_result(folder: Path) -> None:
    _run(_settings(folder, is_side_by_side=True, size=24))
    with ImageFolder(folder / "out") as frames:
        frame = list(iter(frames.read, None))[3]
    assert frame.image.shape == (24, 72, 3)
    assert [int(frame.image[12, x, 0]) for x in (12, 36, 60)] == [200, 30, 225]


def test_the_listener_hears_the_length_and_every_frame(folder: Path) -> None:
    listener = Listener()
    _run(_settings(folder), listener=listener)
    assert listener.stages == [(Stage.ANIMATION, 10)]
    assert listener.frames == 10


def test_stopping_finishes_the_frame_in_work_and_the_file(folder: Path) -> None:
    stop = Event()
    listener = Listener(lambda count: stop.set() if count == 4 else None)
    assert _run(_settings(folder, "out.mp4"), listener=listener, stop=stop) == 4
    with VideoFile(folder / "out.mp4") as video:
        assert len(list(iter(video.read, None))) == 4


def test_stopping_before_the_first_frame_leaves_nothing(folder: Path) -> None:
    stop = Event()
    stop.set()
    assert _run(_settings(folder, "out.mp4"), stop=stop) == 0
    assert not (folder / "out.mp4").exists()


@pytest.mark.parametrize("output", ["missing/out.mp4", "in"])
def test_no_model_is_loaded_for_an_output_that_cannot_be_written(folder: Path, output: str) -> None:
    def load() -> Negative:
        raise AssertionError("loading a model takes seconds; the output is checked first")

    animation = OfflineAnimation(_settings(folder, output), load, None, Listener(), Event())
    with pytest.raises(OutputError):
        animation.run()


class Tracker:
    """Finds no face, and takes its time."""

    def __init__(self, *_: object) -> None:
        self.looks = 0

    def __enter__(self) -> "Tracker":
        return self

    def __exit__(self, *_: object) -> None: ...

    def find(self, image: Image, time_s: float = 0.0) -> None:
        sleep(0.01)

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        sleep(0.01)
        return ()

    def prefer(self, face: Face) -> None: ...


def test_the_clip_is_surveyed_while_the_model_is_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "open_tracker", Tracker)
    surveyed = Event()

    def load() -> Negative:
        assert surveyed.wait(10)
        return Negative()

    listener = Listener(lambda frames: surveyed.set() if frames == 10 else None)
    animation = OfflineAnimation(_settings(folder), load, Path("tracker"), listener, Event())
    assert animation.run() == 10
    assert listener.stages == [(Stage.SURVEY, 10), (Stage.ANIMATION, 10)]


def test_a_model_that_cannot_be_loaded_ends_the_survey(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "open_tracker", Tracker)

    def load() -> Negative:
        raise CheckpointError("broken")

    for index in range(10, 200):
        write_image(folder / "in" / f"{index}.png", _level(1))
    listener = Listener()
    animation = OfflineAnimation(_settings(folder), load, Path("tracker"), listener, Event())
    with pytest.raises(CheckpointError, match="broken"):
        animation.run()
    assert listener.frames < 200
    assert not (folder / "out").exists()


def test_the_portrait_is_checked_first(folder: Path) -> None:
    (folder / "avatar.png").write_bytes(b"")
    with pytest.raises(ImageError, match="empty"):
        _run(_settings(folder, "missing/out.mp4"))


def test_without_a_tracker_the_listener_hears_what_that_means(folder: Path) -> None:
    listener = Listener()
    _run(_settings(folder, crops=True), listener=listener)
    assert len(listener.notices) == 1
    assert "fixed square in the middle" in listener.notices[0]
    assert "frame 0 is the reference" in listener.notices[0]


def test_a_video_keeps_its_own_times(folder: Path) -> None:
    times_s = [0, 0.2, 0.25, 1.0]
    with VideoWriter(folder / "in.mp4", 25) as writer:
        for index, time_s in enumerate(times_s):
            writer.write(Frame(_level(index), time_s, index))
    _run(_settings(folder, "out.mp4", driving=folder / "in.mp4"))
    with VideoFile(folder / "out.mp4") as video:
        written = [frame.time_s for frame in iter(video.read, None)]
    assert written == pytest.approx(times_s, abs=5e-5)


@pytest.mark.parametrize("wrong", [{"reference": -1}, {"size": 0}, {"fps": 0}, {"fps": 1e9}])
def test_impossible_settings_are_refused(folder: Path, wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not"):
        _settings(folder, "out/", **wrong)
