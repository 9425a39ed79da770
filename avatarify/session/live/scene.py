"""What others see when nothing moves: the still avatar, a card, or the test pattern.

Each change starts a new generation. Moving pictures carry the generation they were made for, and
the output shows only those of the present one: so a switch of the avatar, a hold or the end of
pass-through takes effect at once, whatever is still under way in the other threads.
"""

import time
from itertools import count

from avatarify.frames import Image
from avatarify.media.test_pattern import draw_test_pattern
from avatarify.session.live.cards import CARD_SIZE, card
from avatarify.streaming.output_picture import Origin, OutputPicture

NO_GENERATION = -1
"""Pictures with this number are never shown."""

PATTERN_FPS = 30
"""How fast the test pattern's mark moves."""


class Scene:
    """Holds one immutable picture; changed by the user's calls, read by the output thread."""

    def __init__(self, text: str) -> None:
        """Start with a card.

        Args:
            text: What the card says.
        """
        self._generations = count()
        self._avatar: Image | None = None
        self._text = text
        self._shows_pattern = False
        self._rest = self._make()

    @property
    def rest(self) -> OutputPicture:
        """The picture to ease to; the test pattern is a new one at each look."""
        rest = self._rest
        if not self._shows_pattern:
            return rest
        now_s = time.monotonic()
        pattern = draw_test_pattern(*CARD_SIZE, index=int(now_s * PATTERN_FPS))
        return OutputPicture(pattern, Origin.CARD, now_s, generation=rest.generation)

    @property
    def generation(self) -> int:
        """Which moving pictures may be shown: those that carry this number.

        While the test pattern is shown it is one that no scene has.
        """
        return NO_GENERATION if self._shows_pattern else self._rest.generation

    def show_avatar(self, image: Image) -> int:
        """Rest on this avatar.

        Args:
            image: The square portrait, RGB (H, W, 3).

        Returns:
            The new generation.
        """
        self._avatar = image
        return self.renew()

    def show_pattern(self, is_on: bool) -> int:
        """Show the test pattern instead of everything else, or no longer."""
        self._shows_pattern = is_on
        return self.renew()

    def renew(self) -> int:
        """Start a new generation: nothing that is under way will be shown."""
        self._rest = self._make()
        return self.generation

    def _make(self) -> OutputPicture:
        origin, image = Origin.CARD, None
        if self._avatar is not None:
            origin, image = Origin.AVATAR, self._avatar
        if image is None:
            image = card(self._text)
        return OutputPicture(image, origin, time.monotonic(), generation=next(self._generations))
