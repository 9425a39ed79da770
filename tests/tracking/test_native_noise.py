import os
import subprocess
import sys

import pytest

from avatarify.tracking.native_noise import quiet_stderr


def test_native_lines_are_dropped_and_others_kept(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"W0000 00:00:1.2 77 graph.cc:17] talk\n")
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n")
        os.write(2, b"avatarify: the camera is gone\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "avatarify: the camera is gone\n"


def test_stderr_is_restored_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), quiet_stderr():
        raise KeyError("x")
    os.write(2, b"W0000 still here\n")
    assert capfd.readouterr().err == "W0000 still here\n"


def test_without_a_stderr_nothing_is_done() -> None:
    code = (
        "import os; os.close(2)\n"
        "from avatarify.tracking.native_noise import quiet_stderr\n"
        "with quiet_stderr(): print('done')"
    )
    result = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False)
    assert result.stdout == b"done\n"
    assert result.returncode == 0
