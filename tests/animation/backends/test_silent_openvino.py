"""OpenVINO reports its use to Google as soon as it is imported, unless it is kept from that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

OPEN_A_MODEL = """
import sys
from avatarify.animation.backends.choice import open_engine
from tests.tiny_models import tiny_model

assert open_engine(tiny_model("compact"), "cpu").description.backend == "openvino"
print(*(name for name in sys.modules if "telemetry" in name or name.startswith("openvino.tools.")))
"""


def test_no_telemetry_is_loaded_and_no_identity_made(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    finished = subprocess.run(
        [sys.executable, "-c", OPEN_A_MODEL],
        cwd=ROOT,
        env={**environment, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    # The converter's own name stands for "not to be found".
    assert finished.stdout.split() in ([], ["openvino.tools.ovc"])
    assert not (tmp_path / "intel").exists()
