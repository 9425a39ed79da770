"""Several streams are measured on a tiny model."""

from avatarify.session.bench.streams import measure_streams
from avatarify.session.bench.subjects import Subject
from tests.tiny_models import tiny_model


def test_streams_are_compared_with_both_ways_to_serve_them_one_by_one() -> None:
    found = measure_streams(Subject("tiny", tiny_model("compact")), "cpu", 3, 0.05)
    assert (found.model, found.streams, found.device) == ("tiny", 3, "cpu")
    assert found.note == ""
    assert found.step_ms > 0.0
    assert abs(found.fps_each * found.step_ms - 1e3) < 1e-6
    assert found.times_textbook > 0.0
    assert found.times_alone > 0.0
