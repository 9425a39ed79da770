"""Take the pictures of the window in docs/screenshots, with rendered avatars and the demo clip.

    xvfb-run --server-args "-screen 0 2400x1600x24" python docs/take_screenshots.py
    xvfb-run --server-args "-screen 0 2400x1600x24" python docs/take_screenshots.py --states FOLDER

The second line takes a picture of every state that the window can be in, for looking at them; with
a name behind the folder only those of one function here. With QT_SCALE_FACTOR=2 the pictures are as
on a screen of twice the density. Run it on an idle machine: the status bar shows the rates that are
measured meanwhile.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from avatarify.errors import CameraError, CheckpointError, VirtualCameraError
from avatarify.frames import ClosedAfterUse, Frame, FrameSource
from avatarify.gui.desktop.global_hotkeys import HotkeyAction
from avatarify.gui.dialogs.landmark_editor import LandmarkEditor
from avatarify.gui.pieces.picture import as_qimage, from_qimage
from avatarify.gui.pieces.theme import apply_theme
from avatarify.gui.window.application import forget_opencv_variables, make_application, make_window
from avatarify.gui.window.main_window import MainWindow
from avatarify.media.image_file import read_image, write_image
from avatarify.session.avatars.library import BUILT_IN_FOLDER
from avatarify.session.keeping.settings import (
    CameraSettings,
    OutputSettings,
    Settings,
    Theme,
    WindowSettings,
)
from avatarify.session.live.listener import CameraView, LiveListener, Topic
from avatarify.session.live.live_session import LiveSession
from avatarify.session.live.parts import LiveParts, standard_parts

FOLDER = Path(__file__).with_name("screenshots")
CLIP = Path(__file__).resolve().parents[1] / "assets" / "demo_driving.mp4"
SETTINGS = Settings(
    avatar="maya",
    camera=CameraSettings(name=str(CLIP), loop=True),
    output=OutputSettings(target="none"),
    window=WindowSettings(theme=Theme.DARK, has_seen_guide=True),
)
LIGHT = replace(SETTINGS, window=WindowSettings(theme=Theme.LIGHT, has_seen_guide=True))
NEW_USER = replace(SETTINGS, output=OutputSettings(), window=WindowSettings(theme=Theme.LIGHT))
SMILES = (44, 45)
"""Blendshapes of the corners of the mouth."""
SIZE = (1180, 740)
SMALLEST = (900, 600)


class Faults:
    """What goes wrong with the devices, switched while the window is open."""

    def __init__(self) -> None:
        self.shows_nobody = self.is_unplugged = False

    def parts(self) -> LiveParts:
        """The product's own parts, which fail when they are told to."""
        real = standard_parts()
        open_clip = real.camera_opener(SETTINGS.camera, lambda text: None)

        def open_camera() -> FrameSource:
            if self.is_unplugged:
                raise CameraError(
                    "Camera HD Webcam is gone. No webcam was found. Plug one in, or use a phone as "
                    "camera (an MJPEG or RTSP address), a video file, or 'screen' instead."
                )
            return FaultyCamera(open_clip(), self)

        return replace(real, camera_opener=lambda camera, tell: open_camera)


class FaultyCamera(ClosedAfterUse):
    """A camera that can show an empty room, or be unplugged."""

    def __init__(self, camera: FrameSource, faults: Faults) -> None:
        self._camera = camera
        self._faults = faults
        self.name, self.fps = camera.name, camera.fps

    def read(self) -> Frame | None:
        """Read the next frame."""
        frame = self._camera.read()
        if self._faults.is_unplugged:
            raise CameraError(
                "Camera HD Webcam stopped delivering frames. Plug it in again, close other video "
                "apps, or choose another camera."
            )
        if frame is not None and self._faults.shows_nobody:
            wall = np.full_like(frame.image, (186, 182, 174))
            wall[:, wall.shape[1] // 3 :] = (172, 168, 160)
            return replace(frame, image=wall)
        return frame

    def close(self) -> None:
        """Release it."""
        self._camera.close()


class Studio:
    """Opens windows and keeps pictures of them."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application = application
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def window(
        self,
        settings: Settings,
        *,
        size: tuple[int, int] = SIZE,
        parts: LiveParts | None = None,
    ) -> Iterator[MainWindow]:
        """A window that has begun; its devices are released afterwards."""

        def open_session(settings: Settings, listener: LiveListener) -> LiveSession:
            return LiveSession(settings, listener, parts)

        apply_theme(self._application, settings.window.theme)
        window = make_window(
            self._application, settings, keeps_settings=False, open_session=open_session
        )
        window.resize(*size)
        window.show()
        window.activateWindow()
        window.begin()
        yield window
        window.quit_now()
        wait_until(lambda: window.has_ended)

    def keep(self, widget: QWidget, name: str, *, over: QWidget | None = None) -> None:
        """Save a picture.

        Args:
            widget: The window.
            name: Of the file.
            over: A dialog that is pasted over the window where it is.
        """
        if isinstance(widget, MainWindow) and name != "slow":
            widget.banners.dismiss(Topic.SPEED)  # it speaks of the machine that takes the pictures
        wait(0.2)
        grabbed = widget.grab()
        if over is not None:
            _paste(grabbed, over, widget)
        picture = Image.fromarray(from_qimage(grabbed.toImage()))
        # 256 of its own colours, dithered: nobody sees it, and a page loads half the bytes.
        colours = picture.quantize(256, kmeans=2)
        small = picture.quantize(256, palette=colours, dither=Image.Dither.FLOYDSTEINBERG)
        small.save(self._folder / f"{name}.png", optimize=True)
        print(name, flush=True)  # noqa: T201 - a script


def _paste(picture: QPixmap, dialog: QWidget, window: QWidget) -> None:
    painter = QPainter(picture)
    place = window.rect().center() - dialog.rect().center()
    painter.drawPixmap(place, dialog.grab())
    painter.setPen(Qt.GlobalColor.gray)
    painter.drawRect(dialog.rect().translated(place))
    painter.end()


# What the documentation shows


def first_steps(studio: Studio) -> None:
    """The guide of a new user."""
    first_camera = replace(NEW_USER, camera=CameraSettings())
    with studio.window(first_camera, parts=Faults().parts()) as window:
        wait(2)
        window.stage.guide.go_on()
        wait_until_live(window)
        wait(3)
        studio.keep(window, "guide_camera")
        window.stage.guide.go_on()
        wait(2)
        studio.keep(window, "first_steps")


def live(studio: Studio) -> None:
    """Live in both themes, with X-ray, and with the real camera shown."""
    with studio.window(SETTINGS) as window:
        wait_until_live(window)
        wait(8)
        wait_until_smiling(window)
        studio.keep(window, "live_dark")
        window.actions_.xray.trigger()
        window.actions_.landmarks.trigger()
        window.actions_.information.trigger()
        wait_until(lambda: bool(window.xray.titles))
        wait(5)
        studio.keep(window, "xray")
        window.actions_.xray.trigger()
        window.actions_.information.trigger()
        window.controller.set_pass_through(True)
        wait(2)
        studio.keep(window, "real_camera")
        window.controller.set_pass_through(False)
        window.actions_.theme_chosen.emit(Theme.LIGHT)
        window.actions_.number_pressed.emit(2)
        window.actions_.landmarks.trigger()
        wait(8)
        wait_until_smiling(window)
        studio.keep(window, "live_light")


def correction(studio: Studio) -> None:
    """The points of a face, set by hand."""
    with studio.window(LIGHT) as window:
        wait_until_live(window)
        window.gallery.correct_selected()
        wait_until(lambda: window.faces.editor is not None)
        editor = window.faces.editor
        assert editor is not None
        wait_until_moving(editor)
        studio.keep(window, "correct_face", over=editor)
        editor.reject()


DOCUMENTED = (first_steps, live, correction)


# Every state


def guide(studio: Studio) -> None:
    """All steps of the guide, and the offer of the tracker's file."""
    with no_models(), studio.window(NEW_USER) as window:
        for step in (1, 2, 3):
            wait(1)
            studio.keep(window, f"guide_{step}")
            window.stage.guide.go_on()
        wait(3)
        studio.keep(window, "guide_left_without_tracker")


def faults(studio: Studio) -> None:
    """Face lost, camera lost, and both back."""
    faults = Faults()
    webcam = replace(SETTINGS, camera=CameraSettings("HD Webcam"))
    with studio.window(webcam, parts=faults.parts()) as window:
        wait_until_live(window)
        wait(2)
        faults.shows_nobody = True
        wait_until(lambda: "No face in the picture" in window.status_line.texts)
        wait(3)
        studio.keep(window, "fault_face_lost")
        faults.shows_nobody, faults.is_unplugged = False, True
        wait_until(lambda: "Waiting for the camera" in window.status_line.texts)
        wait(2)
        window.driver.tabs.setCurrentIndex(1)
        studio.keep(window, "fault_camera_lost")
        faults.is_unplugged = False
        wait_until_live(window)
        wait(1)
        studio.keep(window, "fault_camera_back")


def model_error(studio: Studio) -> None:
    """A model file that is damaged; no virtual camera on this machine."""

    def refuse(_: object) -> None:
        raise CheckpointError(
            "The model compact.safetensors is damaged: its checksum is wrong. Get the project anew."
        )

    parts = replace(standard_parts(), load_engine=refuse)  # type: ignore[arg-type]  # never returns
    with studio.window(SETTINGS, parts=parts) as window:
        wait_until(lambda: bool(window.banners.texts))
        wait(2)
        studio.keep(window, "fault_model")


def no_output(studio: Studio) -> None:
    """No virtual camera can be opened."""

    def refuse(_: object) -> None:
        raise VirtualCameraError(
            "No virtual camera is set up. Run: sudo modprobe v4l2loopback devices=1 "
            "exclusive_caps=1 card_label=Avatarify"
        )

    parts = replace(standard_parts(), open_virtual_camera=refuse)  # type: ignore[arg-type]  # never returns
    with studio.window(replace(LIGHT, output=OutputSettings()), parts=parts) as window:
        wait_until_live(window)
        window.driver.tabs.setCurrentIndex(1)
        wait(2)
        studio.keep(window, "fault_no_virtual_camera")


def slow(studio: Studio) -> None:
    """The machine is too slow, in words."""
    with studio.window(SETTINGS) as window:
        wait_until_live(window)
        window.controller.tell(
            Topic.SPEED,
            "Only 6 pictures per second. Close other programs, choose a smaller model, or see in "
            "the doctor's report whether the graphics card is used (`avatarify doctor`, or F1 in "
            "the window).",
        )
        studio.keep(window, "slow")


def modes(studio: Studio) -> None:
    """Hold, test pattern, recording, ghost, drift, countdown, stopped."""
    with tempfile.TemporaryDirectory() as folder, studio.window(LIGHT) as window:
        wait_until_live(window)
        window.controller.set_hold(True)
        window.controller.start_recording(Path(folder) / "recording.mp4")
        wait(2)
        studio.keep(window, "mode_hold_and_recording")
        window.controller.stop_recording()
        window.controller.set_hold(False)
        window.controller.set_test_pattern(True)
        for _ in range(5):
            window.actions_.ghost_more.trigger()
        wait(2)
        studio.keep(window, "mode_pattern_and_ghost")
        window.controller.set_test_pattern(False)
        window.driver.countdown.start(3)
        wait(0.3)
        studio.keep(window, "mode_countdown")
        window.controller.stop()
        wait_until(lambda: not window.controller.is_running)
        studio.keep(window, "mode_stopped")


def sizes(studio: Studio) -> None:
    """The smallest window, with and without X-ray."""
    with studio.window(SETTINGS, size=SMALLEST) as window:
        wait_until_live(window)
        wait(3)
        studio.keep(window, "small")
        window.actions_.xray.trigger()
        wait_until(lambda: bool(window.xray.titles))
        wait(2)
        studio.keep(window, "small_xray")
        window.controller.tell(Topic.SPEED, "slow")
        window.controller.set_pass_through(True)
        wait(2)
        studio.keep(window, "small_real_camera")


def galleries(studio: Studio) -> None:
    """No avatars at all, and five hundred of the user's with broken files among them."""
    portraits = [read_image(path) for path in sorted(BUILT_IN_FOLDER.glob("*.png"))[:4]]
    with tempfile.TemporaryDirectory() as folder, environment(AVATARIFY_AVATARS=folder):
        for number in range(500):
            path = Path(folder) / f"portrait {number:03d}.png"
            if number % 7:
                write_image(path, np.roll(portraits[number % 4], number, axis=2))
            else:
                path.write_bytes(b"no picture")
        with studio.window(SETTINGS) as window:
            bar = window.gallery.view.verticalScrollBar()
            wait(2)
            bar.setValue(bar.maximum() // 8)
            wait(6)
            studio.keep(window, "gallery_500")
    with studio.window(replace(LIGHT, window=replace(LIGHT.window, has_seen_guide=True))) as window:
        window.gallery.model._library.entries = lambda: ()  # type: ignore[method-assign]  # none ship
        window.gallery.model.reload()
        wait(1)
        studio.keep(window, "gallery_empty")


def dialogs(studio: Studio) -> None:
    """Everything that opens over the window."""
    with studio.window(SETTINGS) as window:
        wait_until_live(window)
        window.wishes.open_settings()
        dialog = window.wishes.settings_dialog
        assert dialog is not None
        tabs = dialog.findChildren(QWidget, "qt_tabwidget_stackedwidget")[0].parent()
        for index, name in enumerate(("picture", "model", "hotkeys")):
            tabs.setCurrentIndex(index)  # type: ignore[union-attr]  # a QTabWidget
            if name == "hotkeys":
                dialog.hotkeys.set_keys(HotkeyAction.HOLD, "Ctrl+Alt+X")
            studio.keep(window, f"dialog_settings_{name}", over=dialog)
        dialog.reject()
        window.wishes.open_help()
        page = window.wishes.help_page
        assert page is not None
        wait_until(lambda: bool(page.findings))
        studio.keep(window, "dialog_help", over=page)
        page.close()
        expose = window.actions_.pass_through.trigger
        for ask, name in ((expose, "expose"), (window.close, "quit")):
            ask()
            wait(0.3)
            question = window.question
            assert question is not None
            studio.keep(window, f"dialog_{name}", over=question)
            question.reject()
        imports(studio, window)


def imports(studio: Studio, window: MainWindow) -> None:
    """A portrait that is fine, and one that is not."""
    portrait = read_image(sorted(BUILT_IN_FOLDER.glob("*.png"))[3])
    pictures = {"fine": portrait, "two": np.concatenate([portrait, portrait[:, ::-1]], axis=1)}
    for name, picture in pictures.items():
        window.gallery.imports.take_picture(as_qimage(np.ascontiguousarray(picture)).copy())
        wait_until(lambda: window.gallery.imports.dialog is not None)
        dialog = window.gallery.imports.dialog
        assert dialog is not None
        studio.keep(window, f"dialog_import_{name}", over=dialog)
        dialog.reject()
        wait(0.2)


def faces(studio: Studio) -> None:
    """The parts of a face tuned apart, and its points corrected, in both themes."""
    for settings in (SETTINGS, LIGHT):
        theme = settings.window.theme.value
        with studio.window(settings) as window:
            wait_until_live(window)
            window.driver.motion.fine_tune.fold.click()
            wait(1)
            studio.keep(window, f"fine_tune_{theme}")
            window.gallery.correct_selected()
            wait_until(lambda: window.faces.editor is not None)
            editor = window.faces.editor
            assert editor is not None
            wait_until_moving(editor)
            studio.keep(window, f"dialog_face_{theme}", over=editor)
            editor.reject()


def keyboard(studio: Studio) -> None:
    """Where the focus is, as the tabulator goes."""
    with studio.window(LIGHT) as window:
        wait_until_live(window)
        places = {
            "gallery": window.gallery.view,
            "button": window.stage.hold_button,
            "calibrate": window.driver.calibration.button,
            "slider": window.driver.motion.gain.slider,
            "check_box": window.driver.motion.badge,
            "list": window.driver.motion.sides,
            "preview": window.stage.preview,
            "camera": window.driver.camera,
        }
        for name, widget in places.items():
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            studio.keep(window, f"focus_{name}")


STATES = (
    guide,
    faults,
    model_error,
    no_output,
    slow,
    modes,
    sizes,
    galleries,
    dialogs,
    faces,
    keyboard,
)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@contextmanager
def no_models() -> Iterator[None]:
    """A machine on which the tracker's file was never fetched."""
    with (
        tempfile.TemporaryDirectory() as folder,
        environment(AVATARIFY_MODELS=folder, XDG_DATA_HOME=folder),
    ):
        yield


def wait(seconds: float) -> None:
    """Let the window go on for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def wait_until(condition: Callable[[], bool]) -> None:
    """Let the window go on until something has happened."""
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(
                "a state did not come; does `avatarify doctor` find the face tracker?"
            )
        wait(0.1)


def wait_until_smiling(window: MainWindow) -> None:
    """Let the window go on until the driver smiles, and the avatar too."""
    smiles = [0.0]

    def look(view: CameraView) -> None:
        if view.face is not None:
            smiles.append(float(view.face.blendshapes[list(SMILES)].mean()))

    window._bridge.camera_seen.connect(look)
    wait_until(lambda: smiles[-1] > 0.6)
    window._bridge.camera_seen.disconnect(look)
    wait(0.1)


def wait_until_moving(editor: LandmarkEditor) -> None:
    """Let the window go on until the editor's preview moves."""
    wait_until(lambda: not editor.preview.is_preparing)
    wait(2)


def wait_until_live(window: MainWindow) -> None:
    """Let the window go on until the avatar moves."""
    wait_until(lambda: window.status_line.texts[0].startswith("Live"))


def main() -> None:
    """Open the window in some of its states and keep a picture of each."""
    parser = argparse.ArgumentParser(description=__doc__, usage="%(prog)s [--states FOLDER [NAME]]")
    parser.add_argument("--states", type=Path, metavar="FOLDER", help="every state, into a folder")
    parser.add_argument("name", nargs="?", default="", help="only the function of this name")
    arguments = parser.parse_args()
    # Nothing of this machine's user may be in the pictures.
    for variable in ("AVATARIFY_CONFIG", "AVATARIFY_AVATARS"):
        os.environ[variable] = tempfile.mkdtemp()
    forget_opencv_variables()
    studio = Studio(make_application(), arguments.states or FOLDER)
    for take in STATES if arguments.states else DOCUMENTED:
        if take.__name__.startswith(arguments.name):
            take(studio)


if __name__ == "__main__":
    main()
