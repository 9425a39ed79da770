"""Starts Qt, or says in words why no window can open."""

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from avatarify.errors import AvatarifyError
from avatarify.gui.desktop.icon import program_icon
from avatarify.gui.desktop.single_instance import SingleInstance
from avatarify.gui.panels.device_panel import DevicePanel
from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.collector import Collector
from avatarify.gui.pieces.theme import apply_theme
from avatarify.gui.window.bridge import SessionBridge
from avatarify.gui.window.controller import LiveController, OpenSession
from avatarify.gui.window.main_window import MainWindow
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.thumbnails import ThumbnailStore
from avatarify.session.checkup.desktop import install_line, missing_libraries
from avatarify.session.keeping.settings import Settings
from avatarify.session.keeping.settings_file import save_settings
from avatarify.session.live.live_session import LiveSession

logger = logging.getLogger(__name__)

_OPENCV_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
"""`import cv2` points them at Qt 5 files of its own, which Qt 6 cannot load."""


def run_application(
    settings: Settings,
    *,
    keeps_settings: bool = False,
    instance: SingleInstance | None = None,
    pictures: Sequence[Path] = (),
) -> int:
    """Open the window and return when it is closed.

    Args:
        settings: To start with.
        keeps_settings: Write what the user changes to the settings file. Otherwise this is a
            demonstration: nothing is kept and there is no first-run guide.
        instance: Tells of further starts, which show this window and may bring pictures.
        pictures: Become avatars, if the user agrees.

    Returns:
        The exit code.

    Raises:
        AvatarifyError: No window can open here; the message says what to do.
    """
    check_desktop(os.environ)
    forget_opencv_variables()
    application = make_application()
    if not keeps_settings:
        settings = replace(settings, window=replace(settings.window, has_seen_guide=True))
    apply_theme(application, settings.window.theme)
    window = make_window(application, settings, keeps_settings=keeps_settings)
    application.styleHints().colorSchemeChanged.connect(
        lambda: apply_theme(application, window.controller.settings.window.theme)
    )
    collector = Collector(application)
    window.ended.connect(application.quit)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Through the event loop: what ended before it began would leave it running for ever.
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.quit_now))
    window.show()
    QTimer.singleShot(0, lambda: logger.info("The window is shown."))
    window.begin()
    window.take_pictures(pictures)
    if instance is not None:
        instance.wanted.connect(window.come_to_front)
        instance.listen()
    try:
        return application.exec()
    finally:
        collector.stop()


def make_application() -> QApplication:
    """The one QApplication, named and with its icon."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Avatarify")
    application.setDesktopFileName("avatarify")
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(program_icon())
    return application


def make_window(
    application: QApplication,
    settings: Settings,
    *,
    keeps_settings: bool = True,
    open_session: OpenSession = LiveSession,
) -> MainWindow:
    """Build the window and all that works for it.

    Args:
        application: Qt's.
        settings: To start with.
        keeps_settings: Write changes to the settings file.
        open_session: Makes a session.
    """
    background = Background()
    library, thumbnails = AvatarLibrary(), ThumbnailStore()
    background.run(thumbnails.prune, lambda _: None)
    screen = application.primaryScreen()
    bridge = SessionBridge(screen.refreshRate() if screen is not None else 60.0)
    controller = LiveController(
        settings,
        bridge,
        library=library,
        background=background,
        save=save_settings if keeps_settings else lambda _: None,
        open_session=open_session,
    )
    return MainWindow(
        controller,
        bridge,
        library=library,
        thumbnails=thumbnails,
        background=background,
        devices=DevicePanel(background),
    )


def forget_opencv_variables() -> None:
    """Undo what `import cv2` does to Qt."""
    import cv2  # noqa: F401  # it sets the variables when it is imported: better now than later

    for name in _OPENCV_VARIABLES:
        os.environ.pop(name, None)


def check_desktop(environment: Mapping[str, str], platform: str = sys.platform) -> None:
    """Refuse what would make Qt abort the program without a readable reason.

    Args:
        environment: The environment variables.
        platform: As `sys.platform`.

    Raises:
        AvatarifyError: There is no display, it does not answer, or libraries are missing.
    """
    if not platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return
    if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise AvatarifyError(
            "There is no display to open a window on. Start this in a desktop session, or use "
            "`avatarify run`, which needs none."
        )
    missing = missing_libraries(environment)
    if missing:
        raise AvatarifyError(
            f"The window needs libraries that are missing: {', '.join(missing)}. "
            f"Run: {install_line(missing)}"
        )
    if not environment.get("WAYLAND_DISPLAY") and not _x11_answers():
        raise AvatarifyError(
            f"The display {environment['DISPLAY']} does not answer. Check DISPLAY, or use "
            "`avatarify run`, which needs none."
        )


def _x11_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt will load its own, or say what it wants
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    for function in (xcb.xcb_connection_has_error, xcb.xcb_disconnect):
        function.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    has_failed = xcb.xcb_connection_has_error(connection) != 0
    xcb.xcb_disconnect(connection)
    return not has_failed
