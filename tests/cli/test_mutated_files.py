"""500 damaged pictures, clips, YAMLs, settings, motion and model files through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutated_files import cases, damaged

ROOT = Path(__file__).resolve().parents[2]
SEEDS, CASES_EACH = (1, 2), 250


@pytest.mark.endurance
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="forks, and reads /proc")
def test_no_damaged_file_ends_in_a_traceback_a_hang_or_all_the_memory(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "tests" / "mutated_files.py")]
    runs = []
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        runs.append(
            subprocess.Popen(
                [*script, str(folder), str(seed), str(CASES_EACH)],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                text=True,
            )
        )
    reports = [json.loads(line) for run in runs for line in run.communicate()[0].splitlines()]
    assert len(reports) == len(SEEDS) * CASES_EACH
    wrong = [report for report in reports if report["complaint"]]
    assert not wrong, json.dumps(wrong[:5], indent=1)
    assert {report["code"] for report in reports} == {0, 1}


def test_the_same_seed_is_the_same_run() -> None:
    whole = bytes(range(256)) * 20
    first, second = (
        [(kind, name, words, damaged(whole, chance)) for kind, name, words, chance in cases(7, 40)]
        for _ in range(2)
    )
    assert first == second
    assert len({content for *_, content in first}) > 30
