"""Whose motion an offline run takes where a clip shows several faces."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from avatarify.tracking.face_choice import ChosenFace, FaceChoice, Follows, too_few

HOW_TO_CHOOSE = "Choose with --face left, right or a number from the left."
"""Where several faces are seen and nothing was said."""


@contextmanager
def following(
    finder: Follows, choice: FaceChoice, name: str, tell: Callable[[str], None]
) -> Iterator[ChosenFace]:
    """Follow the chosen face through a clip, which must have been read when this ends well.

    Args:
        finder: Finds all faces of each frame.
        choice: Which face is meant; the largest if nothing is said.
        name: What the user calls the clip.
        tell: Hears whom it takes, if there are several.

    Raises:
        FaceNotFoundError: The clip shows several faces, and never one of the number chosen.
    """

    def tell_whom(words: str) -> None:
        tell(f"{name} shows {words}" if choice.is_made else f"{name} shows {words} {HOW_TO_CHOOSE}")

    chosen = ChosenFace(finder, choice, tell_whom)
    yield chosen
    if 1 < chosen.most_seen < choice.number:
        raise too_few(choice.number, chosen.most_seen, name)
    if choice.number > 1 and chosen.most_seen == 1:
        tell(f"{name} shows only one face: that one is taken.")
