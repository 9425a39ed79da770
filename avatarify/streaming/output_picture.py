"""The only thing an output accepts: a picture that says where it came from.

A webcam frame is an array; an output takes no arrays. It becomes an `OutputPicture` in three ways:
drawn as a card, made by the animator, or passed through with a permission that the user gave in
this run. The output checks the permission again at the moment of writing.
"""

from dataclasses import dataclass, field
from enum import Enum
from threading import Event

from avatarify.frames import Image


class Origin(Enum):
    """Where the pixels of a picture come from."""

    AVATAR = "avatar"
    """The animator, or the portrait itself."""

    CARD = "card"
    """Drawn by this program."""

    PASS_THROUGH = "pass-through"  # noqa: S105 - the name of a mode, not a password
    """The user's own camera, with permission."""


class PassThroughPermission:
    """The user's explicit yes to showing the real camera, until revoked.

    Only a session's `set_pass_through(True)` makes one; settings files cannot hold it.
    """

    __slots__ = ("_revoked",)

    def __init__(self) -> None:
        self._revoked = Event()

    @property
    def is_valid(self) -> bool:
        """Whether the real camera may be shown now."""
        return not self._revoked.is_set()

    def revoke(self) -> None:
        """Take the permission back, for every picture that carries it."""
        self._revoked.set()


@dataclass(frozen=True, slots=True, eq=False)
class OutputPicture:
    """One picture on its way to the outputs."""

    image: Image
    """RGB, uint8, (H, W, 3)."""

    origin: Origin
    """Where the pixels come from."""

    time_s: float
    """`time.monotonic()` when the driving frame was captured, or when a card was drawn."""

    index: int = 0
    """Index of the driving frame."""

    generation: int = 0
    """Counts avatars and holds: pictures of an older generation are not shown any more."""

    permission: PassThroughPermission | None = field(default=None, repr=False)
    """Set exactly when the origin is PASS_THROUGH."""

    def __post_init__(self) -> None:
        if (self.origin is Origin.PASS_THROUGH) != (self.permission is not None):
            raise ValueError("A pass-through picture, and only that, carries a permission.")

    @property
    def is_allowed(self) -> bool:
        """Whether this picture may be shown at this moment."""
        return self.permission is None or self.permission.is_valid
