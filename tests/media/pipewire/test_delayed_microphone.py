"""A made microphone that clicks, and a recorder that hears it and the delayed one at once."""

import os
import signal
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from avatarify.media.pipewire.delayed_microphone import DelayedMicrophone
from tests.linux_session import LinuxSession, wait_until

RATE = 48_000
CLICKS_EVERY_S = 1.0
_HEADER_BYTES = 44
pytestmark = pytest.mark.camera


@pytest.fixture
def clicking(pipewire_session: LinuxSession, tmp_path: Path) -> LinuxSession:
    """A session with one microphone, `testmic`, in which a second lies between two clicks."""
    session = pipewire_session
    sound = np.zeros(30 * RATE)
    click = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 100) / RATE)
    for start in range(0, len(sound), round(CLICKS_EVERY_S * RATE)):
        sound[start : start + len(click)] = click
    with wave.open(str(tmp_path / "clicks.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    session.start(
        [
            "pw-loopback",
            "--capture-props=media.class=Audio/Sink node.name=testsink",
            "--playback-props=media.class=Audio/Source node.name=testmic",
        ]
    )
    wait_until(lambda: "testmic" in session.output(["pw-cli", "ls", "Node"]), "the microphone")
    session.start(["pw-cat", "-p", "--target", "testsink", tmp_path / "clicks.wav"])
    return session


@pytest.fixture
def microphone(clicking: LinuxSession) -> Iterator[DelayedMicrophone]:
    microphone = DelayedMicrophone(200)
    wait_until(lambda: microphone.is_ready, "the delayed microphone")
    yield microphone
    microphone.close()


def record(session: LinuxSession, path: Path, enough: Callable[[np.ndarray], bool]) -> np.ndarray:
    """Hear both until it is enough: (N, 2), the microphone on the left, the delayed on the right.

    How long that takes depends on the machine: a busy one starts the recorder late.
    """
    recorder = session.start(
        ["pw-record", "--target", "0", "--rate", str(RATE), "--channels", "2", path]
    )
    wait_until(lambda: "pw-record:input_FR" in session.output(["pw-link", "-i"]), "the recorder")
    session.output(["pw-link", "testmic:capture_FL", "pw-record:input_FL"])
    session.output(["pw-link", "avatarify-microphone:capture_MONO", "pw-record:input_FR"])
    wait_until(lambda: enough(_heard(path)), "the clicks", timeout_s=30)
    os.kill(recorder.pid, signal.SIGINT)
    recorder.wait(timeout=10)
    return _heard(path)


def _heard(path: Path) -> np.ndarray:
    """Read what a recorder has written until now: its header tells the length only at the end."""
    content = path.read_bytes()[_HEADER_BYTES:] if path.exists() else b""
    return np.frombuffer(content[: len(content) // 4 * 4], "<i2").reshape(-1, 2) / 32768


def lateness_ms(heard: np.ndarray) -> list[float]:
    """By how much each click is late; the last ones may have been heard once only."""
    first, delayed = clicks_ms(heard[:, 0]), clicks_ms(heard[:, 1])
    later = [delayed[delayed > click] - click for click in first]
    return [float(ways.min()) for ways in later if len(ways)]


def clicks_ms(heard: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(heard) > 0.1)
    is_first = np.r_[True, np.diff(loud) > RATE // 10] if len(loud) else np.zeros(0, bool)
    return loud[is_first] / RATE * 1000


@pytest.mark.parametrize("delay_ms", [200, 420])
def test_the_voice_comes_as_much_later_as_wanted(
    clicking: LinuxSession, microphone: DelayedMicrophone, tmp_path: Path, delay_ms: int
) -> None:
    microphone.set_delay(delay_ms)
    heard = record(clicking, tmp_path / "both.wav", lambda heard: len(lateness_ms(heard)) >= 3)
    assert np.median(lateness_ms(heard)) == pytest.approx(delay_ms, abs=45)  # two quanta


def test_muted_it_is_silent_and_stays(
    clicking: LinuxSession, microphone: DelayedMicrophone, tmp_path: Path
) -> None:
    microphone.set_muted(True)
    heard = record(clicking, tmp_path / "muted.wav", lambda heard: len(clicks_ms(heard[:, 0])) >= 3)
    assert np.abs(heard[:, 1]).max() == 0
    assert "avatarify-microphone" in clicking.output(["pw-cli", "ls", "Node"])
    microphone.set_muted(False)
    record(clicking, tmp_path / "again.wav", lambda heard: len(clicks_ms(heard[:, 1])) >= 2)


def test_the_level_is_heard_and_it_never_hears_itself(
    clicking: LinuxSession, microphone: DelayedMicrophone
) -> None:
    wait_until(lambda: microphone.level_db > -40, "a click")
    links = clicking.output(["pw-link", "-l"])
    heard = links.split("\navatarify-microphone-input:", 1)[1].splitlines()[1]
    assert heard.strip().startswith("|<- test")


def test_it_goes_when_it_is_closed_and_keeps_nothing(
    clicking: LinuxSession, microphone: DelayedMicrophone, tmp_path: Path
) -> None:
    before = set(tmp_path.rglob("*"))
    microphone.close()
    microphone.close()
    wait_until(
        lambda: "avatarify-microphone" not in clicking.output(["pw-cli", "ls", "Node"]), "its end"
    )
    assert not [path for path in set(tmp_path.rglob("*")) - before if path.is_file()]


def test_without_pipewire_it_says_what_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPEWIRE_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    microphone = DelayedMicrophone(200)
    wait_until(lambda: microphone.problem != "", "the reason", timeout_s=20)
    assert "systemctl --user start" in microphone.problem or "Install PipeWire" in (
        microphone.problem
    )
    microphone.close()
