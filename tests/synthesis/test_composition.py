import torch

from avatarify.synthesis.composition import compose
from avatarify.synthesis.figure import Figure
from avatarify.synthesis.renderer import render


def test_the_face_has_its_size_and_place(person: Figure) -> None:
    shown = render(person, compose(person, (90, 160)), (90, 160), supersampling=1)
    face = shown.landmarks[0, :468, :2]
    low, high = face.amin(dim=0), face.amax(dim=0)
    assert abs(float((high - low)[1]) / 90 - 0.43) < 1e-4
    torch.testing.assert_close((high + low) / 2, torch.tensor([80.0, 0.45 * 90]), atol=1e-3, rtol=0)


def test_high_hair_stays_in_the_picture(person: Figure) -> None:
    # Somebody whose hair ends a whole face above the face.
    tall = person._replace(extras=person.extras * torch.tensor([1.0, 1.5, 1.0]))
    motion = compose(tall, (90, 160))
    assert motion.scale < compose(person, (90, 160)).scale
    assert motion.translation[0, 1] > compose(person, (90, 160)).translation[0, 1]
