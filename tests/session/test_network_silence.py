"""The running session talks to no one: no socket is opened, not even by native libraries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avatarify.animation.portable_file import save_model
from avatarify.media.image_file import write_image
from tests.tiny_models import picture, tiny_model

ROOT = Path(__file__).resolve().parents[2]

WATCHED_RUN = """
import os, sys, threading
opened = []
sys.addaudithook(lambda event, arguments: opened.append((event, str(arguments)))
                 if event.startswith("socket.") else None)

def watch():
    while True:
        for descriptor in os.listdir("/proc/self/fd"):
            try:
                target = os.readlink(f"/proc/self/fd/{descriptor}")
            except OSError:
                continue
            if target.startswith("socket:") and target not in inherited:
                opened.append(("descriptor", target))
        done.wait(0.002)

inherited = {os.readlink(f"/proc/self/fd/{d}") for d in os.listdir("/proc/self/fd")
             if os.path.exists(f"/proc/self/fd/{d}")}
done = threading.Event()
threading.Thread(target=watch, daemon=True).start()
from avatarify.cli import main
code = main(sys.argv[1:])
print("opened:", opened)
sys.exit(code)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_live_session_with_the_tracker_opens_no_socket(shared: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    save_model(tiny_model("compact"), models / "compact.safetensors")
    (models / "face_landmarker.task").symlink_to(shared / "models" / "face_landmarker.task")
    write_image(tmp_path / "avatar.png", picture(1, 64))
    environment = {
        **os.environ,
        "AVATARIFY_MODELS": str(models),
        "AVATARIFY_CONFIG": str(tmp_path / "config"),
        "AVATARIFY_AVATARS": str(tmp_path),
    }
    arguments = [
        *("run", "--camera", str(shared / "clips" / "d3.mp4"), "--output", "none"),
        *("--avatar", str(tmp_path / "avatar.png"), "--size", "128x96", "--seconds", "4"),
    ]
    finished = subprocess.run(
        [sys.executable, "-c", WATCHED_RUN, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "opened: []" in finished.stdout
    assert "fixed" not in finished.stderr  # the tracker ran
