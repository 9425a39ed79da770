import numpy as np
import pytest

from avatarify.synthesis.clips import ClipSettings, plan_clip, render_clip


def test_a_clip_is_fixed_by_seed_and_number() -> None:
    settings = ClipSettings(frames=2, size=48, seed=5, supersampling=1)
    first, second = list(render_clip(settings, 3)), list(render_clip(settings, 3))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.image, other.image)
        assert np.array_equal(one.landmarks, other.landmarks)
    assert first[0].image.shape == (48, 48, 3)
    assert first[0].image.dtype == np.uint8
    assert first[0].landmarks.shape == (478, 3)
    assert first[0].matte.shape == (48, 48)
    assert plan_clip(settings, 3)[0] == plan_clip(settings, 3)[0]
    assert plan_clip(settings, 3)[0] != plan_clip(settings, 4)[0]


def test_styles() -> None:
    styles = {plan_clip(ClipSettings(style="mixed"), index)[0].style for index in range(20)}
    assert styles == {"real", "cartoon"}
    assert plan_clip(ClipSettings(style="cartoon"), 0)[0].style == "cartoon"


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        ClipSettings(frames=0)
    with pytest.raises(ValueError, match="impossible"):
        ClipSettings(size=4)
    with pytest.raises(ValueError, match="impossible"):
        ClipSettings(fps=0.0)
