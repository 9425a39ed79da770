"""Each change of the scene makes older pictures worthless."""

from avatarify.frames import Image
from avatarify.session.live.scene import NO_GENERATION, Scene
from avatarify.streaming.output_picture import Origin


def test_a_card_stands_in_for_an_avatar(portrait: Image) -> None:
    scene = Scene("starting")
    before = scene.rest
    generation = scene.show_avatar(portrait)
    assert (before.origin, scene.rest.origin) == (Origin.CARD, Origin.AVATAR)
    assert scene.rest.image is portrait
    assert scene.rest.generation == scene.generation == generation


def test_generations_never_repeat(portrait: Image) -> None:
    scene = Scene("starting")
    seen = [scene.show_avatar(portrait), scene.renew(), scene.renew(), scene.show_avatar(portrait)]
    assert len(set(seen)) == 4


def test_the_test_pattern_lets_nothing_else_through_and_moves(portrait: Image) -> None:
    scene = Scene("starting")
    scene.show_avatar(portrait)
    assert scene.show_pattern(True) == NO_GENERATION
    assert scene.renew() == NO_GENERATION
    first, second = scene.rest, scene.rest
    assert first.origin is Origin.CARD
    assert first.generation == second.generation != NO_GENERATION
    assert scene.show_pattern(False) == scene.rest.generation
    assert scene.rest.image is portrait
