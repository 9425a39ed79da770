"""What the terminal is told, and what makes a run useless."""

from dataclasses import replace

import pytest

from avatarify.cli.live_console import ConsoleListener, describe, measured
from avatarify.errors import AvatarifyError, CameraError, CheckpointError, VirtualCameraError
from avatarify.session.keeping.settings import Settings
from avatarify.session.live.listener import LiveState, Notice, Topic
from avatarify.session.live.live_session import LiveSession
from avatarify.streaming.statistics import Percentiles, StreamReport


def report(frames_captured: int, latency: Percentiles | None = None) -> StreamReport:
    return StreamReport(
        elapsed_s=1.0,
        frames_captured=frames_captured,
        frames_delivered=0,
        frames_repeated=0,
        frames_dropped=7,
        capture_fps=30.0,
        output_fps=29.5,
        latency=latency,
        longest_gap_s=0.0,
        stages=(),
    )


class FinishedSession(LiveSession):
    """A session that never ran but has a report."""

    def __init__(self, frames_captured: int) -> None:
        super().__init__(Settings())
        self._captured = frames_captured

    def report(self) -> StreamReport:
        return report(self._captured)


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path_factory.mktemp("config")))


def test_a_notice_is_printed_once_and_its_end_too(capsys: pytest.CaptureFixture[str]) -> None:
    listener = ConsoleListener()
    for text in ("The camera is gone.", "The camera is gone.", "", ""):
        listener.noticed(Notice(Topic.CAMERA, text))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["avatarify: The camera is gone.", "avatarify: The camera works again."]


def test_a_log_gets_the_states(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleListener().state_changed(LiveState.LIVE)
    assert capsys.readouterr().err == "avatarify: live.\n"


def test_the_measurements_fit_a_line() -> None:
    assert describe(report(1)) == "29.5 fps of 30.0, no latency yet, 7 dropped"
    line = describe(report(1, Percentiles(median_ms=41.6, p95_ms=55.2)))
    assert line == "29.5 fps of 30.0, latency 42 ms (p95 55), 7 dropped"


def test_the_end_says_in_words_what_was_measured() -> None:
    words = measured(report(1, Percentiles(median_ms=41.6, p95_ms=55.2)))
    assert words == (
        "Measured: 29.5 of 30.0 camera pictures a second, 42 ms from camera to picture (95 % "
        "within 55 ms); 7 left out to stay live."
    )
    assert "ms" not in measured(report(1))


def test_a_run_that_rested_at_its_end_measured_something_all_the_same() -> None:
    rested = replace(report(900), output_fps=0.0, capture_fps=28.2, frames_delivered=610)
    assert measured(rested) == "Measured: 610 of 900 camera pictures; 7 left out to stay live."


@pytest.mark.parametrize(
    ("topic", "captured", "kind"),
    [
        (Topic.CAMERA, 0, CameraError),
        (Topic.MODEL, 9, CheckpointError),
        (Topic.OUTPUT, 9, VirtualCameraError),
    ],
)
def test_a_useless_run_is_an_error(topic: Topic, captured: int, kind: type[AvatarifyError]) -> None:
    listener = ConsoleListener()
    listener.noticed(Notice(topic, "It is broken. Mend it."))
    with pytest.raises(kind, match="Mend it"):
        listener.raise_if_useless(FinishedSession(captured))


def test_trouble_that_is_over_is_no_error() -> None:
    listener = ConsoleListener()
    listener.noticed(Notice(Topic.OUTPUT, "It is broken."))
    listener.noticed(Notice(Topic.OUTPUT, ""))
    listener.raise_if_useless(FinishedSession(9))
