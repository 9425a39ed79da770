"""A live session on the product's own parts: saved motion moves a built-in avatar, no tracker."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.animation.portable_file import save_model
from avatarify.frames import Image
from avatarify.geometry.face_mesh import mirrored_landmarks
from avatarify.media.image_file import write_image
from avatarify.media.motion_file import write_motion
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import ProfileStore
from avatarify.session.keeping.settings import (
    CameraSettings,
    EngineSettings,
    FitMode,
    MotionControls,
    OutputSettings,
    Settings,
    ViewSettings,
)
from avatarify.session.live.face_engine import NO_TRACKER
from avatarify.session.live.listener import CameraView, EngineReport, LiveListener, Notice, Topic
from avatarify.session.live.listener import OutputView as View
from avatarify.session.live.live_session import NO_PICTURES, LiveSession
from avatarify.session.live.parts import LiveParts, standard_parts
from tests.drivers import landmarks_of, small_portrait, swing, turned
from tests.tiny_models import tiny_model

PATIENCE_S = 60.0
SIZE = 360, 640
"""Height and width of the output and of the avatar, who has half the size that ships."""
ROUND_S = 3.0
"""Two at rest, and one to the side: the motion begins again where it is farthest."""


class Ears(LiveListener):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.pictures: list[Image] = []
        self.cameras: list[CameraView] = []
        self.engines: list[EngineReport] = []
        self.notices: list[Notice] = []

    def output_shown(self, view: View) -> None:
        if view.latency_s is not None:
            self.pictures.append(view.image.copy())

    def camera_seen(self, view: CameraView) -> None:
        self.cameras.append(view)

    def engine_ready(self, report: EngineReport) -> None:
        self.engines.append(report)

    def noticed(self, notice: Notice) -> None:
        self.notices.append(notice)

    def texts(self, topic: Topic) -> list[str]:
        return [notice.text for notice in self.notices if notice.topic is topic]


@pytest.fixture(autouse=True)
def no_installed_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a tiny compact model, and no tracker."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("avatarify.zoo.store.SHIPPED_FOLDER", tmp_path / "repository")
    save_model(tiny_model("compact"), tmp_path / "models" / "compact.safetensors")


@pytest.fixture(scope="module")
def maya() -> Avatar:
    image, layers = small_portrait("maya")
    return Avatar("maya", image, layers.landmarks, layers.matte, layers.room)


@pytest.fixture
def motion(tmp_path: Path) -> Path:
    write_motion(tmp_path / "motion.npz", swing(ROUND_S))
    return tmp_path / "motion.npz"


@pytest.fixture
def settings(motion: Path) -> Settings:
    return Settings(
        camera=CameraSettings(str(motion), loop=True),
        motion=MotionControls(smoothing=0.0),
        output=OutputSettings("none", width=SIZE[1], height=SIZE[0]),
        view=ViewSettings(fit=FitMode.FIT),
        engine=EngineSettings(device="cpu", backend="reference"),
    )


class Show:
    """A session that runs."""

    def __init__(self, settings: Settings, parts: LiveParts, avatar: Avatar) -> None:
        self.ears = Ears()
        self.session = LiveSession(settings, self.ears, parts)
        self.session.set_avatar(avatar)
        self.session.start()

    def until(self, condition: Callable[[], object], what: str = "") -> None:
        until_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < until_s, what or "it did not happen"
            assert not self.session.wait(0.02), "the session ended"


Open = Callable[..., Show]


@pytest.fixture
def show(tmp_path: Path, maya: Avatar, no_more_fades: Callable[[], None]) -> Iterator[Open]:
    shows: list[Show] = []

    def begin(settings: Settings, avatar: Avatar | None = None, **changes: Any) -> Show:
        parts = replace(standard_parts(), profiles=ProfileStore(tmp_path / "profiles"), **changes)
        shows.append(Show(settings, parts, avatar or maya))
        return shows[-1]

    yield begin
    no_more_fades()
    for opened in shows:
        opened.session.stop()


def nose_shift(picture: Image, maya: Avatar) -> float:
    """How far the bright middle of the nose lies to the right of where it rests, in pixels."""
    assert maya.landmarks is not None
    x, y = np.round(maya.landmarks[4, :2]).astype(int)
    still = maya.image.astype(float)
    part = still[y - 12 : y + 12, x - 12 : x + 12]
    errors = {
        shift: np.abs(picture[y - 12 : y + 12, x + shift - 12 : x + shift + 12] - part).mean()
        for shift in range(-40, 41)
    }
    return min(errors, key=lambda shift: errors[shift])


def farthest(show: Show, maya: Avatar) -> float:
    """Return the largest shift of the nose among the pictures of a whole round."""
    begun = len(show.ears.cameras)
    show.ears.pictures.clear()
    show.until(lambda: len(show.ears.cameras) > begun + 30 * ROUND_S, "the motion does not play")
    return max((nose_shift(picture, maya) for picture in show.ears.pictures), key=abs)


def test_saved_motion_moves_a_built_in_avatar_and_calibrates_itself(
    show: Open, settings: Settings, maya: Avatar
) -> None:
    playing = show(settings)
    playing.until(lambda: len(playing.ears.pictures) > 3, "nothing moves")
    assert playing.ears.engines[-1].model == "face"
    assert not playing.ears.texts(Topic.TRACKER)  # nobody misses it
    assert farthest(playing, maya) >= 5  # the person's left is the picture's right


def test_a_mirrored_driver_turns_to_the_other_side(
    show: Open, settings: Settings, maya: Avatar
) -> None:
    camera = replace(settings.camera, mirror=True)
    playing = show(replace(settings, camera=camera))
    playing.until(lambda: len(playing.ears.pictures) > 3, "nothing moves")
    assert farthest(playing, maya) <= -5
    view = playing.ears.cameras[0]
    assert view.face is not None
    expected = mirrored_landmarks(turned(landmarks_of("omar"), 0.0), view.image.shape[1])
    assert np.abs(view.face.landmarks[:, :2] - expected[:, :2]).mean() < 60


def test_the_camera_view_shows_points_on_grey(show: Open, settings: Settings) -> None:
    playing = show(settings)
    playing.until(lambda: playing.ears.cameras)
    view = playing.ears.cameras[0]
    assert view.image[5, 5].tolist() == [63, 63, 63]
    assert view.face is not None
    x, y = np.round(view.face.landmarks[4, :2]).astype(int)
    assert view.image[y, x].tolist() != [63, 63, 63]


def test_the_background_changes_while_it_runs(show: Open, settings: Settings, maya: Avatar) -> None:
    playing = show(settings)
    playing.until(lambda: len(playing.ears.pictures) > 3, "nothing moves")
    room = playing.ears.pictures[-1][:20, :20]
    assert np.abs(room.astype(int) - (0, 177, 64)).max() > 30
    playing.session.set_view(replace(settings.view, background="green"))
    playing.until(lambda: np.all(corner(playing) == (0, 177, 64)), "not green")
    assert farthest(playing, maya) >= 5  # it moves on, with the reference that it had
    playing.session.set_view(replace(settings.view, background="nowhere.png"))
    playing.until(lambda: "keeps its room" in playing.ears.texts(Topic.AVATAR)[-1])
    playing.until(lambda: np.abs(corner(playing) - room.astype(int)).max() < 3)


def corner(playing: Show) -> Image:
    """The room in the upper left corner."""
    return playing.ears.pictures[-1][:20, :20]


def test_a_picture_without_a_face_is_told_to_need_pictures(show: Open, settings: Settings) -> None:
    playing = show(settings, Avatar("wall", np.full((90, 90, 3), 90, np.uint8)))
    playing.until(lambda: playing.ears.engines)
    assert playing.ears.engines[-1].model == "compact"
    assert playing.ears.texts(Topic.AVATAR)[-1].startswith(NO_PICTURES)


def test_a_motion_model_is_told_to_need_pictures(show: Open, settings: Settings) -> None:
    playing = show(settings)
    playing.until(lambda: playing.ears.engines)
    assert playing.ears.texts(Topic.AVATAR)[-1] == ""
    playing.session.set_engine(EngineSettings("compact", "cpu", backend="reference"))
    playing.until(lambda: playing.ears.engines[-1].model == "compact")
    assert "Choose the model face" in playing.ears.texts(Topic.AVATAR)[-1]


@pytest.fixture
def still_camera(tmp_path: Path, settings: Settings) -> Settings:
    """A folder of pictures in the webcam's place: nobody knows the face in them."""
    for index in range(3):
        write_image(tmp_path / "frames" / f"{index}.png", np.full((90, 120, 3), 90, np.uint8))
    return replace(settings, camera=CameraSettings(str(tmp_path / "frames"), loop=True))


@pytest.fixture
def tracker_file(tmp_path: Path) -> Path:
    """Where the tracker's file would lie; what it finds is the test's."""
    return tmp_path / "models" / "face_landmarker.task"


@pytest.fixture(autouse=True)
def frames(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()


def test_who_moves_the_avatar_is_told_each_time_it_changes(
    show: Open, still_camera: Settings, tracker_file: Path, find_face: Any, maya: Avatar
) -> None:
    tracker_file.touch()
    finder = FoundFace(find_face)
    playing = show(still_camera, open_finder=lambda: finder, find_portrait_face=find_face)
    playing.until(lambda: playing.ears.engines)
    playing.session.set_avatar(Avatar("wall", np.full((90, 90, 3), 90, np.uint8)))
    playing.until(lambda: len(playing.ears.engines) == 2)
    playing.session.set_avatar(maya)
    playing.until(lambda: len(playing.ears.engines) == 3)
    assert [report.model for report in playing.ears.engines] == ["face", "compact", "face"]
    assert [report.lacks_face for report in playing.ears.engines] == [False, True, False]


def test_a_tracker_that_comes_brings_the_whole_picture_and_the_face_engine(
    show: Open, still_camera: Settings, tracker_file: Path, find_face: Any
) -> None:
    finder = FoundFace(find_face)
    playing = show(still_camera, open_finder=lambda: finder, find_portrait_face=find_face)
    playing.until(lambda: playing.ears.engines)
    report = playing.ears.engines[-1]
    assert report.model == "compact"
    assert report.note == NO_TRACKER
    square = rest(playing)
    assert (square[:, :100] == 0).all()  # bars beside the square
    tracker_file.touch()
    playing.session.reload_tracker()
    playing.until(lambda: playing.ears.engines[-1].model == "face")
    playing.until(lambda: rest(playing)[:, :100].min() > 20, "the square is still shown")
    playing.until(lambda: playing.session._driver.wants_landmarks)


def test_a_portrait_that_cannot_be_taken_apart_stays_still_and_alone(
    show: Open, settings: Settings, maya: Avatar
) -> None:
    """A face of a single point has no shape; the next avatar moves again."""
    points = np.full((478, 3), np.nan, np.float32)
    broken = Avatar("broken", maya.image, points, maya.matte)
    playing = show(settings, broken)
    playing.until(lambda: any("cannot be animated" in text for text in said(playing)))
    playing.session.set_avatar(maya)
    playing.until(lambda: len(playing.ears.pictures) > 3, "the stage is dead")
    assert said(playing)[-1] == ""


def said(playing: Show) -> list[str]:
    return playing.ears.texts(Topic.MODEL)


def rest(playing: Show) -> Image:
    """What others see now."""
    playing.until(lambda: playing.session.snapshot() is not None)
    picture = playing.session.snapshot()
    assert picture is not None
    return picture


class FoundFace:
    """Finds a face in every picture."""

    def __init__(self, find_face: Any) -> None:
        self._find_face = find_face

    name = "made for tests"

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Any, ...]:
        return (self._find_face(image),)

    def close(self) -> None:
        pass


def test_a_narrow_avatar_before_green_has_green_sides(
    show: Open, settings: Settings, maya: Avatar
) -> None:
    """The middle 360 columns of the portrait, in a picture of 16:9."""
    assert maya.landmarks is not None
    assert maya.matte is not None
    middle = slice(140, 500)
    narrow = Avatar(
        "narrow",
        np.ascontiguousarray(maya.image[:, middle]),
        (maya.landmarks - (140, 0, 0)).astype(np.float32),
        np.ascontiguousarray(maya.matte[:, middle]),
    )
    view = ViewSettings(FitMode.BLUR, background="green")
    playing = show(replace(settings, view=view), narrow)
    playing.until(lambda: np.all(rest(playing)[:, :130] == (0, 177, 64)))
    assert np.all(rest(playing)[:, -130:] == (0, 177, 64))
