"""The sizes of a painter's network, and the tensors that follow from them; needs no torch."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from avatarify.networks.config_check import check_values

INPUTS = 8
"""Channels that a painter sees: the picture, the portrait's own patch, two masks."""

FIELDS = 6
"""Channels of a correction: a flow, a gain, a colour."""

FINEST = 8
"""Sides of a patch are multiples of twice this: it is folded once and halved three times."""

_SIDE = (2 * FINEST, 512)


@dataclass(frozen=True, slots=True)
class PainterConfig:
    """One painter."""

    height: int
    """Of the patch, pixels."""

    width: int
    """Of the patch, pixels."""

    widths: tuple[int, int, int, int] = (20, 40, 64, 96)
    """Channels at a half, a quarter, an eighth and a sixteenth of the patch's size."""

    farthest: float = 6.0
    """The flow's limit along each axis, pixels of the patch."""

    strongest: float = 0.7
    """The gain's limit, natural logarithm."""

    loudest: float = 0.35
    """The colour's limit; a picture's colours lie in [0, 1]."""

    kept: float = 1.0
    """Inside the innermost mask, how much of what is drawn is kept: it is moved, and lit coarsely,
    but not coloured. A painter of teeth that are uncertain dims them and fills their gaps: it
    paints the mean."""

    lit: float = 1.0
    """Inside the innermost mask, the share of the gain."""

    moved: float = 1.0
    """Inside the innermost mask, the share of the flow: 0 leaves an iris where it looks."""

    def __post_init__(self) -> None:
        check_values(
            self,
            height=_SIDE,
            width=_SIDE,
            widths=(1, 1024),
            farthest=(0, 1000),
            strongest=(0, 10),
            loudest=(0, 10),
            kept=(0, 1),
            lit=(0, 1),
            moved=(0, 1),
        )
        step = 2 * FINEST
        if self.height % step or self.width % step or min(self.height, self.width) < step:
            raise ValueError(f"a patch's sides are multiples of {step}")
        if len(self.widths) != 4:
            raise ValueError("widths are four numbers")

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the patch."""
        return self.height, self.width

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor of the network by its name."""
        a, b, c, d = self.widths
        sizes = {
            "stem": (a, 4 * INPUTS, 3),
            "down1": (b, a, 3), "mix1a": (b, b, 3), "mix1b": (b, b, 3),
            "down2": (c, b, 3), "mix2a": (c, c, 3), "mix2b": (c, c, 3),
            "down3": (d, c, 3), "mix3a": (d, d, 3), "mix3b": (d, d, 3),
            "up2": (c, d, 1), "join2": (c, c, 3),
            "up1": (b, c, 1), "join1": (b, b, 3),
            "up0": (a, b, 1), "join0": (a, a, 3),
            "move": (3, a, 3), "colour": (12, a, 3),
        }  # fmt: skip
        shapes: dict[str, tuple[int, ...]] = {}
        for name, (after, before, kernel) in sizes.items():
            shapes[f"{name}.weight"] = (after, before, kernel, kernel)
            shapes[f"{name}.bias"] = (after,)
        return shapes

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "PainterConfig":
        """Build from plain values.

        Raises:
            ValueError: A value is missing, unknown or impossible.
        """
        unknown = sorted(set(values) - {entry.name for entry in fields(cls)})
        if unknown:
            raise ValueError(f"unknown key {unknown[0]!r}")
        try:
            return cls(**{**values, "widths": tuple(values.get("widths", (20, 40, 64, 96)))})
        except (TypeError, AttributeError) as error:
            raise ValueError(str(error)) from error
