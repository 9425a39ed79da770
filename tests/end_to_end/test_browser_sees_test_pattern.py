import sys
from pathlib import Path

import numpy as np
import pytest

from avatarify.media.test_pattern import BAR_COLOURS
from tests.end_to_end.browser import watch_camera
from tests.linux_session import LinuxSession, wait_until

SENDER = Path(__file__).with_name("send_test_pattern.py")
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.camera
def test_chromium_plays_our_camera(desktop: LinuxSession, tmp_path: Path) -> None:
    desktop.start([sys.executable, SENDER], {"PYTHONPATH": str(REPOSITORY)})
    wait_until(lambda: '"Avatarify"' in desktop.output(["pw-cli", "ls", "Node"]), "our camera")
    seen = watch_camera(desktop, tmp_path, "Avatarify", seconds=3)
    assert seen.labels == ["Avatarify"]
    assert seen.size == (720, 1280)
    assert seen.fps >= 25
    assert seen.longest_gap_s < 1
    bars = [seen.picture[60, int(1280 * (bar + 0.5) / 7)] for bar in range(7)]
    np.testing.assert_allclose(bars, BAR_COLOURS, atol=8)
