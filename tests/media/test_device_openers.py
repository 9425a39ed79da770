"""Files and FIFOs stand in for a loopback device: this machine's kernel cannot make one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from avatarify.media.device_openers import DeviceOpeners
from tests.linux_session import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")

HOLD = """
import os, sys
files = [os.open(sys.argv[1], {mode}) for _ in range({count})]
print(flush=True)
input()
"""


@pytest.fixture(params=["file", "fifo"])
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A thing like a device that this process feeds already."""
    path = tmp_path / "video10"
    if request.param == "fifo":
        os.mkfifo(path)
    else:
        path.touch()
    own = os.open(path, os.O_RDWR)
    yield path
    os.close(own)


@pytest.fixture
def openers(device: Path) -> Iterator[DeviceOpeners]:
    openers = DeviceOpeners(device)
    yield openers
    openers.close()


def open_it(path: Path, mode: str = "os.O_RDONLY", count: int = 1) -> "subprocess.Popen[bytes]":
    """Another program that keeps the device open until it is told."""
    code = HOLD.format(mode=mode, count=count)
    program = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    program.stdout.readline()
    return program


def let_go(program: "subprocess.Popen[bytes]") -> None:
    program.communicate(b"\n", timeout=30)


def test_what_this_program_opened_itself_does_not_count(openers: DeviceOpeners) -> None:
    assert openers.is_open_elsewhere is False


@pytest.mark.parametrize("mode", ["os.O_RDONLY", "os.O_RDWR"])
def test_programs_come_and_go(device: Path, openers: DeviceOpeners, mode: str) -> None:
    program = open_it(device, mode)
    wait_until(lambda: openers.is_open_elsewhere is True, "a reader")
    second = open_it(device, mode)
    let_go(program)
    time.sleep(0.2)
    assert openers.is_open_elsewhere is True
    let_go(second)
    wait_until(lambda: openers.is_open_elsewhere is False, "no reader")


def test_openings_that_arrive_as_one_report_still_count(
    device: Path, openers: DeviceOpeners
) -> None:
    # Twenty at once: the kernel merges equal reports, and each closing would count down.
    many, one = open_it(device, count=20), open_it(device)
    wait_until(lambda: openers.is_open_elsewhere is True, "readers")
    let_go(many)
    time.sleep(0.2)
    assert openers.is_open_elsewhere is True
    let_go(one)
    wait_until(lambda: openers.is_open_elsewhere is False, "no reader")


def test_a_killed_program_reads_no_longer(device: Path, openers: DeviceOpeners) -> None:
    program = open_it(device)
    wait_until(lambda: openers.is_open_elsewhere is True, "a reader")
    program.kill()
    program.communicate()
    wait_until(lambda: openers.is_open_elsewhere is False, "no reader")


def test_a_program_that_was_there_before_is_seen(device: Path) -> None:
    program = open_it(device)
    openers = DeviceOpeners(device)
    assert openers.is_open_elsewhere is True
    let_go(program)
    wait_until(lambda: openers.is_open_elsewhere is False, "no reader")
    openers.close()
    openers.close()


def test_a_device_that_is_not_there_is_not_known(tmp_path: Path) -> None:
    openers = DeviceOpeners(tmp_path / "video9")
    assert openers.is_open_elsewhere is None
    openers.close()
