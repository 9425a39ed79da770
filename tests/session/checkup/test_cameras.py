from dataclasses import replace

from avatarify.media.v4l2 import VideoDevice
from avatarify.media.virtual_outputs import OutputChoice
from avatarify.session.checkup.cameras import (
    check_virtual_cameras,
    judge_devices,
    judge_outputs,
)
from avatarify.session.checkup.doctor import CHECKS, examine
from avatarify.session.checkup.finding import Level

WEBCAM = VideoDevice(0, "/dev/video0", "HD Webcam", "uvcvideo", True, False)
LOOPBACK = VideoDevice(10, "/dev/video10", "Avatarify", "v4l2 loopback", True, True)
LOCKED = VideoDevice(1, "/dev/video1", "Other", "", True, False)
READY = OutputChoice("pipewire", "PipeWire camera", True, "good to know")
MISSING = OutputChoice("v4l2loopback", "kernel camera", False, "run modprobe")


def test_webcams_are_named_and_our_own_camera_is_none() -> None:
    permissions, cameras = judge_devices([WEBCAM, LOOPBACK], "ada")
    assert permissions.level is Level.OK
    assert cameras.text == "HD Webcam (/dev/video0)"


def test_a_locked_device_gets_the_line_that_opens_it() -> None:
    permissions = next(judge_devices([LOCKED], "ada"))
    assert permissions.level is Level.PROBLEM
    assert next(judge_devices([WEBCAM, LOCKED], "ada")).level is Level.WARNING  # one is enough
    assert "sudo usermod -aG video ada" in permissions.advice


def test_no_webcam_is_a_warning() -> None:
    assert [finding.level for finding in judge_devices([LOOPBACK], "ada")][-1] is Level.WARNING


def test_one_virtual_camera_is_enough() -> None:
    levels = [finding.level for finding in judge_outputs([MISSING, READY])]
    assert levels == [Level.OK, Level.OK]


def test_no_virtual_camera_is_a_problem_with_advice_for_each() -> None:
    (finding,) = judge_outputs([MISSING])
    assert finding.level is Level.PROBLEM
    assert finding.advice == "run modprobe"
    assert [finding.level for finding in judge_outputs([])] == [Level.WARNING]


def test_where_several_are_missing_one_problem_is_enough() -> None:
    levels = [finding.level for finding in judge_outputs([MISSING, replace(READY, ready=False)])]
    assert sorted(levels) == [Level.PROBLEM, Level.WARNING]


def test_the_doctor_lists_each_virtual_camera_once() -> None:
    subjects = [finding.subject for finding in examine((check_virtual_cameras,))]
    assert len(subjects) == len(set(subjects))
    assert sum("pipewire" in subject.lower() for subject in subjects) <= 1
    assert not any("pipewire" in check.__name__ for check in CHECKS)
