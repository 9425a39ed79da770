"""The card's frame, run on the CPU: the same code without graphs."""

import numpy as np
import pytest
import torch

from avatarify.animation.backends.acceptance import APPROXIMATE, complaint
from avatarify.animation.backends.static_step import StaticStep
from avatarify.animation.backends.torch_cuda import TorchCudaEngine
from avatarify.animation.torch_engine import TorchEngine
from tests.tiny_models import picture, tiny_model

CPU = torch.device("cpu")
ARCHITECTURES = ["fomm", "monkey-net", "compact"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_engine_paints_what_the_readable_networks_paint(architecture: str) -> None:
    model = tiny_model(architecture)
    engine, reference = TorchCudaEngine(model, "fp32", device=CPU), TorchEngine(model)
    assert complaint(engine, reference, APPROXIMATE) is None
    source, driving = picture(1, model.config.output_size), picture(2, 32)
    found = engine.render(engine.encode(source), engine.keypoints(driving))
    expected = reference.render(reference.encode(source), reference.keypoints(driving))
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_half_precision_changes_only_the_painting() -> None:
    model = tiny_model("compact")
    engine, reference = TorchCudaEngine(model, "bf16", device=CPU), TorchEngine(model)
    assert complaint(engine, reference, APPROXIMATE) is None
    driving = picture(2, 32)
    found, expected = engine.keypoints(driving).value, reference.keypoints(driving).value
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_a_static_step_keeps_its_buffers() -> None:
    step = StaticStep(lambda left, right: (left + right,), (torch.zeros(2), torch.ones(2)))
    (kept,) = step.outputs
    step.inputs[0].fill_(4.0)
    (result,) = step.run()
    assert result is kept
    assert kept.tolist() == [5.0, 5.0]


@pytest.mark.gpu
def test_graphs_on_the_card_paint_the_same() -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA card")
    model = tiny_model("fomm")
    assert complaint(TorchCudaEngine(model), TorchEngine(model), APPROXIMATE) is None
