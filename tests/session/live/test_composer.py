"""Framing for the output: size, mirror, badge, and memory of its own."""

import numpy as np
import pytest

from avatarify.frames import Image
from avatarify.session.keeping.settings import FitMode, OutputSettings, ViewSettings
from avatarify.session.live.cards import CARD_SIZE, card
from avatarify.session.live.composer import Composer
from avatarify.streaming.output_picture import Origin, OutputPicture

OUTPUT = OutputSettings(width=128, height=64)


def avatar(image: Image) -> OutputPicture:
    return OutputPicture(image, Origin.AVATAR, 0.0)


@pytest.mark.parametrize("fit", list(FitMode))
def test_every_fit_has_the_outputs_size(fit: FitMode, portrait: Image) -> None:
    framed = Composer(ViewSettings(fit=fit), OUTPUT)(avatar(portrait))
    assert framed.shape == (64, 128, 3)
    bars = framed[:, :30]
    assert (bars.max() == 0) == (fit is FitMode.FIT)


def test_only_avatars_are_mirrored(portrait: Image) -> None:
    left_is_white = portrait.copy()
    left_is_white[:, :8] = 255
    composer = Composer(ViewSettings(fit=FitMode.FIT, mirror=True), OUTPUT)
    framed = composer(avatar(left_is_white))
    assert framed[0, 95, 0] == 255  # the square fills columns 32 to 95
    plain = composer(OutputPicture(left_is_white, Origin.CARD, 0.0))
    assert plain[0, 32, 0] == 255


def test_only_avatars_carry_the_badge(portrait: Image) -> None:
    view = ViewSettings(fit=FitMode.FIT, badge=True)
    with_badge = Composer(view, OUTPUT)
    without = Composer(ViewSettings(fit=FitMode.FIT), OUTPUT)
    assert not np.array_equal(with_badge(avatar(portrait)), without(avatar(portrait)))
    drawn = OutputPicture(card("paused"), Origin.CARD, 0.0)
    np.testing.assert_array_equal(with_badge(drawn), without(drawn))


def test_a_picture_of_the_right_size_is_copied() -> None:
    image = card("paused")
    output = OutputSettings(width=CARD_SIZE[1], height=CARD_SIZE[0])
    framed = Composer(ViewSettings(), output)(OutputPicture(image, Origin.CARD, 0.0))
    assert not np.may_share_memory(framed, image)


@pytest.mark.parametrize("fit", [FitMode.FIT, FitMode.BLUR])
def test_beside_an_avatar_before_a_colour_is_that_colour(fit: FitMode, portrait: Image) -> None:
    """A key that takes the green away must take the sides, too."""
    composer = Composer(ViewSettings(fit=fit, background="green"), OUTPUT)
    framed = composer(avatar(portrait))
    assert (framed[:, :30] == (0, 177, 64)).all()
    assert (framed[:, -30:] == (0, 177, 64)).all()
    camera = composer(OutputPicture(portrait, Origin.CARD, 0.0))
    assert not (camera[:, :30] == (0, 177, 64)).all()
