"""Windows without a screen, and a session on parts that are small but real."""

import os

os.environ["QT_QPA_PLATFORM"] = os.environ.get("AVATARIFY_TEST_PLATFORM", "offscreen")

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from avatarify.frames import Image
from avatarify.gui.panels.device_panel import DevicePanel, Devices
from avatarify.gui.pieces.background import Background
from avatarify.gui.window.bridge import SessionBridge
from avatarify.gui.window.controller import LiveController
from avatarify.gui.window.main_window import MainWindow
from avatarify.media.camera_list import CameraInfo
from avatarify.media.image_file import write_image
from avatarify.media.virtual_outputs import OutputChoice
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.profiles import DrivingReference, ProfileStore
from avatarify.session.avatars.thumbnails import ThumbnailStore
from avatarify.session.keeping.settings import (
    CameraSettings,
    MotionControls,
    OutputSettings,
    Settings,
    WindowSettings,
)
from avatarify.session.keeping.settings_file import load_settings, save_settings
from avatarify.session.live.listener import EngineReport, LiveListener, MotionView
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.parts import LiveParts, standard_parts
from avatarify.session.live.sighting import Driving
from avatarify.tracking.face import BLENDSHAPE_NAMES, Face

PATIENCE_MS = 30_000
"""How long a test waits for something that happens within a second on an idle machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.gui)


WEBCAM = CameraInfo(0, "HD Webcam", "/dev/video0", "V4L2")
READY = OutputChoice("pipewire", "PipeWire camera", True, "Switch the flag on.")
MISSING = OutputChoice("v4l2loopback", "kernel camera", False, "Run modprobe.")


class RollEngine:
    """Moves the avatar sideways, a pixel for each frame."""

    def __init__(self) -> None:
        self.motion = MotionControls()
        self._portrait: Image | None = None
        self._reference: DrivingReference | None = None
        self._frames = 0

    input_size = 32
    report = EngineReport("roll", "cpu", "fp32", "")

    @property
    def reference(self) -> DrivingReference | None:
        return self._reference

    wants_landmarks = False

    def set_avatar(self, avatar: Avatar) -> None:
        self._portrait = avatar.image

    def set_motion(self, motion: MotionControls) -> None:
        self.motion = motion

    def calibrate(self, driving: Driving) -> None:
        self._reference = DrivingReference("roll", (("level", np.zeros(1, np.float32)),))

    def use_reference(self, reference: DrivingReference) -> None:
        self._reference = reference

    def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
        assert self._portrait is not None
        self._frames += 1
        return np.roll(self._portrait, self._frames % 8, axis=1)

    def xray(self, driving: Driving) -> MotionView | None:
        assert driving.square is not None
        return MotionView((("Driving", driving.square), ("Result", driving.square)))

    def close(self) -> None:
        pass


class MiddleFinder:
    """Sees a face in the middle of every picture."""

    name = "made for tests"

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        return (round_face(image),)

    def prefer(self, face: Face) -> None:
        pass

    def close(self) -> None:
        pass


def round_face(image: Image) -> Face:
    height, width = image.shape[:2]
    angles = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, 0] = width / 2 + height / 4 * np.cos(angles)
    landmarks[:, 1] = height / 2 + height / 4 * np.sin(angles)
    return Face(landmarks, np.zeros(len(BLENDSHAPE_NAMES), np.float32))


def picture(value: int = 120, height: int = 48, width: int = 48) -> Image:
    """Stripes of a brightness: not two of them are alike."""
    stripes = value + 30 * (np.arange(width) % 8 < 4)
    return np.repeat(np.repeat(stripes[None, :, None], height, 0), 3, 2).astype(np.uint8)


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's user is read or written."""
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("AVATARIFY_AVATARS", str(tmp_path / "mine"))
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))


@pytest.fixture
def make_picture() -> Callable[..., Image]:
    return picture


@pytest.fixture
def driving_folder(tmp_path: Path) -> Path:
    """Camera frames on disk, read by the real source of picture folders."""
    folder = tmp_path / "driving"
    folder.mkdir()
    for number in range(4):
        write_image(folder / f"{number}.png", picture(60 + 20 * number, 48, 64))
    return folder


@pytest.fixture
def settings(driving_folder: Path) -> Settings:
    return Settings(
        auto_calibration=False,
        camera=CameraSettings(name=str(driving_folder), loop=True),
        output=OutputSettings(target="none", width=128, height=96),
        window=WindowSettings(has_seen_guide=True, has_given_consent=True),
    )


@pytest.fixture
def library(tmp_path: Path) -> AvatarLibrary:
    """Three built-in avatars and none of the user's."""
    built_in = tmp_path / "built-in"
    built_in.mkdir()
    for position, name in enumerate(("ada", "bo", "cleo")):
        write_image(built_in / f"{name}.png", picture(60 + 40 * position))
    return AvatarLibrary(tmp_path / "mine", built_in)


@pytest.fixture
def background(qapp: QApplication) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def thumbnails(tmp_path: Path) -> ThumbnailStore:
    return ThumbnailStore(tmp_path / "thumbnails", side=32)


@pytest.fixture
def parts(tmp_path: Path) -> LiveParts:
    return replace(
        standard_parts(),
        load_engine=lambda settings: RollEngine(),
        open_finder=MiddleFinder,
        has_tracker=lambda: True,
        find_portrait_face=round_face,
        profiles=ProfileStore(tmp_path / "profiles"),
    )


@pytest.fixture
def devices(qtbot: QtBot, background: Background) -> DevicePanel:
    """One webcam, one virtual camera that is ready and one that is not."""
    panel = DevicePanel(background, find=lambda: Devices((WEBCAM,), (MISSING, READY)))
    qtbot.addWidget(panel)
    qtbot.waitUntil(panel.refresh_button.isEnabled, timeout=PATIENCE_MS)
    return panel


class Desk:
    """A window on a real session, with hands for the test."""

    def __init__(
        self,
        window: MainWindow,
        qtbot: QtBot,
        sessions: list[LiveSession],
    ) -> None:
        self.window = window
        self.controller = window.controller
        self.sessions = sessions
        self._qtbot = qtbot

    @property
    def session(self) -> LiveSession:
        return self.sessions[-1]

    def until(self, condition: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def until_ended(self) -> None:
        self.until(lambda: self.window.has_ended)

    def start(self) -> None:
        """Run until the avatar is in the preview."""
        self.window.begin()
        self.until(lambda: self.window.stage.preview.view is not None)
        self.until(lambda: self.controller.avatar is not None)

    def press(self, key: str) -> None:
        """Press a key of the keyboard, such as `X` or `Ctrl+Z`."""
        from PySide6.QtGui import QKeySequence
        from PySide6.QtTest import QTest

        QTest.keySequence(self.window, QKeySequence(key))

    def choose(self, position: int) -> None:
        entry = self.window.gallery.model.entries[position]
        self.controller.choose(entry)
        self.until(lambda: self.controller.settings.avatar == entry.key)


@pytest.fixture
def outputs() -> list[OutputChoice]:
    """The kinds of virtual camera that the machine of `desk` offers."""
    return []


@pytest.fixture
def make_desk(  # noqa: PLR0917 - pytest passes fixtures by their names
    qtbot: QtBot,
    library: AvatarLibrary,
    thumbnails: ThumbnailStore,
    parts: LiveParts,
    outputs: list[OutputChoice],
    no_more_fades: Callable[[], None],
) -> Iterator[Callable[[Settings], Desk]]:
    desks: list[Desk] = []

    def make(settings: Settings) -> Desk:
        sessions: list[LiveSession] = []

        def open_session(settings: Settings, listener: LiveListener) -> LiveSession:
            sessions.append(LiveSession(settings, listener, parts))
            return sessions[-1]

        background, bridge = Background(), SessionBridge(120.0)
        controller = LiveController(
            settings, bridge, library=library, background=background, save=save_settings,
            open_session=open_session,
        )  # fmt: skip
        window = MainWindow(
            controller, bridge, library=library, thumbnails=thumbnails, background=background,
            devices=DevicePanel(background, find=lambda: Devices((), tuple(outputs))),
        )  # fmt: skip
        with qtbot.waitActive(window, timeout=PATIENCE_MS):
            window.show()
            window.activateWindow()
        desks.append(Desk(window, qtbot, sessions))
        return desks[-1]

    yield make
    no_more_fades()
    for desk in desks:
        desk.window.quit_now()
        desk.until_ended()
        desk.window.deleteLater()


@pytest.fixture
def desk(make_desk: Callable[[Settings], Desk], settings: Settings) -> Desk:
    return make_desk(settings)


@pytest.fixture
def saved_settings() -> Callable[[], Settings]:
    return load_settings


@pytest.fixture
def wait_briefly() -> Callable[[], None]:
    """Give other threads a moment."""
    return lambda: time.sleep(0.05)
