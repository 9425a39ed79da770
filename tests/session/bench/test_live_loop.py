"""The stop watch of the live loop moves when the work does. No test asks for an absolute speed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avatarify.animation.checkpoint import save_model
from avatarify.cli.bench import CLIP
from avatarify.errors import AvatarifyError
from avatarify.frames import Frame, FrameSource, Image
from avatarify.media.video_file import VideoFile
from avatarify.media.video_writer import VideoWriter
from avatarify.session.avatars.profiles import ProfileStore
from avatarify.session.bench import live_loop, whole
from avatarify.session.bench.live_loop import Live, LoopSettings, run_live
from avatarify.session.keeping.settings import CameraSettings, OutputSettings
from avatarify.session.live.parts import LiveParts
from avatarify.session.live.sighting import Driving
from avatarify.tracking.face import Face
from tests.tiny_models import tiny_model


@dataclass
class Finder:
    """Finds a face in every frame."""

    make: Callable[[Image], Face]

    name = "made for tests"

    def find_all(self, image: Image, time_s: float = 0.0) -> tuple[Face, ...]:
        return (self.make(image),)

    def prefer(self, face: Face) -> None:
        pass

    def close(self) -> None:
        pass


Measure = Callable[..., Live]


@pytest.fixture
def measure(
    tmp_path: Path,
    make_engine: type[Any],
    find_face: Callable[[Image], Face],
    monkeypatch: pytest.MonkeyPatch,
) -> Measure:
    """Measures a loop whose engine does `work` for each frame, from soon after it is live."""
    monkeypatch.setattr(live_loop, "_WARM_UP_S", 0.2)
    clip = tmp_path / "clip.mp4"
    with VideoWriter(clip, 30) as writer:
        for index in range(15):
            writer.write(Frame(np.full((64, 64, 3), 90 + index, np.uint8), index / 30, index))

    def unused(settings: OutputSettings) -> Any:
        raise AssertionError("a measured loop has no device")

    def run(work: Callable[[], None], *, is_limited: bool, seconds: float = 0.5) -> Live:
        class Worker(make_engine):  # type: ignore[misc]  # a fixture: its class has no name here
            def animate(self, driving: Driving, time_s: float, strength: float) -> Image:
                work()
                picture: Image = super().animate(driving, time_s, strength)
                return picture

        def camera_opener(
            settings: CameraSettings, tell: Callable[[str], None]
        ) -> Callable[[], FrameSource]:
            from avatarify.media.live_source import LiveWishes, SourceOpener

            return SourceOpener(settings.name, LiveWishes(loop=settings.loop))

        parts = LiveParts(
            camera_opener=camera_opener,
            open_virtual_camera=unused,
            open_recording=lambda path, fps: unused(OutputSettings()),
            load_engine=lambda settings: Worker(),
            open_finder=lambda: Finder(find_face),
            has_tracker=lambda: True,
            find_portrait_face=find_face,
            profiles=ProfileStore(tmp_path / "profiles"),
        )
        return run_live(LoopSettings(str(clip), "any", seconds, is_limited), parts)

    return run


def test_capacity_is_the_work_and_not_the_pacer(measure: Measure) -> None:
    slow = measure(lambda: time.sleep(0.1), is_limited=False, seconds=1.0)
    quick = measure(lambda: None, is_limited=False)
    assert 0.0 < slow.fps <= 11.0  # one frame of the window may have begun before it
    assert quick.fps > slow.fps
    assert slow.median_ms >= 100.0


def test_the_output_sets_the_rate_at_30_fps_and_what_moved_the_avatar_is_told(
    measure: Measure, make_engine: type[Any]
) -> None:
    live = measure(lambda: None, is_limited=True, seconds=1.0)
    assert live.fps <= 34.0
    assert live.device == make_engine().report.device != ""


def _burn() -> None:
    until_s = time.thread_time() + 0.01
    while time.thread_time() < until_s:
        pass


def test_processor_time_is_what_the_work_burns(measure: Measure) -> None:
    burning = measure(_burn, is_limited=True)
    assert burning.processor_threads >= 0.009 * burning.fps  # 10 ms a frame, but for the edges
    resting = measure(lambda: time.sleep(0.01), is_limited=True)
    assert resting.processor_threads / resting.fps < burning.processor_threads / burning.fps


def test_a_session_that_does_not_move_is_told(
    measure: Measure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_loop, "_PATIENCE_S", 0.5)

    def fail() -> None:
        raise RuntimeError("no")

    with pytest.raises(AvatarifyError, match="does not move"):
        measure(fail, is_limited=True)


@pytest.mark.slow
def test_the_product_itself_in_a_process_of_its_own(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVATARIFY_MODELS", str(shared / "models"))
    monkeypatch.setenv("AVATARIFY_CONFIG", str(tmp_path / "configuration"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = tmp_path / "tiny.safetensors"
    save_model(tiny_model("compact"), model, {})
    with VideoFile(CLIP) as video:
        assert video.fps == 30
    live = whole.measure_live(CLIP, str(model), 1.0)
    assert 0.0 < live.fps <= 34.0
    assert live.processor_threads > 0.0
    assert live.peak_memory_mb is None or live.peak_memory_mb > 50.0
    assert {"track", "animate", "compose"} <= {name for name, _ in live.stages_ms}
    assert not (tmp_path / "configuration").exists()
