"""The figure is drawn for every architecture; that it can be read was looked at by eye."""

import numpy as np
import pytest

from avatarify.animation.animator import PortraitAnimator
from avatarify.animation.decomposition_figure import draw_explanation
from avatarify.animation.decomposition_panels import Explanation
from avatarify.animation.settings import MotionSettings
from avatarify.animation.torch_engine import TorchEngine
from tests.tiny_models import picture, tiny_model


@pytest.mark.parametrize(
    ("architecture", "motion"),
    [("fomm", "absolute"), ("monkey-net", "relative"), ("compact", "relative")],
)
def test_twelve_panels(architecture: str, motion: str) -> None:
    portrait, driving = picture(1, 64), picture(3, 64)
    reference = picture(2, 64) if motion == "relative" else None
    settings = MotionSettings("relative" if motion == "relative" else "absolute")
    with PortraitAnimator(TorchEngine(tiny_model(architecture)), settings) as animator:
        animator.set_source(portrait)
        if reference is not None:
            animator.calibrate(reference)
        drawn = draw_explanation(
            Explanation(portrait, driving, reference, animator.decompose(driving))
        )
    assert drawn.dtype == np.uint8
    assert drawn.shape[2] == 3
    assert min(drawn.shape[:2]) > 1500
    # Twelve panels in three rows: white gaps between them, and ink in each.
    ink = (drawn < 250).any(axis=2)
    assert ink.mean() > 0.3
