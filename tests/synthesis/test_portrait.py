import numpy as np
import torch

from avatarify.synthesis.identity import Identity
from avatarify.synthesis.portrait import still, turns
from avatarify.synthesis.stills import KINDS, plan_still

SIZE = (72, 128)


def test_turning_moves_the_head_and_nothing_else() -> None:
    identity = Identity(seed=3, hair_style="buzz", background="interior")
    rotation = torch.tensor([[-30.0, 0.0, 0.0], [0.0, 0.0, 0.0], [30.0, 0.0, 0.0]])
    left, ahead, right = turns(identity, rotation, SIZE, supersampling=1)
    nose = [float(shot.landmarks[1, 0]) for shot in (left, ahead, right)]
    assert nose[0] + 3 < nose[1] < nose[2] - 3
    np.testing.assert_array_equal(left.image[-4:], right.image[-4:])  # chest
    np.testing.assert_array_equal(left.image[:, :24], right.image[:, :24])  # room
    everybody = (left.matte > 0) | (right.matte > 0)
    np.testing.assert_array_equal(left.image[~everybody], right.image[~everybody])


def test_stills_show_what_they_promise() -> None:
    plans = [plan_still(5, index) for index in range(len(KINDS))]
    by_kind = {plan.kind: plan for plan in plans}
    assert set(by_kind) == set(KINDS)
    assert by_kind["glasses"].identity.glasses != "none"
    assert by_kind["beard"].identity.beard > 0.3
    assert abs(float(by_kind["three_quarter"].motion.rotation_deg[0, 0])) == 32
    assert len({plan.identity.seed for plan in plans}) == len(plans)
    assert plan_still(5, 0).identity == plans[0].identity


def test_a_still_is_posed_and_placed() -> None:
    plan = plan_still(6, tuple(KINDS).index("open_mouth"))
    shot = still(plan.identity, plan.motion, SIZE, supersampling=1)
    assert shot.landmarks[14, 1] - shot.landmarks[13, 1] > 1  # lips apart
    assert abs(float(np.ptp(shot.landmarks[:468, 1])) / 72 - 0.46) < 0.06
