"""The running app talks to no one: no socket is opened, not even by native libraries.

With one exception, which no network reaches: on a socket in a folder of the user's own it hears of
further starts of itself.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from avatarify.animation.portable_file import save_model
from avatarify.media.image_file import write_image
from avatarify.session.keeping.settings import Settings, WindowSettings
from avatarify.session.keeping.settings_file import save_settings
from tests.tiny_models import picture, tiny_model

ROOT = Path(__file__).resolve().parents[2]

WATCHED_APP = """
import os, sys, threading, time
opened = []
sys.addaudithook(lambda event, arguments: opened.append((event, str(arguments)))
                 if event.startswith("socket.") else None)

def sockets():
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if target.startswith("socket:"):
            yield target

def names():
    # Where sockets that no network reaches lie in folders, by inode.
    with open("/proc/net/unix") as table:
        rows = [row.split() for row in table]
    return {f"socket:[{row[6]}]": row[7] for row in rows if len(row) == 8}

def watch():
    while True:
        seen = [target for target in sockets() if target not in known]
        if seen:
            local = names()  # after: a socket that was opened in between would have no name
            opened.extend(local.get(target, target) for target in seen)
            known.update(seen)
        time.sleep(0.002)

known = set(sockets())  # inherited
threading.Thread(target=watch, daemon=True).start()
from PySide6.QtCore import QTimer
from avatarify.cli import main
from avatarify.gui.window.main_window import MainWindow
begin = MainWindow.begin

def begin_and_look(window):
    begin(window)
    timer = QTimer(window)
    timer.timeout.connect(lambda: quit_after_a_while(window, timer))
    timer.start(50)

def quit_after_a_while(window, timer):
    view = window.driver.camera.view
    if view is not None and view.face is not None and "Live" in window.status_line.texts:
        timer.stop()
        QTimer.singleShot(1000, window.quit_now)
        window.ended.connect(tell)

def tell():
    print("a face was followed; opened:", sorted(set(map(str, opened))), flush=True)

MainWindow.begin = begin_and_look
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_app_with_the_tracker_opens_no_socket_but_its_own(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "config"))
    save_settings(Settings(window=WindowSettings(has_seen_guide=True)))
    models = tmp_path / "models"
    save_model(tiny_model("compact"), models / "compact.safetensors")
    (models / "face_landmarker.task").symlink_to(shared / "models" / "face_landmarker.task")
    write_image(tmp_path / "avatar.png", picture(1, 64))
    environment = {
        **os.environ,
        "AVATARIFY_MODELS": str(models),
        "AVATARIFY_AVATARS": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(tmp_path),
    }
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    arguments = [
        *("app", "--camera", str(shared / "clips" / "d3.mp4"), "--loop"),
        *("--output", "none", "--avatar", str(tmp_path / "avatar.png")),
    ]
    finished = subprocess.run(
        [sys.executable, "-c", WATCHED_APP, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    followed, _, opened = finished.stdout.strip().partition("; opened: ")
    assert followed == "a face was followed", finished.stderr
    found = ast.literal_eval(opened)
    assert len(found) == 1, found
    (own,) = found
    assert Path(own).is_relative_to(tmp_path)
