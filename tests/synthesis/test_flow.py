import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it

from avatarify.synthesis.figure import Figure, build_figure
from avatarify.synthesis.flow import flow
from avatarify.synthesis.identity import Identity
from avatarify.synthesis.motion import Motion, express, neutral
from avatarify.synthesis.renderer import Rendering, render

SIZE = 128


def drawn(person: Figure, motion: Motion) -> Rendering:
    return render(person, motion, SIZE)


def test_flow_to_itself_is_the_identity(person: Figure) -> None:
    still = drawn(person, neutral())
    result = flow(still, still)
    line = torch.linspace(-1, 1, SIZE)
    ys, xs = torch.meshgrid(line, line, indexing="ij")
    seen = result.visibility[0, 0] > 0
    assert seen.float().mean() > 0.3
    torch.testing.assert_close(
        result.grid[0][seen], torch.stack((xs, ys), -1)[seen], atol=1e-4, rtol=0
    )


def test_flow_of_a_translation_is_that_translation(person: Figure) -> None:
    first = drawn(person, neutral())
    second = drawn(person, neutral()._replace(translation=torch.tensor([[8 / SIZE, 4 / SIZE]])))
    result, itself = flow(first, second), flow(second, second)
    seen = result.visibility[0, 0] > 0
    travel = (itself.grid - result.grid)[0][seen] * (SIZE - 1) / 2
    torch.testing.assert_close(
        travel, torch.tensor([8.0, 4.0]).expand_as(travel), atol=1e-2, rtol=0
    )


@pytest.mark.parametrize(
    "motion",
    [
        neutral()._replace(rotation_deg=torch.tensor([[16.0, -6.0, 8.0]])),
        express(neutral(), jaw_open=0.6, brow_inner=1.0, blink_left=1.0),
        express(neutral(), smile_left=1.0, smile_right=1.0, pucker=0.3),
    ],
)
def test_warping_by_the_true_flow_reproduces_the_visible_pixels(motion: Motion) -> None:
    # Light from everywhere, and no gloss: shading hardly changes when the head turns.
    flat = Identity(
        key=(0.0, 0.0, 0.0), ambient=(1.2, 1.2, 1.2), rim=0.0, roughness=1.25, hair_style="bald"
    )
    person = build_figure(flat, 512)
    first, second = drawn(person, neutral()), drawn(person, motion)
    result = flow(first, second)
    # Pixels at an outline mix two surfaces; stay one pixel away.
    inner = -F.max_pool2d(-result.visibility, 3, stride=1, padding=1)
    warped = F.grid_sample(first.image, result.grid, align_corners=True)
    error = ((warped - second.image).abs() * inner).sum() / (3 * inner.sum())
    undone = ((first.image - second.image).abs() * inner).sum() / (3 * inner.sum())
    assert inner.mean() > 0.25
    assert error < 0.012
    assert error < 0.5 * undone


def test_hidden_surface_is_marked(person: Figure) -> None:
    first = drawn(person, neutral()._replace(rotation_deg=torch.tensor([[35.0, 0.0, 0.0]])))
    second = drawn(person, neutral()._replace(rotation_deg=torch.tensor([[-35.0, 0.0, 0.0]])))
    result = flow(first, second)
    # Turned to the viewer's left, the viewer's right ear shows; it was hidden before.
    ear = second.landmarks[0, 454, :2].round().long() + torch.tensor([6, 0])
    assert result.visibility[0, 0, ear[1], ear[0]] == 0
    nose = second.landmarks[0, 6].round().long()
    assert result.visibility[0, 0, nose[1], nose[0]] == 1


def test_pictures_of_different_size_are_refused(person: Figure) -> None:
    with pytest.raises(ValueError, match="equal number and size"):
        flow(drawn(person, neutral()), render(person, neutral(), 64))
