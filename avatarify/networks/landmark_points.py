"""Which points the landmark networks find, and how large the networks are; needs no torch."""

from dataclasses import dataclass

from avatarify.networks.config_check import check_values

LANDMARKS = 478

MOUTH_POINTS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)  # fmt: skip
"""The outer and the inner line of the lips."""

RIGHT_EYE_POINTS = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
    468, 469, 470, 471, 472, 70, 63, 105, 66, 107, 46, 53, 52, 65, 55,
)  # fmt: skip
"""The lids' edges from the outer corner, the iris, the brow's upper and lower edge."""

LEFT_EYE_POINTS = (
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
    473, 476, 475, 474, 477, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
)  # fmt: skip
"""The counterparts of `RIGHT_EYE_POINTS`, in the same order."""

CLOSE_POINTS = MOUTH_POINTS + RIGHT_EYE_POINTS + LEFT_EYE_POINTS
"""What is looked at closely, in the order in which it is spread to all points."""


@dataclass(frozen=True, slots=True)
class LandmarkConfig:
    """Sizes of the three networks."""

    face_size: int = 128
    """Side of the coarse network's input in pixels."""

    mouth_size: int = 80
    """Side of the mouth's crop in pixels."""

    mouth_side: float = 1.5
    """What it shows: a square of this side, in distances of the mean face's irises."""

    eye_size: int = 64
    """Side of an eye's crop in pixels."""

    face_widths: tuple[int, ...] = (16, 32, 64, 96)
    """Channels after each halving, the last one only to see the whole."""

    mouth_widths: tuple[int, ...] = (24, 48, 96)
    """As `face_widths`."""

    eye_widths: tuple[int, ...] = (24, 48, 96)
    """As `face_widths`."""

    def __post_init__(self) -> None:
        side, width = (16, 1024), (1, 1024)
        check_values(
            self,
            face_size=side,
            mouth_size=side,
            mouth_side=(0.5, 5.0),
            eye_size=side,
            face_widths=width,
            mouth_widths=width,
            eye_widths=width,
        )
        for name in ("face", "mouth", "eye"):
            widths, size = getattr(self, f"{name}_widths"), getattr(self, f"{name}_size")
            if not 2 <= len(widths) <= 8 or size % 2 ** len(widths):
                raise ValueError(f"{name}: {size} pixels cannot be halved {len(widths)} times.")
