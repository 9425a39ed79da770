import pytest
import torch

from avatarify.animation.face.person_painter import PersonPainters
from avatarify.animation.native.library import native_library
from avatarify.session.checkup.face_engine import check_face_engine, judge
from avatarify.session.checkup.finding import Level


def test_without_a_card_the_processor_paints() -> None:
    finding = judge(PersonPainters())
    assert finding.level is Level.OK
    how = (
        "by compiled functions"
        if native_library()
        else "by OpenCV: the compiled functions are missing"
    )
    assert finding.text == f"painted by the processor, {how}"


@pytest.mark.skipif(torch.cuda.is_available(), reason="has a card")
def test_this_machine_says_who_paints() -> None:
    (finding,) = check_face_engine()
    assert "processor" in finding.text


def test_a_card_is_tried_and_what_is_wrong_with_it_is_said() -> None:
    finding = judge(PersonPainters(torch.device("meta")))
    assert finding.level is Level.OK
    assert finding.text.startswith("The processor paints instead of meta: it failed (")


def test_a_device_that_paints_alike_is_named() -> None:
    painters = PersonPainters(torch.device("cpu"), must_be_faster=False)
    painters._name = "cuda (a card)"
    assert judge(painters).text == "painted by cuda (a card)"
