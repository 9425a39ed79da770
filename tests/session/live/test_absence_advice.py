"""A driver who is not seen is told why, and no longer when seen again."""

from typing import Any

import numpy as np

from avatarify.session.live.absence_advice import AbsenceAdvice
from avatarify.session.live.listener import Topic
from avatarify.tracking.missing_face import Missing

PICTURE = np.zeros((4, 4, 3), np.uint8)


def test_the_reason_is_told_after_a_while_once_and_withdrawn() -> None:
    reasons = [Missing.FAR, Missing.FAR, Missing.COVERED]
    advice = AbsenceAdvice(lambda image: reasons.pop(0))
    told = [advice.update(PICTURE, second / 2, has_face=False) for second in range(22)]
    assert [words for words in told if words] == [Missing.FAR.value, Missing.COVERED.value]
    assert told.index(Missing.FAR.value) == 4  # after two seconds
    assert reasons == []  # looked at every four seconds, not at every frame
    assert advice.update(PICTURE, 11.5, has_face=True) == ""
    assert advice.update(PICTURE, 12.0, has_face=True) is None


def test_a_session_tells_why_no_face_is_seen(make_stage: Any, settings: Any) -> None:
    stage = make_stage(settings)
    stage.absence = lambda image: Missing.CUT_OFF
    stage.camera.colour = (254, 0, 255)  # in which no face is found
    stage.session.start()

    def told() -> list[str]:
        return [n.text for n in stage.diary.notices if n.topic is Topic.FACE_MISSING]

    stage.until(told)
    assert told() == [Missing.CUT_OFF.value]
    stage.camera.colour = (255, 0, 255)
    stage.until(lambda: told()[-1] == "")
    stage.session.stop()
