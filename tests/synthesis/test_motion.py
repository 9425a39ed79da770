from functools import cache

import torch

from avatarify.synthesis.expression import EXPRESSION_NAMES
from avatarify.synthesis.motion import neutral, random_motion
from avatarify.synthesis.performance import DEMO_SECONDS, demo_motion


def draw(seed: int, frames: int = 200, liveliness: float = 1.0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return list(random_motion(generator, frames, 25.0, liveliness))


drawn = cache(draw)
"""For tests that only look at it: a third of a second for each."""


def test_a_seed_fixes_the_motion() -> None:
    for first, second in zip(draw(3), draw(3), strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(draw(3)[0], draw(4)[0])


def test_motion_stays_in_range() -> None:
    for seed in range(5):
        rotation, translation, scale, expression = drawn(seed)
        assert (rotation.abs() <= torch.tensor([35.0, 20.0, 20.0])).all()
        assert translation.abs().max() < 0.15
        assert 0.75 < scale.min() <= scale.max() < 1.35
        signed = [EXPRESSION_NAMES.index(name) for name in ("jaw_side", "gaze_x", "gaze_y")]
        assert (expression.abs() <= 1).all()
        unsigned = [index for index in range(len(EXPRESSION_NAMES)) if index not in signed]
        assert (expression[:, unsigned] >= 0).all()


def test_heads_move_smoothly() -> None:
    rotation = torch.cat([drawn(seed)[0] for seed in range(4)])
    assert rotation[:, 0].std() > 5
    steps = torch.cat([torch.diff(drawn(seed)[0], dim=0) for seed in range(4)])
    assert steps.abs().max() < 12  # degrees in 1/25 s


def test_stillness_is_neutral_but_for_blinks() -> None:
    rotation, translation, scale, expression = draw(1, liveliness=0.0)
    assert rotation.abs().max() == 0
    assert translation.abs().max() == 0
    assert torch.equal(scale, torch.ones(200))
    assert expression[:, EXPRESSION_NAMES.index("smile_left")].abs().max() == 0


def test_lids_close_as_often_as_asked() -> None:
    def closed(blinks: float) -> float:
        draws = (
            random_motion(torch.Generator().manual_seed(seed), 200, 2.5, blinks=blinks)
            for seed in range(5)
        )
        lids = [motion.expression[:, EXPRESSION_NAMES.index("blink_left")] for motion in draws]
        return float((torch.cat(lids) > 0.5).float().mean())

    assert closed(1.0) < 0.12 < closed(3.0) < 0.4


def test_the_demo_starts_and_ends_neutral_and_does_everything() -> None:
    motion = demo_motion(30.0)
    assert len(motion.scale) == round(30 * DEMO_SECONDS)
    for part, still in zip(motion, neutral(), strict=True):
        torch.testing.assert_close(part[0], still[0])
        torch.testing.assert_close(part[-1], still[0])
    assert motion.rotation_deg[:, 0].max() > 20
    assert motion.rotation_deg[:, 0].min() < -20
    for name in ("jaw_open", "smile_left", "brow_inner", "blink_left", "pucker"):
        assert motion.expression[:, EXPRESSION_NAMES.index(name)].max() > 0.5
