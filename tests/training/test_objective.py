"""One forward pass: which terms there are, and that they do what the settings say."""

import pytest
import torch
from torch import Tensor, nn

from avatarify.networks.motion_model import build
from avatarify.training.objective import Objective, Step, total
from avatarify.training.pair_random import PairRandom
from avatarify.training.pairs import PairSampler
from avatarify.training.settings import DataSettings, GuidanceSettings, LossSettings
from tests.training.conftest import MakeSettings


def first_step(make_settings: MakeSettings, at: int = 0, **changes: object) -> Step:
    settings = make_settings(**changes)
    torch.manual_seed(0)
    sampler = PairSampler(settings.data, settings.model.image_size, 0)
    objective = Objective(build(settings.model), settings, sampler.canonical)
    return objective(sampler.batch(0, 2), at, PairRandom(0, at, range(2)))


def test_the_guided_terms(make_settings: MakeSettings) -> None:
    step = first_step(make_settings)
    assert set(step.terms) == {
        "guidance", "pixel", "gradient", "warped_pixel", "warped_gradient"
    }  # fmt: skip
    assert total(step.terms).item() == pytest.approx(sum(t.item() for t in step.terms.values()))


@pytest.mark.parametrize("architecture", ["compact", "fomm", "monkey-net"])
def test_both_motion_orders_learn_without_guidance(
    make_settings: MakeSettings, architecture: str
) -> None:
    step = first_step(
        make_settings,
        architecture=architecture,
        guidance=GuidanceSettings(),
        loss=LossSettings(
            pyramid_levels=2, structure=0.5, equivariance_value=10.0, equivariance_jacobian=10.0
        ),
    )
    assert {"structure", "equivariance_value", "equivariance_jacobian"} <= set(step.terms)
    assert "guidance" not in step.terms
    jacobian = step.terms["equivariance_jacobian"].item()
    assert (jacobian == 0.0) is (architecture == "monkey-net")
    total(step.terms).backward()  # type: ignore[no-untyped-call]


def test_a_weight_of_zero_switches_a_term_off(make_settings: MakeSettings) -> None:
    step = first_step(make_settings, loss=LossSettings(2, gradient=0.0, warped=0.0))
    assert set(step.terms) == {"guidance", "pixel"}


def test_a_weight_scales_its_term(make_settings: MakeSettings) -> None:
    once = first_step(make_settings, loss=LossSettings(2, pixel=1.0))
    twice = first_step(make_settings, loss=LossSettings(2, pixel=2.0))
    assert twice.terms["pixel"].item() == pytest.approx(2.0 * once.terms["pixel"].item())


def test_the_dense_motion_sees_the_landmarks_first(make_settings: MakeSettings) -> None:
    def source_keypoints(at: int) -> Tensor:
        return first_step(make_settings, at=at).source_keypoints.value

    settings = make_settings()
    sampler = PairSampler(settings.data, 32, 0)
    landmarks = sampler.batch(0, 2).source_landmarks[:, list(settings.guidance.landmarks)]
    torch.testing.assert_close(source_keypoints(0), landmarks)
    assert not torch.allclose(source_keypoints(3), landmarks, atol=1e-2)


def test_guidance_that_has_faded_is_not_computed(make_settings: MakeSettings) -> None:
    faded = GuidanceSettings((13, 159, 386), anneal_from=0, anneal_by=10, floor=0.0)
    assert "guidance" in first_step(make_settings, at=5, guidance=faded).terms
    assert "guidance" not in first_step(make_settings, at=10, guidance=faded).terms


def test_only_the_detector_sees_the_degraded_picture(
    make_settings: MakeSettings, cache: str
) -> None:
    settings = make_settings()
    clean = first_step(make_settings, data=DataSettings({str(cache): 1.0}, degradation=0.0))
    poor = first_step(make_settings, data=settings.data)
    # The landmarks drive the dense motion at step 0, so the picture does not know the difference.
    torch.testing.assert_close(clean.animation.picture, poor.animation.picture)
    assert clean.terms["guidance"].item() != poor.terms["guidance"].item()


def test_the_generator_s_own_picture_is_compared_too(make_settings: MakeSettings) -> None:
    step = first_step(make_settings, loss=LossSettings(2, warped=0.0, painting=0.5))
    assert {"painting_pixel", "painting_gradient"} <= set(step.terms)
    zero_order = first_step(
        make_settings,
        architecture="monkey-net",
        guidance=GuidanceSettings(),
        loss=LossSettings(2, painting=0.5),
    )
    assert "painting_pixel" not in zero_order.terms


def test_another_s_motion_is_looked_for_by_a_detector_that_learns_nothing_of_it(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(loss=LossSettings(2, exchange=0.25))
    torch.manual_seed(0)
    sampler = PairSampler(settings.data, settings.model.image_size, 0)
    objective = Objective(build(settings.model), settings, sampler.canonical)
    step = objective(sampler.batch(0, 2), 5, PairRandom(0, 5, range(2)))
    assert "exchange" in step.terms
    step.terms["exchange"].backward()
    detector, generator = objective.model.keypoint_detector, objective.model.generator
    assert isinstance(generator, nn.Module)
    assert all(parameter.grad is None for parameter in detector.parameters())
    assert any(p.grad is not None and bool(p.grad.any()) for p in generator.parameters())


def test_landmarks_teach_the_flow_of_their_own_and_of_another_s_motion(
    make_settings: MakeSettings,
) -> None:
    settings = make_settings(loss=LossSettings(2, flow=2.0, exchanged_flow=3.0))
    torch.manual_seed(0)
    sampler = PairSampler(settings.data, settings.model.image_size, 0)
    objective = Objective(build(settings.model), settings, sampler.canonical)
    step = objective(sampler.batch(0, 2), 5, PairRandom(0, 5, range(2)))
    assert "exchange" not in step.terms
    assert step.exchanged is not None
    assert len(step.exchanged.picture) == len(step.exchanged.landmarks) == 1
    masks = objective.model.get_parameter("dense_motion.mask_head.weight")
    for name, weight in (("flow", 2.0), ("exchanged_flow", 3.0)):
        assert 0.0 < step.terms[name].item() < weight
        (slope,) = torch.autograd.grad(step.terms[name], masks, retain_graph=True)
        assert slope.any()


def test_a_single_pair_has_nobody_to_exchange_with(make_settings: MakeSettings) -> None:
    settings = make_settings(loss=LossSettings(2, exchange=1.0))
    sampler = PairSampler(settings.data, settings.model.image_size, 0)
    objective = Objective(build(settings.model), settings, sampler.canonical)
    step = objective(sampler.batch(0, 1), 0, PairRandom(0, 0, range(1)))
    assert "exchange" not in step.terms
    assert step.exchanged is None
