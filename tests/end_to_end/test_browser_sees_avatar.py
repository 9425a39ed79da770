"""The whole product with real parts: webcam, app, virtual camera, call app.

A PipeWire node plays a clip as a webcam; the app reads it through V4L2, animates an avatar with it
and publishes its own PipeWire camera; Chromium plays that one.
"""

import json
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from avatarify.animation.portable_file import save_model
from avatarify.cli.demo import CLIP
from avatarify.frames import Image
from avatarify.media.image_file import read_image
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.zoo import store
from avatarify.zoo.registry import COMPACT, FACE_LANDMARKER
from tests.end_to_end.browser import watch_camera
from tests.linux_session import LinuxSession, wait_until
from tests.tiny_models import tiny_model

REPOSITORY = Path(__file__).parents[2]
WEBCAM = Path(__file__).with_name("play_webcam.py")
WATCHED_S = 3.0
"""How long the browser watches before the app is told to end."""

APP = "import sys; from avatarify.cli import main; sys.exit(main())"

pytestmark = [pytest.mark.slow, pytest.mark.camera, pytest.mark.timeout(180)]


@pytest.fixture
def clip(request: pytest.FixtureRequest) -> Path:
    """A face that moves: the shipped clip."""
    if CLIP.is_file():
        return CLIP
    shared: Path = request.getfixturevalue("shared")
    return shared / "clips" / "d0.mp4"


@pytest.fixture(params=["mediapipe", "own"])
def tracker(request: pytest.FixtureRequest) -> str:
    """Whose networks follow the face."""
    return str(request.param)


@pytest.fixture
def models(tmp_path: Path, tracker: str, request: pytest.FixtureRequest) -> Path:
    """A models folder with the shipped model, or else a tiny one, and mediapipe's tracker."""
    folder = tmp_path / "models"
    folder.mkdir()
    shipped = store.find(COMPACT.installed_name)
    if shipped is None:
        save_model(tiny_model("fomm"), folder / COMPACT.installed_name)
    else:
        (folder / COMPACT.installed_name).symlink_to(shipped)
    if tracker == "mediapipe":
        file = store.find(FACE_LANDMARKER.installed_name)
        if file is None:
            shared: Path = request.getfixturevalue("shared")
            file = shared / "models" / FACE_LANDMARKER.installed_name
        (folder / FACE_LANDMARKER.installed_name).symlink_to(file)
    return folder


def test_chromium_sees_the_avatar(
    desktop: LinuxSession, tmp_path: Path, clip: Path, models: Path, tracker: str
) -> None:
    python_path = {"PYTHONPATH": str(REPOSITORY)}
    desktop.start([sys.executable, WEBCAM, clip], python_path)
    nodes = ["pw-cli", "ls", "Node"]
    wait_until(lambda: '"Test webcam"' in desktop.output(nodes), "the webcam")

    statistics = tmp_path / "statistics.json"
    options = ["--camera", "Test webcam", "--avatar", "", "--fit", "fit"]
    options += ["--motion", "absolute", "--output", "virtual", "--stats", str(statistics)]
    options += ["--tracker", tracker]
    app = desktop.start(
        ["pw-v4l2", sys.executable, "-c", APP, "run", *options],
        # One thread for the model: on two cores the browser needs the other.
        {**python_path, "AVATARIFY_MODELS": str(models), "OMP_NUM_THREADS": "1"},
    )
    wait_until(lambda: "live." in desktop.printed_by(app), "the app", timeout_s=90)

    def end_the_app() -> None:
        time.sleep(WATCHED_S)
        app.send_signal(signal.SIGTERM)

    seen = watch_camera(desktop, tmp_path, "Avatarify", WATCHED_S + 2, end_the_app)
    app.wait(timeout=20)
    assert app.returncode == 0, desktop.logs()

    assert sorted(seen.labels) == ["Avatarify", "Test webcam"]
    assert seen.size == (720, 1280)
    assert_shows_an_avatar(seen.picture)  # the last one, after SIGTERM
    assert seen.frame_times_s[-1] - seen.frame_times_s[0] > WATCHED_S
    sent = json.loads(statistics.read_text())
    assert sent["frames_delivered"] > 0  # animated ones
    written = sent["frames_delivered"] + sent["frames_repeated"]
    assert len(seen.frame_times_s) <= written
    assert seen.fps >= 0.8 * min(sent["output"]["fps"], written / sent["elapsed_s"])
    assert seen.longest_gap_s < 1


def assert_shows_an_avatar(picture: Image) -> None:
    """The first built-in avatar fills the picture, and nothing of the webcam's green rows."""
    still = read_image(sorted(BUILT_IN_FOLDER.glob("*.png"))[0])
    assert still.shape == picture.shape
    room = np.s_[:200, :200]  # a corner, which no head reaches
    difference = picture[room].astype(int) - still[room]
    assert abs(difference).mean() < 8  # the browser's picture is compressed YUV
    assert picture[:, 290:990].std() > 16
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    assert not ((green > 180) & (red < 60) & (blue < 60)).any()
