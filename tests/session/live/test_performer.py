"""The animating stage alone, by invented times."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.live.listener import EngineReport, LiveListener, Notice, Topic
from avatarify.session.live.performer import Performer
from avatarify.session.live.sighting import CalibrationFrame, Driving, Sighting
from avatarify.streaming.output_picture import Origin

DRIVING = np.full((32, 32, 3), 100, np.uint8)


class Notices(LiveListener):
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.xray: list[str] = []
        self.models: list[str] = []

    def engine_ready(self, report: EngineReport) -> None:
        self.models.append(report.model)

    def noticed(self, notice: Notice) -> None:
        if notice.topic is Topic.MODEL:
            self.texts.append(notice.text)
        if notice.topic is Topic.XRAY:
            self.xray.append(notice.text)


@pytest.fixture
def engine(make_engine: Callable[[], Any]) -> Any:
    return make_engine()


@pytest.fixture
def listener() -> Notices:
    return Notices()


@pytest.fixture
def performer(engine: Any, listener: Notices, portrait: Image) -> Performer:
    performer = Performer(listener, lambda: None)
    performer.load(lambda: engine)
    performer.set_avatar(Avatar("grey", portrait), 5, None)
    return performer


def seen(
    time_s: float, number: int = 0, *, driving: Image = DRIVING, has_face: bool = True
) -> Sighting:
    calibration = CalibrationFrame(number, Driving(driving)) if number else None
    return Sighting(Driving(driving), time_s, 0, has_face, calibration)


def test_nothing_is_shown_before_calibration(performer: Performer) -> None:
    assert performer.work(seen(0.0)) is None
    assert performer.work(seen(1.0)) is None


def test_pictures_carry_origin_time_and_generation(performer: Performer) -> None:
    performer.work(seen(0.0, 1))
    picture = performer.work(seen(1.0, 1))
    assert picture is not None
    assert picture.origin is Origin.AVATAR
    assert (picture.time_s, picture.generation) == (1.0, 5)


def test_a_calibration_frame_is_taken_once_though_it_comes_with_every_sighting(
    performer: Performer,
) -> None:
    bright = np.full((32, 32, 3), 200, np.uint8)
    performer.work(seen(0.0, 1))
    first = performer.reference
    assert first is not None
    performer.work(seen(0.1, 1, driving=bright))
    assert performer.reference == first
    assert not performer.can_undo
    performer.work(seen(0.2, 2, driving=bright))
    assert performer.can_undo


def test_undo_twice_comes_back(performer: Performer) -> None:
    levels = []
    for number, level in ((1, 100), (2, 200)):
        performer.work(seen(number, number, driving=np.full((32, 32, 3), level, np.uint8)))
    for _ in range(3):
        reference = performer.reference
        assert reference is not None
        levels.append(float(reference.arrays[0][1][0]))
        performer.undo_calibration()
    assert levels == [200, 100, 200]


def test_a_device_that_is_replaced_while_it_runs_is_told_once(
    performer: Performer, engine: Any, listener: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    performer.work(seen(0.0, 1))
    told = len(listener.models)
    replaced = replace(engine.report, note="The processor paints instead.")
    monkeypatch.setattr(type(engine), "report", property(lambda self: replaced))
    for index in range(1, 4):
        performer.work(seen(float(index), 1))
    assert len(listener.models) == told + 1


def test_a_failing_model_is_left_alone_for_a_while(
    performer: Performer, engine: Any, listener: Notices
) -> None:
    performer.work(seen(0.0, 1))
    engine.error = RuntimeError("out of memory")
    assert performer.work(seen(1.0)) is None
    assert performer.is_failing
    engine.error = None
    assert performer.work(seen(1.1)) is None  # the first pause is 0.25 s
    assert performer.work(seen(1.3)) is not None
    assert not performer.is_failing
    assert listener.texts[-1] == ""
    assert "out of memory" in listener.texts[-2]


def test_the_drivers_picture_is_never_the_result(performer: Performer, engine: Any) -> None:
    performer.work(seen(0.0, 1))
    engine.returns_camera = True
    assert performer.work(seen(1.0)) is None
    assert performer.is_failing


def test_nonsense_is_never_the_result(performer: Performer, engine: Any) -> None:
    performer.work(seen(0.0, 1))
    for nonsense in (np.zeros((4, 4), np.uint8), np.full((4, 4, 3), np.nan, np.float32)):
        engine.animate = lambda *_, result=nonsense: result
        assert performer.work(seen(10.0)) is None
        assert performer.is_failing


def test_a_lost_face_relaxes_from_the_last_seen_one(performer: Performer, engine: Any) -> None:
    performer.work(seen(0.0, 1))
    performer.work(seen(1.0))
    wall = np.zeros((32, 32, 3), np.uint8)
    for step in range(1, 12):
        performer.work(seen(1.0 + step / 10, driving=wall, has_face=False))
    assert engine.strengths == sorted(engine.strengths, reverse=True)
    assert engine.strengths[-1] < 0.1
    assert performer.work(seen(3.0, driving=wall, has_face=False)) is None


def test_a_reference_of_another_model_is_left_alone(performer: Performer) -> None:
    performer.use_reference(DrivingReference("other", (("level", np.zeros(1, np.float32)),)))
    assert performer.reference is None


def test_a_reference_waits_for_the_model(engine: Any, listener: Notices, portrait: Image) -> None:
    performer = Performer(listener, lambda: None)
    kept = DrivingReference("shift", (("level", np.array([42.0], np.float32)),))
    performer.set_avatar(Avatar("grey", portrait), 1, kept)
    assert not performer.is_calibrated
    performer.load(lambda: engine)
    assert performer.is_calibrated
    performer.close()
    assert engine.is_closed


def test_another_model_for_another_avatar_is_told_once(
    engine: Any, listener: Notices, portrait: Image
) -> None:
    performer = Performer(listener, lambda: None)
    performer.load(lambda: engine)
    performer.set_avatar(Avatar("grey", portrait), 1, None)
    assert listener.models == ["shift"]
    engine.model = "substitute"
    performer.set_avatar(Avatar("wall", portrait), 2, None)
    performer.set_avatar(Avatar("wall", portrait), 3, None)
    assert listener.models[1:] == ["substitute"]


def test_an_x_ray_that_fails_stops_alone(
    performer: Performer, engine: Any, listener: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(driving: Image) -> None:
        raise RuntimeError("no memory")

    performer.work(seen(0.0, 1))
    with monkeypatch.context() as patch:
        patch.setattr(engine, "xray", fail)
        performer.set_xray(True)
        assert performer.work(seen(1.0, 1)) is not None
        assert performer.work(seen(2.0, 1)) is not None
    assert not performer.is_failing
    assert listener.xray == ["", "The X-ray stopped: no memory. The avatar goes on."]
    performer.set_xray(True)  # switched on again, it tries again
    assert performer.work(seen(3.0, 1)) is not None
    assert listener.xray[2:] == [""]
